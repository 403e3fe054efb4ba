#include "pnn/core/threads.hpp"

#include "tests/catch.hpp"
#include "tests/platform/cases.hpp"

using namespace pnn;

namespace {

struct Outcome {
  std::vector<float> weights, by_control, by_offset, slope, inverse;
  double temperature = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(int thread_count, platform::Response response, double crosstalk) {
  set_threads(thread_count);
  platform::MrrProcess process;
  process.crosstalk = crosstalk;
  platform::BankPhysics physics = platform::full_physics(process);
  physics.response = response;
  const platform::BankPlan plan = test::make_plan(90, 250, 16, 8, platform::Reuse::time);  // several chunks
  const auto bank =
      platform::make_bank<float>(plan, physics, test::make_rings(response, process, plan.rings(), 3));
  const std::vector<double> start = test::spread(plan.weights(), 0.2, 5, 4);
  const std::vector<float> controls(start.begin(), start.end());
  Matrix<float> weights(plan.out, plan.in);
  Outcome out;
  bank->evaluate({controls, {}, 0.1}, view(weights));
  out.weights.assign(weights.data(), weights.data() + weights.size());
  out.by_control.resize(controls.size());
  out.by_offset.resize(controls.size());
  platform::Pullback<float> pullback{out.by_control, out.by_offset, 0};
  bank->pullback({controls, {}, 0.1}, view(std::as_const(weights)), pullback);
  out.temperature = pullback.system.temperature_k;
  out.slope.resize(controls.size());
  bank->slope({controls, {}, 0.1}, out.slope);
  out.inverse.assign(controls.size(), 3.0F);
  weights *= 0.6F;
  bank->invert(view(std::as_const(weights)), out.inverse);
  set_threads(0);
  return out;
}

}  // namespace

TEST_CASE("banks give the same bytes for any number of threads") {
  CHECK(outcome(1, platform::Response::airy_bank, 0.005) == outcome(2, platform::Response::airy_bank, 0.005));
  CHECK(outcome(1, platform::Response::airy_bank, 0.005) == outcome(5, platform::Response::airy_bank, 0.005));
  CHECK(outcome(1, platform::Response::airy, 0) == outcome(3, platform::Response::airy, 0));
  CHECK(outcome(1, platform::Response::spline, 0) == outcome(3, platform::Response::spline, 0));
}

TEST_CASE("rings can be exchanged, and a bank then equals a fresh one") {
  const platform::MrrProcess process;
  for (const auto reuse : {platform::Reuse::time, platform::Reuse::space}) {
    for (const bool full : {true, false}) {
      const platform::BankPlan plan = test::make_plan(20, 19, 16, 8, reuse);
      const auto physics = full ? platform::full_physics(process) : platform::ideal_physics(process);
      const auto nominal = platform::nominal_rings(process, plan.rings(), false);
      const auto drawn = platform::draw_rings(process, plan.rings(), 3, int(Purpose::test), 0, 0, 0);
      const auto fresh = platform::make_bank<float>(plan, physics, drawn);
      const auto exchanged = platform::make_bank<float>(plan, physics, nominal);
      const std::vector<float> currents(std::size_t(plan.weights()), 3.3F);
      Matrix<float> a(20, 19), b(20, 19);
      fresh->evaluate({currents, {}, 0}, view(a));
      exchanged->evaluate({currents, {}, 0}, view(b));
      CHECK(a != b);
      exchanged->set_rings(drawn);
      exchanged->evaluate({currents, {}, 0}, view(b));
      CHECK(a == b);
      exchanged->set_rings(nominal);
      exchanged->evaluate({currents, {}, 0}, view(b));
      CHECK(a != b);
    }
  }
}
