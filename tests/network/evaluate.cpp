// What an evaluation makes of a network whose signals overflow.
#include "pnn/network/evaluate.hpp"

#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

/// One dense layer of three outputs, with the identity for weights, over samples of class 0.
network::Evaluation evaluate(const Matrix<float>& x, network::Task task = network::Task::classify) {
  const network::Resolved net = network::resolve({"3", {"dense:out=3"}}, {});
  std::vector<float> digital{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, state;
  network::Split split;
  split.x = x;
  split.y.assign(std::size_t(x.rows()), 0);
  return network::evaluate(net, {{}, digital, state}, split, task);
}

}  // namespace

TEST_CASE("an output that is not finite is an error, and never right") {
  Matrix<float> x = Matrix<float>::Zero(4, 3);
  x.col(0).setOnes();
  CHECK(evaluate(x).score == 1);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    x(2, 0) = bad;  // the row's maximum is found at class 0, which is its label
    CHECK_THROWS_AS(evaluate(x), DivergenceError);
    CHECK_THROWS_WITH(evaluate(x), Catch::Matchers::Contains("of sample 2 is not finite"));
  }
}

TEST_CASE("R² and rms errors are those of their definitions, over batches of an evaluation") {
  const network::Resolved net = network::resolve({"2", {"dense:out=2"}}, {});
  std::vector<float> digital{1, 0, 0, 1, 0, 0}, state;  // the outputs are the inputs
  constexpr Index count = 600;                          // more than two batches
  network::Split split;
  split.x.resize(count, 2);
  split.targets.resize(count, 2);
  double squares[2] = {0, 0}, about_mean = 0, mean[2] = {0, 0};
  for (Index n = 0; n < count; ++n) {
    split.targets.row(n) << float(n % 7), float(n % 2);
    split.x.row(n) << float(n % 7) + (n % 3 == 0 ? 0.5F : 0.0F), float(n % 2) - 0.25F;
    for (Index k = 0; k < 2; ++k) {
      squares[k] += std::pow(double(split.x(n, k) - split.targets(n, k)), 2) / double(count);
      mean[k] += double(split.targets(n, k)) / double(count);
    }
  }
  for (Index n = 0; n < count; ++n)
    for (Index k = 0; k < 2; ++k)
      about_mean += std::pow(double(split.targets(n, k)) - mean[k], 2) / double(2 * count);
  const network::Evaluation e = network::evaluate(net, {{}, digital, state}, split, network::Task::regress);
  CHECK(network::target_variance(split) == Approx(about_mean));
  CHECK(e.loss == Approx((squares[0] + squares[1]) / 2));
  CHECK(e.score == Approx(1 - (squares[0] + squares[1]) / 2 / about_mean));
  REQUIRE(e.rms_error.size() == 2);
  CHECK(e.rms_error[0] == Approx(std::sqrt(squares[0])));
  CHECK(e.rms_error[1] == Approx(0.25));
  CHECK(e.confusion.size() == 0);
  // samples in another order have the same score, the first ones their own
  const network::SplitView few = network::first_samples(split, 10);
  CHECK(few.targets.rows() == 10);
  CHECK(network::evaluate(net, {{}, digital, state}, few, network::Task::regress).rms_error[1] ==
        Approx(0.25));
  // a reconstruction is compared with its inputs, whatever targets the data set has
  CHECK(network::evaluate(net, {{}, digital, state}, split, network::Task::reconstruct).loss == 0);
  split.targets.setConstant(3);
  CHECK_THROWS_WITH(
      network::check_scored(network::Task::regress, split, "d.h5"),
      Catch::Matchers::Contains("d.h5: 600 samples of equal targets, of which R² says nothing"));
}

TEST_CASE("a loss that is not finite is an error though every output is") {
  Matrix<float> x = Matrix<float>::Zero(2, 3);
  x(1, 0) = -3e38F;
  x(1, 1) = 3e38F;  // the distance of the two is no float
  CHECK_THROWS_WITH(evaluate(x), Catch::Matchers::Contains("the loss of samples 0 to 1 is not finite"));
}
