#include <cmath>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mzi/cases.hpp"
#include "tests/process.hpp"

using namespace pnn;
using platform::set_process_value;
using platforms::mzi::Process;

TEST_CASE("both conventions of splitter error are accepted, and the angle is kept") {
  platform::Process all;
  set_process_value(all, "mzi.bs=0.075");
  CHECK(all.as<Process>().split_sigma_rad == 0.075);
  set_process_value(all, "mzi.bs = 0.1 rad");
  CHECK(all.as<Process>().split_sigma_rad == 0.1);
  set_process_value(all, "mzi.split=0.15");
  CHECK(all.as<Process>().split_sigma_rad == Approx(0.0753).margin(5e-5));
  set_process_value(all, "mzi.split=1");
  CHECK(all.as<Process>().split_sigma_rad == Approx(std::numbers::pi / 4));
  // a splitter of the angle crosses (1 + e)/2 of the power
  for (const double e : {-1.5, -1.0, -0.3, 0.0, 0.15, 0.999, 1.0, 1.2}) {
    const double crossed =
        std::norm(test::splitter(std::numbers::pi / 4 + platforms::mzi::split_angle(e))(0, 1));
    CHECK(crossed == Approx((1 + std::min(1.0, std::max(-1.0, e))) / 2).margin(1e-12));
  }
}

TEST_CASE("a wrong value of a mesh process says where, what was expected and what was found") {
  CHECK(test::refusal_of("mzi.bss=0.1") == "unknown process value \"mzi.bss\"; did you mean \"mzi.bs\"?");
  CHECK(test::refusal_of("mzi.loss=0.1mW") == "mzi.loss: expected a number in [0, 10] dB, found \"0.1mW\"");
  CHECK(test::refusal_of("mzi.dac.bits=1.5").find("a whole number") != std::string::npos);
  CHECK(test::refusal_of("mzi.split=-0.1") == "mzi.split: expected a number in [0, 1], found \"-0.1\"");
  CHECK(test::refusal_of("mzi.split=nan").find("expected") != std::string::npos);
  CHECK(test::refusal_of("mzi.ps").find("NAME=VALUE") != std::string::npos);
}

TEST_CASE("a thermal shifter turns by half a turn at its power, and back") {
  Process process;
  process.theta0_rad = 0.4;
  const double current = std::sqrt(process.p_pi_mw / (1e-3 * process.resistance_ohm));
  CHECK(platforms::mzi::shifter_phase(process, 0) == 0.4);
  CHECK(platforms::mzi::shifter_phase(process, current) == Approx(0.4 + std::numbers::pi));
  CHECK(platforms::mzi::shifter_current_ma(process, 0.4 + std::numbers::pi) == Approx(current));
  for (const double phase : {-3.0, 0.1, 0.4, 5.0, 20.0}) {
    const double found =
        platforms::mzi::shifter_phase(process, platforms::mzi::shifter_current_ma(process, phase));
    CHECK(std::abs(std::remainder(found - phase, 2 * std::numbers::pi)) < 1e-12);
  }
}

TEST_CASE("drawn errors have the process's spreads") {
  Process process;
  process.split_sigma_rad = 0.03;
  const auto errors = draw_errors(process, test::square_mesh(200), 1, int(Purpose::test), 0, 0, 0);
  // standard errors: σ/√n of a mean, σ/√(2n) of a spread; five of them are allowed
  const auto check = [](std::span<const double> values, double sigma) {
    double mean = 0, square = 0;
    const auto n = double(values.size());
    for (const double x : values) mean += x / n, square += x * x / n;
    CHECK(std::abs(mean) < 5 * sigma / std::sqrt(n));
    CHECK(std::abs(std::sqrt(square) - sigma) < 5 * sigma / std::sqrt(2 * n));
  };
  check(errors.beta1, 0.03);
  check(errors.beta2, 0.03);
  check(errors.phase, 0.05);
  double correlation = 0;
  for (std::size_t k = 0; k < errors.beta1.size(); ++k) {
    correlation += errors.beta1[k] * errors.beta2[k] / (0.03 * 0.03 * double(errors.beta1.size()));
  }
  CHECK(std::abs(correlation) < 5 / std::sqrt(double(errors.beta1.size())));
}

