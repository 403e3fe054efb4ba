// What an evaluation makes of a network whose signals overflow.
#include "pnn/network/evaluate.hpp"

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
  CHECK(evaluate(x).accuracy == 1);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    x(2, 0) = bad;  // the row's maximum is found at class 0, which is its label
    CHECK_THROWS_AS(evaluate(x), DivergenceError);
    CHECK_THROWS_WITH(evaluate(x), Catch::Matchers::Contains("of sample 2 is not finite"));
  }
}

TEST_CASE("a loss that is not finite is an error though every output is") {
  Matrix<float> x = Matrix<float>::Zero(2, 3);
  x(1, 0) = -3e38F;
  x(1, 1) = 3e38F;  // the distance of the two is no float
  CHECK_THROWS_WITH(evaluate(x), Catch::Matchers::Contains("the loss of samples 0 to 1 is not finite"));
}
