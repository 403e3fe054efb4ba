// The Fréchet distance against closed forms, and the features that it is taken on.
#include "pnn/study/frechet.hpp"

#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/model/model.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;

Matrix<float> normals(Index n, Index d, std::uint16_t stream) {
  Matrix<float> m(n, d);
  fill_normal({11, Purpose::test, stream}, std::span<float>(m.data(), std::size_t(m.size())));
  return m;
}

/// A Gaussian of a mean and a covariance that is not diagonal.
study::Gaussian example() {
  study::Gaussian g{Vector<double>::Zero(4), Matrix<double>::Zero(4, 4)};
  Matrix<double> root = normals(4, 4, 1).cast<double>();
  g.mean << 1, -2, 0.5, 3;
  g.covariance = root * root.transpose();
  return g;
}

train::Params trained(const network::NetworkSpec& spec, const network::Dataset& data, network::Task task,
                      int epochs) {
  const network::Resolved net = network::resolve(spec, {});
  const model::Model model = model::nominal_model(net.plans(), {});
  train::TrainSettings settings;
  settings.task = task;
  settings.updates.batch = 20;
  settings.length.epochs = epochs;
  settings.updates.lr = 1e-2;
  return test::run_training({net, model, 0, data, settings}, nullptr, nullptr);
}

}  // namespace

TEST_CASE("mean and covariance of samples are the sums written out") {
  const Matrix<float> x = normals(300, 3, 2);  // two chunks
  const study::Gaussian g = study::fit_gaussian(view(x));
  for (Index a = 0; a < 3; ++a) {
    double mean = 0;
    for (Index n = 0; n < 300; ++n) mean += double(x(n, a)) / 300;
    CHECK(g.mean[a] == Approx(mean).margin(1e-12));
    for (Index b = 0; b < 3; ++b) {
      double sum = 0;
      for (Index n = 0; n < 300; ++n) sum += (double(x(n, a)) - g.mean[a]) * (double(x(n, b)) - g.mean[b]);
      CHECK(g.covariance(a, b) == Approx(sum / 299).margin(1e-12));
    }
  }
}

TEST_CASE("the Fréchet distance of Gaussians has its closed forms") {
  const study::Gaussian g = example();
  const double trace = g.covariance.trace();
  CHECK(study::frechet_distance(g, g) < 1e-12 * trace * 10);

  study::Gaussian shifted = g;
  shifted.mean.array() += 0.5;
  CHECK(study::frechet_distance(g, shifted) == Approx(4 * 0.25));  // |Δ|²

  study::Gaussian scaled = g;  // covariances that commute: tr (Σ₁^½ − Σ₂^½)²
  scaled.covariance *= 9;
  CHECK(study::frechet_distance(g, scaled) == Approx(4 * trace));
  CHECK(study::frechet_distance(scaled, g) == Approx(4 * trace));

  study::Gaussian a{Vector<double>::Zero(2), Matrix<double>::Zero(2, 2)}, b = a;
  a.covariance.diagonal() << 4, 0;  // singular, on axes of their own
  b.covariance.diagonal() << 0, 9;
  CHECK(study::frechet_distance(a, b) == Approx(13));
  // [[2, 1], [1, 2]] and the identity: eigenvalues 1 and 3, so (1 − 1)² + (√3 − 1)²
  a.covariance << 2, 1, 1, 2;
  b.covariance.setIdentity();
  CHECK(study::frechet_distance(a, b) == Approx(std::pow(std::sqrt(3.0) - 1, 2)));
  // of two matrices that do not commute: tr √(AB) = √(tr AB + 2 √det AB) in two dimensions
  b.covariance << 5, 0, 0, 0.5;
  const double cross = (a.covariance * b.covariance).trace(), det = 3 * 2.5;
  CHECK(study::frechet_distance(a, b) == Approx(4 + 5.5 - 2 * std::sqrt(cross + 2 * std::sqrt(det))));
}

TEST_CASE("features are the inputs of a digital classifier's last matrix layer") {
  const network::Dataset data = test::clusters(6, 60, 40, 0.4F, 0.6F);
  const train::Params classifier =
      trained({"6", {"dense:out=5", "batchnorm", "tanh", "dense:out=3", "softplus"}}, data,
              network::Task::classify, 3);
  const study::FeatureSpace space(classifier, "classifier.h5");
  REQUIRE(space.size() == 5);
  CHECK(space.pictures().size() == 6);
  const auto tensor = [&](const std::string& name) {
    for (const train::Tensor& t : classifier.digital)
      if (t.name == name) return t.values.data;
    FAIL(name);
    return std::vector<float>();
  };
  const auto w = tensor("dense1/weight"), bias = tensor("dense1/bias"), scale = tensor("batchnorm1/scale"),
             shift = tensor("batchnorm1/shift"), mean = tensor("batchnorm1/mean"),
             variance = tensor("batchnorm1/variance");
  Matrix<float> expected(40, 5);
  for (Index n = 0; n < 40; ++n) {
    for (std::size_t f = 0; f < 5; ++f) {
      double sum = double(bias[f]);
      for (std::size_t k = 0; k < 6; ++k) sum += double(w[f * 6 + k]) * double(data.test.x(n, Index(k)));
      sum = (sum - double(mean[f])) / std::sqrt(double(variance[f]) + 1e-5);
      expected(n, Index(f)) = float(std::tanh(double(scale[f]) * sum + double(shift[f])));
    }
  }
  const study::Gaussian found = space.gaussian(view(data.test.x)),
                        written = study::fit_gaussian(view(std::as_const(expected)));
  CHECK((found.mean - written.mean).norm() < 1e-4);  // some ten roundings of float a feature
  CHECK((found.covariance - written.covariance).norm() < 1e-4);
}

