#include "tests/taylor.hpp"

#include "tests/catch.hpp"

using namespace pnn;

namespace {

double wavy(std::span<const double> x) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += std::sin(double(k + 1) * x[k]) * x[(k + 1) % x.size()];
  return sum;
}

std::vector<double> wavy_gradient(std::span<const double> x) {
  std::vector<double> g(x.size(), 0);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const std::size_t next = (k + 1) % x.size();
    g[k] += double(k + 1) * std::cos(double(k + 1) * x[k]) * x[next];
    g[next] += std::sin(double(k + 1) * x[k]);
  }
  return g;
}

}  // namespace

TEST_CASE("a true gradient has a remainder of second order") {
  const std::vector<double> x{0.3, -0.8, 1.1, 0.05};
  CHECK(test::taylor_order(wavy, x, wavy_gradient(x), 0.05) > 1.8);
}

TEST_CASE("a gradient that is wrong by one percent in one component is caught") {
  const std::vector<double> x{0.3, -0.8, 1.1, 0.05};
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::vector<double> wrong = wavy_gradient(x);
    wrong[k] *= 1.01;
    CHECK(test::taylor_order(wavy, x, wrong, 0.05) < 1.5);
  }
}

TEST_CASE("a gradient of zero for a function that moves is caught") {
  const std::vector<double> x{0.3, -0.8};
  CHECK(test::taylor_order(wavy, x, std::vector<double>(2, 0.0), 0.05) < 1.5);
}

TEST_CASE("a linear function has no remainder") {
  const std::vector<double> x{0.3, -0.8}, g{2, -3};
  const auto linear = [&](std::span<const double> at) { return g[0] * at[0] + g[1] * at[1] + 1; };
  CHECK(std::isinf(test::taylor_order(linear, x, g, 0.5)));
}
