// Eigenvalues and traces against matrices written out; slices against plain evaluations.
#include "pnn/study/landscape.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;

namespace {

/// A small trained network on a model, and its surface.
struct Trained {
  platform::Process process;
  network::Resolved net;
  model::Model model;
  network::Dataset data = test::clusters(6, 90, 60, 0.2F, 0.8F);
  train::Params params;
  explicit Trained(const std::vector<std::string>& layers)
      : net(network::resolve({"6", layers}, process)), model(model::nominal_model(net.plans(), process)) {
    train::TrainSettings settings;
    settings.updates.batch = 30;
    settings.length.epochs = 3;
    params = test::run_training({net, model, 0, data, settings, 1, nullptr, nullptr}, nullptr, nullptr);
  }
  [[nodiscard]] study::ModelSurface surface(const study::LandscapeSettings& settings) const {
    return {model, 0, net, params, data.test, settings, {}};
  }
};

const std::vector<std::string> rings = {"mrr:out=3", "batchnorm", "tanh", "mrr:out=3"};
const std::vector<std::string> meshes = {"mzi:modes=6,detect=modulus,keep=3"};

/// The Hessian, column by column.
Matrix<double> written_out(study::ModelSurface& surface) {
  const Index n = surface.size();
  const study::HessianProduct product = surface.hessian(1e-5);
  Matrix<double> h(n, n);
  std::vector<double> v(std::size_t(n), 0.0), hv(v.size());
  for (Index k = 0; k < n; ++k) {
    v[std::size_t(k)] = 1;
    product(v, hv);
    v[std::size_t(k)] = 0;
    h.col(k) = Eigen::Map<const Vector<double>>(hv.data(), n);
  }
  return h;
}

}  // namespace

TEST_CASE("the largest eigenvalues of a known matrix come out, with their vectors") {
  constexpr Index n = 60;
  Matrix<double> a(n, n);
  fill_normal({1, Purpose::test}, std::span<double>(a.data(), std::size_t(a.size())));
  const Matrix<double> h = a + a.transpose();
  const auto top = study::top_eigenvalues(
      [&](std::span<const double> v, std::span<double> out) {
        Eigen::Map<Vector<double>>(out.data(), n) = h * Eigen::Map<const Vector<double>>(v.data(), n);
      },
      n, 3);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> exact(h);
  for (Index k = 0; k < 3; ++k) {
    CHECK(top.values[k] == Approx(exact.eigenvalues()[n - 1 - k]).epsilon(1e-6));
    const Vector<double> v = top.vectors.row(k).transpose();
    CHECK((h * v - top.values[k] * v).norm() < 1e-4 * std::abs(top.values[k]));
  }
  CHECK(top.products > 0);
}

TEST_CASE("the Hessian of a trained network is that of its loss, and symmetric") {
  for (const auto& layers : {rings, meshes}) {
    for (const train::Space space : {train::Space::controls, train::Space::weights}) {
      INFO(layers.front() << " in " << word_of(space));
      const Trained t(layers);
      study::LandscapeSettings settings;
      settings.space = space;
      study::ModelSurface surface = t.surface(settings);
      const Matrix<double> h = written_out(surface);
      const double size = h.norm();
      REQUIRE(size > 0);
      CHECK((h - h.transpose()).norm() < 1e-4 * size);

      // along a direction: the second difference of the loss (free of the range: a small step)
      std::vector<double> d(std::size_t(surface.size())), g(d.size()), up(d.size());
      fill_symmetric({1, Purpose::test}, d);
      const Eigen::Map<const Vector<double>> direction(d.data(), Index(d.size()));
      constexpr double step = 1e-4;
      const auto slope_at = [&](double amount) {
        std::vector<double> u(d);
        for (double& x : u) x *= amount;
        surface.gradient(u, g);
        return Eigen::Map<const Vector<double>>(g.data(), Index(g.size())).dot(direction);
      };
      const double curvature = (slope_at(step) - slope_at(-step)) / (2 * step);
      CHECK(curvature == Approx(direction.dot(h * direction)).epsilon(1e-3).margin(1e-4 * size));

      settings.hessian = 2;
      settings.trace = 400;
      settings.slice = study::Slice::none;
      Progress quiet;
      const study::Landscape landscape = study::explore(surface, &surface, settings, 1, quiet);
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> exact((h + h.transpose()) / 2);
      for (Index k = 0; k < 2; ++k)
        CHECK(landscape.eigenvalues[std::size_t(k)] ==
              Approx(exact.eigenvalues()[h.rows() - 1 - k]).epsilon(1e-3));
      double mean = 0, squares = 0;
      for (const double estimate : landscape.trace) mean += estimate / 400;
      for (const double estimate : landscape.trace) squares += (estimate - mean) * (estimate - mean);
      CHECK(std::abs(mean - h.trace()) < 5 * std::sqrt(squares / 399 / 400) + 1e-4 * size);
    }
  }
}