TEST_CASE("an interferometer's errors do not depend on how many there are") {
  const Process process;
  const platforms::mzi::MeshPlan small{"a", 5, 8, platforms::mzi::MeshLayout::svd};
  const platforms::mzi::MeshPlan large{"b", 9, 30, platforms::mzi::MeshLayout::svd};
  const auto few = draw_errors(process, small, 1, int(Purpose::test), 3, 2, 1);
  const auto many = draw_errors(process, large, 1, int(Purpose::test), 3, 2, 1);
  std::set<double> seen;
  for (int number = 0; number < 2; ++number) {
    const auto a = small.mesh(number), b = large.mesh(number);
    for (Index k = 0; k < a.mzis(); ++k) {
      const auto i = std::size_t(small.first_mzi(number) + k), j = std::size_t(large.first_mzi(number) + k);
      CHECK(few.beta1[i] == many.beta1[j]);
      CHECK(few.beta2[i] == many.beta2[j]);
      seen.insert({few.beta1[i], few.beta2[i]});
      const auto phase = [&](const platforms::mzi::MeshErrors& errors, const platforms::mzi::MeshPlan& plan,
                             Index control) {
        return errors.phase[std::size_t(plan.first_control(number) + control)];
      };
      CHECK(phase(few, small, a.theta(k)) == phase(many, large, b.theta(k)));
      CHECK(phase(few, small, a.phi(k)) == phase(many, large, b.phi(k)));
    }
    for (Index m = 0; m < a.modes; ++m) {
      CHECK(few.phase[std::size_t(small.first_control(number) + a.psi(m))] ==
            many.phase[std::size_t(large.first_control(number) + b.psi(m))]);
    }
  }
  for (Index k = 0; k < small.attenuators(); ++k) {
    CHECK(few.phase[std::size_t(small.first_attenuator() + k)] ==
          many.phase[std::size_t(large.first_attenuator() + k)]);
  }
  CHECK(seen.size() == 2 * few.beta1.size());  // and no two parts share a number
}

TEST_CASE("the parts of a mesh deviate together by the shares of the process", "[spread]") {
  const platforms::mzi::MeshPlan plan{"mzi1", 4, 4, platforms::mzi::MeshLayout::svd};
  const auto drawn = [&](const Process& process, std::uint32_t device) {
    return draw_errors(process, plan, 1, int(Purpose::test), 0, device, 0);
  };
  Process process;
  const auto before = drawn(process, 0);
  process.split_die = 1;
  const auto alike = drawn(process, 0);
  for (std::size_t k = 0; k < alike.beta1.size(); ++k) {
    CHECK(alike.beta1[k] == alike.beta1[0]);
    CHECK(alike.beta2[k] == alike.beta1[0]);
  }
  CHECK(alike.phase == before.phase);
  // theta of the first column and phi half an MZI before it; psi of V1 (a distance of some MZIs)
  process = Process{};
  process.phase_smooth = 1, process.correlation_length = 1.5;
  constexpr int devices = 4000;
  const auto theta = std::size_t(plan.mesh(0).theta(0)), phi = std::size_t(plan.mesh(0).phi(0)),
             psi = std::size_t(plan.mesh(0).psi(0)), alpha = std::size_t(plan.first_attenuator()),
             second = std::size_t(plan.first_control(1) + plan.mesh(1).phi(0));
  double near = 0, far = 0, own = 0, last = 0;
  for (int k = 0; k < devices; ++k) {
    const auto errors = drawn(process, std::uint32_t(k));
    near += errors.phase[theta] * errors.phase[phi] / devices;
    far += errors.phase[phi] * errors.phase[psi] / devices;
    own += errors.phase[alpha] * errors.phase[alpha] / devices;
    last += errors.phase[alpha] * errors.phase[second] / devices;
  }
  const double variance = process.phase_sigma_rad * process.phase_sigma_rad,
               five = 5 * std::sqrt(2.0 / devices);
  CHECK(std::abs(near / variance - std::exp(-1 / 9.0)) < five);
  CHECK(std::abs(far / variance - std::exp(-64 / 9.0)) < five);
  CHECK(std::abs(own / variance - 1) < five);
  CHECK(std::abs(last / variance - std::exp(-1 / 9.0)) < five);
  platform::Process all;
  set_process_value(all, "mzi.bs.die=0.7");
  set_process_value(all, "mzi.bs.smooth=0.7");
  CHECK(check_process(all).size() == 1);
}
