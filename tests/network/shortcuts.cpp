// Sums, pooling, groups of channels, dropout and smoothed labels against their formulas.
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/network.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using network::Statistics;

namespace {

std::vector<double> random_values(Index count, std::uint16_t stream) {
  std::vector<double> values(static_cast<std::size_t>(count));
  fill_symmetric({9, Purpose::test, stream}, values);
  return values;
}

Matrix<double> random_rows(Index rows, Index cols) {
  Matrix<double> x(rows, cols);
  const auto values = random_values(rows * cols, 1);
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

/// The outputs of a digital network.
Matrix<double> outputs(const network::NetworkSpec& spec, const Matrix<double>& x,
                       const std::vector<double>& digital = {}) {
  const network::Resolved net = network::resolve(spec, {});
  REQUIRE(network::digital_layout(net).trained_size == Index(digital.size()));
  network::Pass<double> pass(net, x.rows());
  std::vector<double> state;
  return pass.forward(view(x), {{}, digital, state}, Statistics::running);
}

std::string complaint(const std::string& inputs, const std::vector<std::string>& layers) {
  return test::message_of<UsageError>([&] { static_cast<void>(network::resolve({inputs, layers}, {})); });
}

}  // namespace

TEST_CASE("a sum adds what was saved, of every S-th line and column in its first channels") {
  const Matrix<double> x = random_rows(3, 2 * 5 * 4);
  CHECK(outputs({"2x5x4", {"save:a", "tanh", "add:a"}}, x).isApprox(x + x.array().tanh().matrix(), 1e-14));
  const std::vector<double> digital = random_values(4 * 2 * 9 + 4, 2);
  const Matrix<double> with =
      outputs({"2x5x4", {"save:a", "conv:out=4,kernel=3,pad=1,stride=2", "add:a,stride=2"}}, x, digital);
  const Matrix<double> without = outputs({"2x5x4", {"conv:out=4,kernel=3,pad=1,stride=2"}}, x, digital);
  REQUIRE(with.cols() == 4 * 3 * 2);
  for (Index n = 0; n < 3; ++n)
    for (Index c = 0; c < 4; ++c)
      for (Index row = 0; row < 3; ++row)
        for (Index col = 0; col < 2; ++col) {
          const Index at = (c * 3 + row) * 2 + col;
          const double added = c < 2 ? x(n, (c * 5 + 2 * row) * 4 + 2 * col) : 0;
          CHECK(with(n, at) == Approx(without(n, at) + added).margin(1e-14));
        }
}

TEST_CASE("what a normalisation gives is saved before the ReLU that is computed with it") {
  const Matrix<double> x = random_rows(4, 3);
  const network::Resolved net =
      network::resolve({"3", {"batchnorm", "save:a", "relu", "save:b", "add:a", "add:b"}}, {});
  network::Pass<double> pass(net, 4);
  const std::vector<double> digital = {1, 1, 1, 0, 0, 0};
  std::vector<double> state = {0, 0, 0, 1, 1, 1};
  const Matrix<double> y = pass.forward(view(x), {{}, digital, state}, Statistics::running);
  CHECK(y.isApprox((x + 2 * x.cwiseMax(0.0)) / std::sqrt(1 + 1e-5), 1e-12));
}

TEST_CASE("average pooling gives means of windows, or of the whole picture") {
  const Matrix<double> x = random_rows(2, 3 * 5 * 4);
  const Matrix<double> two = outputs({"3x5x4", {"avgpool:2"}}, x);
  const Matrix<double> all = outputs({"3x5x4", {"avgpool:global"}}, x);
  REQUIRE(two.cols() == 3 * 2 * 2);  // the last line fills no window
  REQUIRE(all.cols() == 3);
  const auto pixel = [&](Index n, Index c, Index row, Index col) { return x(n, (c * 5 + row) * 4 + col); };
  CHECK(two(1, 2 * 4 + 3) ==
        Approx((pixel(1, 2, 2, 2) + pixel(1, 2, 2, 3) + pixel(1, 2, 3, 2) + pixel(1, 2, 3, 3)) / 4));
  for (Index c = 0; c < 3; ++c) CHECK(all(1, c) == Approx(x.row(1).segment(20 * c, 20).mean()));
}

TEST_CASE("a convolution in groups is the whole one with zeros between the groups") {
  const Matrix<double> x = random_rows(9, 4 * 6 * 5);  // more than a chunk of images
  const Index taps = 3 * 3;
  const std::vector<double> parts = random_values(6 * 2 * taps + 6, 3);
  std::vector<double> whole(std::size_t(6 * 4 * taps + 6));
  for (Index out = 0; out < 6; ++out) {
    const Index group = out / 3;
    std::copy_n(parts.begin() + out * 2 * taps, 2 * taps, whole.begin() + out * 4 * taps + group * 2 * taps);
  }
  std::copy_n(parts.end() - 6, 6, whole.end() - 6);
  for (const std::string stride : {"1", "2"}) {
    const std::string conv = "conv:out=6,kernel=3,pad=1,stride=" + stride;
    CHECK(outputs({"4x6x5", {conv + ",groups=2"}}, x, parts)
              .isApprox(outputs({"4x6x5", {conv}}, x, whole), 1e-13));
  }
}

TEST_CASE("dropout leaves out the stated share, by the sample's number alone, and only when asked") {
  const network::Resolved net = network::resolve({"500", {"dropout:0.3"}}, {});
  const Matrix<double> x = Matrix<double>::Ones(40, 500);
  network::Pass<double> pass(net, 40);
  std::vector<double> state;
  const network::Parameters<double> none{{}, {}, state};
  const auto shown = [&](const Matrix<double>& rows) {
    return Matrix<double>(pass.forward(view(rows), none, Statistics::batch));
  };
  CHECK(shown(x) == x);
  pass.set_drop(Stream{5, Purpose::dropout, 0, 0, 1});
  const Matrix<double> y = shown(x);
  const double zeros = double((y.array() == 0).count()) / double(y.size());
  CHECK(zeros == Approx(0.3).margin(4 * std::sqrt(0.21 / 20000)));
  CHECK(((y.array() == 0) || (y.array() - 1 / 0.7).abs() < 1e-12).all());
  pass.set_drop(Stream{5, Purpose::dropout, 0, 30, 1});  // a part of the batch, from sample 30 on
  CHECK(shown(x.topRows(10)) == y.bottomRows(10));
  pass.set_drop(Stream{5, Purpose::dropout, 0, 0, 2});
  CHECK(shown(x) != y);
  pass.set_drop(std::nullopt);
  CHECK(shown(x) == x);
}

TEST_CASE("smoothed labels are a mixture of the label and all classes") {
  const Matrix<double> x = random_rows(3, 4);
  const network::Resolved net = network::resolve({"4", {"tanh"}}, {});
  network::Pass<double> pass(net, 3);
  std::vector<double> state;
  const Matrix<double> y = pass.forward(view(x), {{}, {}, state}, Statistics::batch);
  const std::vector<std::int32_t> labels = {2, 0, 3};
  double expected = 0;
  for (Index n = 0; n < 3; ++n) {
    const double total = std::log(y.row(n).array().exp().sum());
    for (Index c = 0; c < 4; ++c)
      expected += (total - y(n, c)) * ((c == labels[std::size_t(n)] ? 0.9 : 0.0) + 0.1 / 4) / 3;
  }
  const auto loss = [&](double smoothing) {
    return pass.loss(network::Task::classify, labels, ConstMatrixView<double>(nullptr, 0, 0), smoothing).mean;
  };
  CHECK(loss(0.1) == Approx(expected).epsilon(1e-12));
  CHECK(loss(0) < expected + 1);
  CHECK(loss(0) != Approx(expected));
}

TEST_CASE("sums, pooling, groups and dropout keep their texts, and what does not fit says why") {
  const std::vector<std::string> layers = {"save:a", "conv:out=4,kernel=3,pad=1,stride=2,groups=2",
                                           "add:a,stride=2", "dropout:0.2", "avgpool:global"};
  const network::Resolved net =
      network::resolve({"2x6x6",
                        {"save: name=a", "conv:groups=2,out=4,kernel=3,stride=2,pad=1", "add:stride=2,name=a",
                         "dropout:rate=0.2", "avgpool:size=global"}},
                       {});
  CHECK(net.spec.layers == layers);
  CHECK(network::resolve(net.spec, {}).spec == net.spec);
  REQUIRE(net.layers.size() == 4);
  CHECK(net.layers[1].from == -1);
  CHECK(net.added(1) == network::Shape{2, 6, 6});
  CHECK(net.output() == network::Shape{4, 1, 1});

  CHECK_THAT(complaint("4", {"save:a", "tanh", "add:b"}), Contains("adds nothing") && Contains("saved: a"));
  CHECK_THAT(complaint("4", {"tanh", "add"}), Contains("put save:a before"));
  CHECK_THAT(complaint("4", {"save", "tanh"}), Contains("needs a name"));
  CHECK_THAT(complaint("4", {"save:a", "tanh"}), Contains("nothing adds it"));
  CHECK_THAT(complaint("4", {"save:a", "tanh", "save:a", "add:a"}), Contains("stands twice"));
  CHECK_THAT(complaint("4", {"save:a", "dense:out=3", "add:a"}),
             Contains("3 reaches it, and what was saved is 4"));
  CHECK_THAT(complaint("2x6x6", {"save:a", "conv:out=1,kernel=3,pad=1,stride=2", "add:a,stride=2"}),
             Contains("what was saved is 2x6x6"));
  CHECK_THAT(complaint("4c", {"save:a", "electro-optic", "add:a"}), Contains("as a field"));
  CHECK_THAT(complaint("4x6x6", {"conv:out=6,kernel=3,groups=3"}),
             Contains("divides the channels, 4 before"));
  CHECK_THAT(complaint("4", {"dropout:1"}), Contains("above 0 and below 1, found 1"));
  CHECK_THAT(complaint("1x4x4", {"avgpool:5"}), Contains("leaves nothing of 1x4x4"));
  CHECK_THAT(complaint("4x6x6", {"mrr-conv:out=6,kernel=3,groups=2"}), Contains("no key \"groups\""));
  CHECK_THAT(complaint("4", {"save:a"}), Contains("nothing adds it"));
}

TEST_CASE("a save changes no gain, and a sum has the signs of both its parts") {
  const auto net =
      network::resolve({"4", {"mrr:out=4", "save:a", "batchnorm", "add:a", "relu", "mrr:out=3"}}, {});
  std::vector<network::Kind> kinds;
  for (const auto& layer : net.layers) kinds.push_back(layer.kind);
  using enum network::Kind;
  CHECK(kinds == std::vector{physical, batchnorm, add, relu, physical, gain});
  CHECK(net.layers[2].from == 0);
  const auto signs = [](const std::vector<std::string>& layers) {
    return network::resolve({"4", layers}, {}).signed_inputs();
  };
  using Signs = std::vector<bool>;
  CHECK(signs({"save:a", "mrr:out=4", "relu", "add:a", "mrr:out=3"}) == Signs{false, false});
  CHECK(signs({"mrr:out=4", "relu", "save:a", "mrr:out=4", "tanh", "add:a", "mrr:out=3"}) ==
        Signs{false, false, true});
  CHECK(signs({"mrr:out=4", "tanh", "save:a", "mrr:out=4", "relu", "dropout", "add:a", "mrr:out=3"}) ==
        Signs{false, true, true});
  CHECK_THAT(complaint("4", {"save:a", "tanh", "add:a", "freespace:out=2"}), Contains("no negative numbers"));
  // samples reach a display through a sum, too
  const network::Resolved display =
      network::resolve({"4", {"save:a", "mrr:out=4", "relu", "add:a", "freespace:out=3"}}, {});
  network::Split split{Matrix<float>::Constant(2, 4, 0.5F), {0, 1}};
  network::check_signs(display, split, "data.h5");
  split.x(1, 1) = -1;
  CHECK_THAT(test::message_of<InputError>([&] { network::check_signs(display, split, "data.h5"); }),
             Contains("reach layer freespace1, which takes no negative numbers"));
}
