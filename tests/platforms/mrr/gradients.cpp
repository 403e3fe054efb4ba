#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"
#include "tests/taylor.hpp"

using namespace pnn;
using platform::OperatingPoint;
using platforms::mrr::Bank;

namespace {

/// A bank at a point, with a random loss L = Σ g W + ½ Σ W².
struct Probe {
  explicit Probe(const test::BankCase& c)
      : bank(platforms::mrr::make_bank<double>(c.plan, c.physics, c.rings)),
        controls(test::spread(c.plan.weights(), 0.5, 5.0, 1)),
        offsets(test::spread(c.plan.weights(), -0.05, 0.05, 2)),
        linear(test::spread(c.plan.weights(), -1, 1, 3)),
        weights(c.plan.out, c.plan.in) {}

  [[nodiscard]] OperatingPoint<double> point() const { return {controls, offsets, temperature}; }
  double loss(const OperatingPoint<double>& at) {
    bank->evaluate(at, view(weights));
    double sum = 0;
    for (Index k = 0; k < weights.size(); ++k) {
      sum += linear[std::size_t(k)] * weights.data()[k] + weights.data()[k] * weights.data()[k] / 2;
    }
    return sum;
  }
  Matrix<double> loss_gradient() {
    bank->evaluate(point(), view(weights));
    Matrix<double> g = weights;
    for (Index k = 0; k < g.size(); ++k) g.data()[k] += linear[std::size_t(k)];
    return g;
  }

  std::unique_ptr<Bank<double>> bank;
  std::vector<double> controls, offsets, linear;
  Matrix<double> weights;
  double temperature = 0.3;
};

}  // namespace

TEST_CASE("the pullback of every bank predicts the change of a loss") {
  for (const test::BankCase& c : test::all_cases()) {
    INFO(c.name);
    Probe probe(c);
    const Matrix<double> weight_gradient = probe.loss_gradient();
    std::vector<double> by_control(probe.controls.size()), by_offset(probe.controls.size());
    platform::Pullback<double> pullback{by_control, by_offset, 0};
    probe.bank->pullback(probe.point(), view(weight_gradient), pullback);

    const auto of_controls = [&](std::span<const double> x) {
      return probe.loss({x, probe.offsets, probe.temperature});
    };
    CHECK(test::taylor_order(of_controls, probe.controls, by_control, 0.02) > 1.8);
    const auto of_offsets = [&](std::span<const double> x) {
      return probe.loss({probe.controls, x, probe.temperature});
    };
    CHECK(test::taylor_order(of_offsets, probe.offsets, by_offset, 0.005) > 1.8);
    const auto of_temperature = [&](std::span<const double> x) {
      return probe.loss({probe.controls, probe.offsets, x[0]});
    };
    const std::vector<double> at{probe.temperature}, slope{pullback.system.temperature_k};
    CHECK(test::taylor_order(of_temperature, at, slope, 0.05) > 1.8);
  }
}

TEST_CASE("slope and curvature are the derivatives of a weight by its own ring") {
  for (const test::BankCase& c : test::all_cases()) {
    INFO(c.name);
    Probe probe(c);
    const std::size_t n = probe.controls.size();
    std::vector<double> slope(n), curvature(n), response(n), response_up(n), response_down(n);
    probe.bank->slope(probe.point(), slope);
    probe.bank->curvature(probe.point(), curvature);
    probe.bank->response_slope(probe.point(), response);

    // The response slope of a ring depends on its own current alone: all can be stepped at once. A central
    // difference over 1e-4 mA of a function of order 1 errs by 1e-8.
    const double h = 1e-4;
    std::vector<double> up = probe.controls, down = probe.controls;
    for (double& x : up) x += h;
    for (double& x : down) x -= h;
    probe.bank->response_slope({up, {}, 0}, response_up);
    probe.bank->response_slope({down, {}, 0}, response_down);

    for (std::size_t k = 0; k < n; k += 1 + n / 12) {
      const auto weight = [&](double shift) {
        const double kept = probe.offsets[k];
        probe.offsets[k] += shift;
        probe.bank->evaluate(probe.point(), view(probe.weights));
        probe.offsets[k] = kept;
        return probe.weights.data()[k];
      };
      // A step of 1e-4 nm is 1/1500 of a half width: second differences then err by 1e-6 of their size, plus
      // rounding of 1e-16/h² = 1e-8.
      const double step = 1e-4, middle = weight(0), right = weight(step), left = weight(-step);
      const double first = (right - left) / (2 * step);
      const double second = (right - 2 * middle + left) / (step * step);
      const double response_curvature = (response_up[k] - response_down[k]) / (2 * h);
      CHECK(response[k] <= 0);
      CHECK(slope[k] == Approx(first * response[k]).margin(1e-4).epsilon(1e-4));
      CHECK(
          curvature[k] ==
          Approx(second * response[k] * response[k] + first * response_curvature).margin(1e-3).epsilon(1e-4));
    }
  }
}

TEST_CASE("the response slope is the change of detuning a unit of current") {
  // With package heating the ring's own share of it counts: d = δ − (η + κ R_pkg) P.
  platforms::mrr::Process process;
  process.package_k_per_mw = 2e-3;
  const platforms::mrr::BankPlan plan = test::make_plan(1, 1, 16, 8, platforms::mrr::Reuse::time);
  const auto bank = platforms::mrr::make_bank<double>(
      plan, full_physics(process), platforms::mrr::nominal_rings(process, plan.rings(), false));
  const std::vector<double> current{3.0};
  std::vector<double> slope(1);
  bank->response_slope({current, {}, 0}, slope);
  const double eta = process.eta_nm_per_mw + process.kappa_nm_per_k * process.package_k_per_mw;
  const double by_hand = -eta * 1e-3 * process.resistance_ohm * (2 * 3.0 + 4 * process.beta_per_ma2 * 27.0);
  CHECK(slope[0] == Approx(by_hand).epsilon(1e-12));
}