TEST_CASE("the gradient of a surface predicts the change of its value") {
  const Trained t(meshes);
  study::ModelSurface surface = t.surface({});
  std::vector<double> u(std::size_t(surface.size())), d(u.size()), g(u.size());
  fill_symmetric({1, Purpose::test, 1}, d);
  surface.gradient(u, g);
  double slope = 0;
  for (std::size_t k = 0; k < d.size(); ++k) slope += g[k] * d[k];
  const auto value = [&](double amount) {
    for (std::size_t k = 0; k < d.size(); ++k) u[k] = amount * d[k];
    return surface.value(u).loss;
  };
  CHECK((value(1e-4) - value(-1e-4)) / 2e-4 == Approx(slope).epsilon(1e-5));
}

TEST_CASE("the middle of a slice is the trained network, and a filter's direction has its length") {
  for (const auto& layers : {rings, meshes}) {
    const Trained t(layers);
    study::LandscapeSettings settings;
    settings.slice = study::Slice::plane;
    settings.points = 5;
    settings.histogram = true;
    study::ModelSurface surface = t.surface(settings);
    Progress quiet;
    const study::Landscape landscape = study::explore(surface, &surface, settings, 1, quiet);
    study::Chip chip = study::model_chip(t.model, 0, 1);
    study::Deployed deployed = study::deploy(t.params, t.net);
    chip.prepare({}, deployed.controls, 0);
    const network::Evaluation plain = network::evaluate(t.net, {{}, deployed.digital, deployed.state},
                                                        t.data.test, network::Task::classify, &chip);
    REQUIRE(landscape.loss.size() == 25);
    CHECK(landscape.loss[12] == Approx(plain.loss).epsilon(1e-4));
    CHECK(landscape.score[12] == Approx(plain.score).epsilon(1e-9));
    CHECK(landscape.loss[0] != landscape.loss[12]);

    const std::vector<double> direction =
        study::filter_normalised_direction(surface, {1, Purpose::test, 7, 0, 0});
    Index begin = 0;
    for (const Index length : surface.filters()) {
      const Eigen::Map<const Vector<double>> part(direction.data() + begin, length);
      const Eigen::Map<const Vector<double>> filter(surface.origin().data() + begin, length);
      CHECK(part.norm() == Approx(filter.norm()).epsilon(1e-9));
      begin += length;
    }
    CHECK(begin == surface.size());

    CHECK(landscape.controls.size() == std::size_t(surface.size()));
    CHECK(landscape.component.size() == std::size_t(surface.size()));
    for (const double f : landscape.controls) CHECK((f >= 0 && f <= 1));
  }
}

TEST_CASE("the sensitivity of the parts is the norm of a column of the Jacobian") {
  const Trained t(meshes);
  study::LandscapeSettings settings;
  settings.scale = study::CoordinateUnit::own;
  study::ModelSurface surface = t.surface(settings);
  constexpr int probes = 4000;
  const std::vector<double> estimated = surface.component_sensitivity(1, probes);
  const auto map = std::move(model::make_maps<double>(t.model, 0)[0]);
  std::vector<double> controls(surface.origin().begin(), surface.origin().end());
  Matrix<double> up(map->rows(), map->cols()), down(up);
  for (std::size_t k = 0; k < controls.size(); ++k) {
    const double at = controls[k];
    controls[k] = at + 1e-5;
    map->evaluate({controls, {}, {}}, view(up));
    controls[k] = at - 1e-5;
    map->evaluate({controls, {}, {}}, view(down));
    controls[k] = at;
    const double exact = ((up - down) / 2e-5).norm();
    INFO(k);
    CHECK(estimated[k] == Approx(exact).epsilon(0.12).margin(1e-6));
  }
}

TEST_CASE("a histogram counts everything once") {
  const std::vector<std::vector<double>> values = {{0, 1e-9, 0.5, 2}, {1, 2, 2}};
  for (const bool logarithmic : {true, false}) {
    const study::Histogram h = study::histogram_of("x", "", values, logarithmic);
    REQUIRE(h.edges.size() == h.counts.dim(1) + 1);
    for (std::size_t m = 0; m < 2; ++m) {
      double sum = 0;
      for (const double c : h.counts.slice(m)) sum += c;
      CHECK(sum == double(values[m].size()));
    }
  }
}

TEST_CASE("what a device cannot tell is refused") {
  study::LandscapeSettings settings;
  settings.hessian = 1;
  CHECK_THROWS_AS(settings.check(true), UsageError);
  CHECK_NOTHROW(settings.check(false));
  settings.points = 4;
  CHECK_THROWS_AS(settings.check(false), UsageError);
  settings.points = 5;
  settings.directions = study::Directions::hessian, settings.slice = study::Slice::plane;
  CHECK_THROWS_AS(settings.check(false), UsageError);
}