TEST_CASE("what has no features is refused, and so are pictures that a classifier does not read") {
  const network::Dataset data = test::clusters(6, 60, 40, 0.4F, 0.6F);
  const auto refuse = [&](const train::Params& params) {
    try {
      const study::FeatureSpace space(params, "c.h5");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(refuse(trained({"6", {"mrr:out=5", "relu", "dense:out=3"}}, data, network::Task::classify, 1)),
             Contains("c.h5: features are those of a digital network") && Contains("mrr1 is physical"));
  CHECK_THAT(refuse(trained({"6", {"dense:out=3"}}, data, network::Task::classify, 1)),
             Contains("a hidden layer"));
  CHECK_THAT(refuse(trained({"6", {"dense:out=5", "dense:out=6"}}, data, network::Task::reconstruct, 1)),
             Contains("found parameters of task reconstruct"));

  const study::FeatureSpace space(
      trained({"6", {"dense:out=5", "relu", "dense:out=3"}}, data, network::Task::classify, 1), "c.h5");
  const auto message = [&](const train::Params& params, const network::Dataset& shown) {
    const network::Resolved net = network::resolve(params.network, {});
    const model::Model model = model::nominal_model(net.plans(), {});
    study::SweepInput in{.tool = "test", .params = {&params}, .network = net, .data = shown};
    in.target.model = &model;
    in.target.indices = {0};
    in.features = &space;
    Progress quiet;
    try {
      static_cast<void>(study::sweep(in, quiet));
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(message(trained({"6", {"mrr:out=3"}}, data, network::Task::classify, 1), data),
             Contains("trained to classify"));
  const network::Dataset wide = test::clusters(9, 60, 40, 0.4F, 0.6F);
  CHECK_THAT(message(trained({"9", {"mrr:out=9"}}, wide, network::Task::reconstruct, 1), wide),
             Contains("pictures of 6 numbers, those of the data set have 9"));
  CHECK(message(trained({"6", {"mrr:out=6"}}, data, network::Task::reconstruct, 1), data).empty());
}

TEST_CASE("a sweep keeps outputs and their distance to the data, of an autoencoder and of a generator") {
  const network::Dataset data = test::clusters(6, 60, 40, 0.4F, 0.6F);
  const study::FeatureSpace space(
      trained({"6", {"dense:out=5", "tanh", "dense:out=3"}}, data, network::Task::classify, 3), "c.h5");
  for (const network::Task task : {network::Task::reconstruct, network::Task::generate}) {
    INFO(word_of(task));
    const train::Params params = trained(
        {task == network::Task::generate ? "2" : "6", {"mrr:out=8", "tanh", "dense:out=6"}}, data, task, 20);
    const network::Resolved net = network::resolve(params.network, {});
    const model::Model model = model::nominal_model(net.plans(), {});
    study::SweepInput in{.tool = "test", .params = {&params}, .network = net, .data = data};
    in.target.model = &model;
    in.target.indices = {0};
    in.axes = {{"drift", "K", "", {-2, 0, 2}}};
    in.features = &space;
    in.outputs = 7;
    Progress quiet;
    const study::Result r = study::sweep(in, quiet).result;
    CHECK(r.task == task);
    CHECK(r.frechet.shape == r.loss.shape);
    REQUIRE(r.outputs.shape == std::vector<std::size_t>{1, 3, 1, 1, 7, 6});
    REQUIRE(r.pictures.shape == std::vector<std::size_t>{7, 6, 1, 1});
    CHECK(std::equal(r.pictures.data.begin(), r.pictures.data.end(), data.test.x.data()));
    CHECK(r.frechet.data[1] < r.frechet.data[0]);  // drift by 2 K takes the outputs from the data
    CHECK(r.frechet.data[1] < r.frechet.data[2]);
    // the distance is that of all outputs; with as many kept as shown it can be made again from the result
    in.outputs = 40;
    const study::Result all = study::sweep(in, quiet).result;
    const ConstMatrixView<float> first(all.outputs.data.data(), 40, 6);
    const double expected = study::frechet_distance(space.gaussian(view(data.test.x)), space.gaussian(first));
    CHECK(all.frechet.data[0] == expected);
    in.outputs = 41;
    CHECK_THROWS_WITH(study::sweep(in, quiet), Contains("--outputs 41: 40 samples are shown"));
  }
}

TEST_CASE("the undisturbed condition is found on any grid that holds it") {
  using Axes = std::vector<study::Axis>;
  CHECK(study::undisturbed_condition(Axes{{"drift", "K", "", {-0.1, -0.1 + 0.1, 0.1}}}) == 1U);
  CHECK(study::undisturbed_condition(
            Axes{{"scale", "1", "", {0.9, 1, 1.1}}, {"rotation", "°", "", {1, 0}}}) == 3U);
  CHECK_FALSE(study::undisturbed_condition(Axes{{"drift", "K", "", {-1, 1}}}));
  CHECK_FALSE(study::undisturbed_condition(Axes{{"temperature", "°C", "", {0, 22}}}));
  CHECK_FALSE(study::undisturbed_condition(Axes{{"mzi.bs", "rad", "", {0, 0.1}}}));
  CHECK_FALSE(study::undisturbed_condition({}));
}
