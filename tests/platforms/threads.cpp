#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;

namespace {

struct Outcome {
  std::vector<float> weights, by_control, by_offset, slope, inverse;
  double temperature = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(int thread_count, platforms::mrr::Response response, double crosstalk) {
  set_threads(thread_count);
  platforms::mrr::Process process;
  process.crosstalk = crosstalk;
  platforms::mrr::BankPhysics physics = full_physics(process);
  physics.response = response;
  const platforms::mrr::BankPlan plan =
      test::make_plan(90, 250, 16, 8, platforms::mrr::Reuse::time);  // several chunks
  const auto bank =
      platforms::mrr::make_bank<float>(plan, physics, test::make_rings(response, process, plan.rings(), 3));
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
  CHECK(outcome(1, platforms::mrr::Response::airy_bank, 0.005) ==
        outcome(2, platforms::mrr::Response::airy_bank, 0.005));
  CHECK(outcome(1, platforms::mrr::Response::airy_bank, 0.005) ==
        outcome(5, platforms::mrr::Response::airy_bank, 0.005));
  CHECK(outcome(1, platforms::mrr::Response::airy, 0) == outcome(3, platforms::mrr::Response::airy, 0));
  CHECK(outcome(1, platforms::mrr::Response::spline, 0) == outcome(3, platforms::mrr::Response::spline, 0));
}
