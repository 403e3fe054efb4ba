#include "pnn/core/errors.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;
using platforms::mrr::Response;

TEST_CASE("controls found for a bank's own weights give them back") {
  for (const test::BankCase& c : test::all_cases()) {
    INFO(c.name);
    const auto bank = platforms::mrr::make_bank<double>(c.plan, c.physics, c.rings);
    const std::vector<double> truth = test::spread(c.plan.weights(), 1.0, 4.9, 21);
    Matrix<double> target(c.plan.out, c.plan.in);
    bank->evaluate({truth, {}, 0}, view(target));
    std::vector<double> controls = truth;
    for (double& x : controls) x += 0.02;
    const double left = bank->invert(view(std::as_const(target)), controls);
    // Near an extremum a weight leaves its current open to the square root of rounding, so weights are
    // compared, not currents. A coupled inverse stops when currents move by less than 5e-12 mA; where a
    // neighbour's crosstalk carries a target past a ring's extremum there is no solution to be exact about.
    CHECK(left < (c.physics.crosstalk > 0 || c.physics.response == Response::airy_bank ? 2e-3 : 1e-9));
  }
}

TEST_CASE("weights well within reach are met exactly with all crosstalk") {
  const platforms::mrr::Process process;
  for (const auto reuse : {platforms::mrr::Reuse::time, platforms::mrr::Reuse::space}) {
    const platforms::mrr::BankPlan plan = test::make_plan(20, 21, 16, 8, reuse);
    const auto rings = platforms::mrr::draw_rings(process, plan.rings(), 4, int(Purpose::test), 0, 0, 0);
    const auto bank = platforms::mrr::make_bank<double>(plan, full_physics(process), rings);
    const std::vector<double> wanted = test::spread(plan.weights(), -0.5, 0.5, 22);
    Matrix<double> target(plan.out, plan.in);
    std::copy(wanted.begin(), wanted.end(), target.data());
    std::vector<double> controls(wanted.size(), 3.5);
    CHECK(bank->invert(view(std::as_const(target)), controls) < 1e-9);
    for (const double current : controls) CHECK((current >= 0 && current <= 5.2));
  }
}

TEST_CASE("of two branches the one nearer to the present control is taken") {
  const platforms::mrr::Process process;
  const platforms::mrr::BankPlan plan = test::make_plan(1, 2, 16, 8, platforms::mrr::Reuse::time);
  const auto bank = platforms::mrr::make_bank<double>(
      plan, ideal_physics(process), platforms::mrr::nominal_rings(process, plan.rings(), false));
  Matrix<double> target = Matrix<double>::Constant(1, 2, 0.3);
  std::vector<double> controls{2.0, 5.0};
  CHECK(bank->invert(view(std::as_const(target)), controls) < 1e-12);
  CHECK(controls[0] < 4.2);  // below resonance
  CHECK(controls[1] > 4.2);  // beyond it
}

TEST_CASE("weights out of reach become the nearest ones within reach") {
  const platforms::mrr::Process process;
  const platforms::mrr::BankPlan plan = test::make_plan(1, 2, 16, 8, platforms::mrr::Reuse::time);
  const auto bank = platforms::mrr::make_bank<double>(
      plan, ideal_physics(process), platforms::mrr::nominal_rings(process, plan.rings(), false));
  Matrix<double> target(1, 2), reached(1, 2);
  target << 1.5, -0.999;
  std::vector<double> controls{3.0, 3.0};
  const double left = bank->invert(view(std::as_const(target)), controls);
  bank->evaluate({controls, {}, 0}, view(reached));
  CHECK(reached(0, 0) == Approx(0.955).margin(0.01));  // the resonance
  CHECK(controls[1] == 0);                             // the lowest weight of the range
  CHECK(left == Approx(1.5 - reached(0, 0)).epsilon(1e-12));
}

TEST_CASE("a float bank inverts to float accuracy") {
  const platforms::mrr::Process process;
  const platforms::mrr::BankPlan plan = test::make_plan(16, 16, 16, 8, platforms::mrr::Reuse::time);
  const auto rings = platforms::mrr::draw_rings(process, plan.rings(), 4, int(Purpose::test), 0, 0, 0);
  const auto bank = platforms::mrr::make_bank<float>(plan, full_physics(process), rings);
  const std::vector<double> wanted = test::spread(plan.weights(), -0.5, 0.5, 23);
  Matrix<float> target(16, 16);
  for (std::size_t k = 0; k < wanted.size(); ++k) target.data()[k] = float(wanted[k]);
  std::vector<float> controls(wanted.size(), 3.5F);
  // a current of 5 mA is known to 5e-7 mA, and weights move by up to 5 a mA
  CHECK(bank->invert(view(std::as_const(target)), controls) < 2e-5);
}

TEST_CASE("banks that do not fit together are refused") {
  platforms::mrr::Process process;
  const platforms::mrr::BankPlan plan = test::make_plan(4, 4, 16, 8, platforms::mrr::Reuse::time);
  const auto rings = platforms::mrr::nominal_rings(process, plan.rings(), false);
  const auto full = full_physics(process);
  auto few = rings;
  few.r.pop_back();
  CHECK_THROWS_AS(platforms::mrr::make_bank<float>(plan, full, few), UsageError);
  auto scaled = rings;
  scaled.gain.assign(scaled.r.size(), 1.1);
  CHECK_THROWS_AS(platforms::mrr::make_bank<float>(plan, full, scaled), UsageError);
  CHECK_THROWS_AS(platforms::mrr::make_bank<float>(test::make_plan(4, 9, 16, 9, platforms::mrr::Reuse::time),
                                                   full, platforms::mrr::nominal_rings(process, 144, false)),
                  UsageError);
  auto empty = full;
  empty.current_max_ma = empty.current_min_ma;
  CHECK_THROWS_AS(platforms::mrr::make_bank<float>(plan, empty, rings), UsageError);
  auto lorentzian = full;
  lorentzian.response = Response::lorentzian;
  CHECK_THROWS_AS(platforms::mrr::make_bank<float>(plan, lorentzian, rings), UsageError);
}
