#include "pnn/study/variance_fit.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/spread.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using study::DieValues;

namespace {

struct Truth {
  double mean = 5, die = 1, smooth = 0.8, own = 0.5, length = 3, error = 0.2;
  double gradient_x = 0, gradient_y = 0;
};

/// Dies of 6×5 elements; every fifth die lacks one of them.
std::vector<DieValues> wafer(const Truth& truth, int dies, std::uint32_t number) {
  constexpr Index rows = 6, cols = 5;
  const platform::SmoothField smooth(rows, cols, 1, truth.length);
  std::vector<DieValues> out;
  for (int k = 0; k < dies; ++k) {
    const auto stream = [&](int part) {
      return Stream{11, Purpose::test, std::uint16_t(part), std::uint32_t(k), number};
    };
    DieValues die;
    std::vector<double> field;
    smooth.sample(stream(0), 0, field);
    die.wafer_mm = {double(k % 6) * 10, double(k / 6) * 10};
    const double offset = truth.die * normal(stream(1), 0) + truth.gradient_x * (*die.wafer_mm)[0] +
                          truth.gradient_y * (*die.wafer_mm)[1];
    for (std::size_t e = 0; e < field.size(); ++e) {
      if (k % 5 == 4 && e == 7) continue;
      const auto index = std::uint32_t(e);
      const double error = truth.error * (e % 2 == 0 ? 0.5 : 1.5);
      die.places.push_back({double(e % cols), double(e / cols)});
      die.values.push_back(truth.mean + offset + truth.smooth * field[e] +
                           truth.own * normal(stream(2), index) + error * normal(stream(3), index));
      die.variances.push_back(error * error);
    }
    out.push_back(std::move(die));
  }
  return out;
}

}  // namespace

TEST_CASE("estimates over simulated wafers lie within three standard errors", "[process-fit]") {
  int all = 0, near = 0;
  double lengths = 0, spreads = 0;
  constexpr int wafers = 20;
  const Truth truth;
  const double within = std::hypot(truth.smooth, truth.own);
  for (int number = 0; number < wafers; ++number) {
    const study::VarianceFit fit = study::fit_variances(wafer(truth, 30, std::uint32_t(number)));
    REQUIRE(fit.length);
    const auto check = [&](const study::WithError& estimate, double expected) {
      CHECK(estimate.error > 0);
      ++all;
      near += std::abs(estimate.value - expected) <= 3 * estimate.error ? 1 : 0;
    };
    check(fit.mean, truth.mean);
    check(fit.die, truth.die);
    check(fit.within, within);
    check(*fit.length, truth.length);
    check(fit.smooth_share, truth.smooth * truth.smooth / (within * within));
    lengths += fit.length->value / wafers;
    spreads += fit.die.value / wafers;
  }
  CHECK(double(near) >= 0.95 * double(all));
  // and the errors are no excuse: the mean over wafers is close, without the errors of measurement
  CHECK(lengths == Approx(truth.length).epsilon(0.1));
  CHECK(spreads == Approx(truth.die).epsilon(0.1));
}

TEST_CASE("standard errors are as large as estimates differ", "[process-fit]") {
  const Truth truth{.smooth = 0, .length = 1};
  double sum = 0, squares = 0, error = 0;
  constexpr int wafers = 60;
  int seen = 0;
  for (int number = 0; number < wafers; ++number) {
    const study::VarianceFit fit = study::fit_variances(wafer(truth, 12, std::uint32_t(100 + number)));
    sum += fit.die.value / wafers, squares += fit.die.value * fit.die.value / wafers;
    error += fit.die.error / wafers;
    seen += fit.length ? 1 : 0;
  }
  CHECK(std::sqrt(squares - sum * sum) == Approx(error).epsilon(0.35));
  CHECK(seen <= wafers / 8);  // a correlation is seen by mistake in few
}

TEST_CASE("a gradient over the wafer is told, and is no spread beside it", "[process-fit]") {
  Truth truth;
  truth.die = 0.3, truth.gradient_x = 0.05, truth.gradient_y = -0.02;
  const study::VarianceFit fit = study::fit_variances(wafer(truth, 30, 1));
  REQUIRE(fit.gradient);
  CHECK(std::abs((*fit.gradient)[0].value - 0.05) < 4 * (*fit.gradient)[0].error);
  CHECK(std::abs((*fit.gradient)[1].value + 0.02) < 4 * (*fit.gradient)[1].error);
  CHECK(fit.die.value > 0.7);
  CHECK(fit.die_beside_gradient.value < 0.6);
}

TEST_CASE("errors of measurement alone are no spread, and one die is no process", "[process-fit]") {
  const Truth truth{.die = 0, .smooth = 0, .own = 0, .length = 1, .error = 1};
  const study::VarianceFit fit = study::fit_variances(wafer(truth, 20, 3));
  CHECK(fit.sigma() < 0.3);
  CHECK(fit.measurement == Approx(std::sqrt(1.25)).epsilon(0.02));
  CHECK_THROWS_AS(study::fit_variances(wafer(truth, 1, 3)), InputError);
}
