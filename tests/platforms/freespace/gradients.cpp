#include "pnn/platform/layer_plan.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/freespace/cases.hpp"
#include "tests/taylor.hpp"

using namespace pnn;

namespace {

/// Σ g W + ½ Σ W² of a multiplier's matrix, and its gradient by W.
struct Probe {
  explicit Probe(const test::FreespaceCase& c)
      : map(c.plan, c.physics, c.errors),
        controls(c.controls()),
        offsets(controls.size(), 0.02),
        linear(std::size_t(c.plan.out * c.plan.in())),
        weights(map.rows(), map.cols()) {
    fill_symmetric({2, Purpose::test, 111}, linear);
  }
  double loss(const platform::OperatingPoint<double>& at) {
    map.evaluate(at, view(weights));
    double sum = 0;
    for (Index k = 0; k < weights.size(); ++k)
      sum += weights.data()[k] * (linear[std::size_t(k)] + weights.data()[k] / 2);
    return sum;
  }
  Matrix<double> gradient(const platform::OperatingPoint<double>& at) {
    static_cast<void>(loss(at));
    Matrix<double> g = weights;
    for (Index k = 0; k < g.size(); ++k) g.data()[k] += linear[std::size_t(k)];
    return g;
  }

  platforms::freespace::Freespace<double> map;
  std::vector<double> controls, offsets, linear;
  Matrix<double> weights;
};

}  // namespace

TEST_CASE("a multiplier's gradients by transmissions and misalignment predict the change of a loss") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    INFO(c.name);
    Probe probe(c);
    const platform::OperatingPoint<double> at{probe.controls, probe.offsets, c.system};
    const Matrix<double> g = probe.gradient(at);
    std::vector<double> by_control(probe.controls.size()), by_offset(probe.controls.size());
    platform::Pullback<double> pulled{by_control, by_offset, {}};
    probe.map.pullback(at, view(g), pulled);
    const auto of_controls = [&](std::span<const double> x) {
      return probe.loss({x, probe.offsets, c.system});
    };
    CHECK(test::taylor_order(of_controls, probe.controls, by_control, 0.1) > 1.8);
    const auto of_offsets = [&](std::span<const double> x) {
      return probe.loss({probe.controls, x, c.system});
    };
    CHECK(test::taylor_order(of_offsets, probe.offsets, by_offset, 0.1) > 1.8);
    for (const platform::SystemParameter& p : platform::system_parameters()) {
      INFO(p.name);
      const auto of_system = [&](std::span<const double> x) {
        platform::System moved = c.system;
        p.at(moved) = x[0];
        return probe.loss({probe.controls, probe.offsets, moved});
      };
      const std::vector<double> x{p.at(c.system)}, slope{p.at(pulled.system)};
      // steps small enough that no sample passes a pixel's centre, where the derivative jumps
      CHECK(test::taylor_order(of_system, x, slope, 2e-4) > 1.8);
      CHECK((slope[0] != 0) == platform::acts_on(p, platform::AnyPlan(c.plan)));
    }
  }
}
