#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/device/lab.hpp"

using namespace pnn;
using device::Conditions;
using device::Environment;

namespace {

/// Temperatures, minus 22 °C, that the sensor shows before each of n calls.
std::vector<double> temperatures(const Conditions& conditions, std::size_t n, std::size_t index = 0) {
  static const device::DeviceSet set = device::fabricate(test::plans(), {}, 2, 3);
  auto chip = device::make_virtual_device(set, index);
  chip->impose(conditions);
  std::vector<double> out;
  for (std::size_t k = 0; k < n; ++k) {
    out.push_back(chip->read("temperature") - 22);
    test::read_column(*chip, 2, 0);
  }
  return out;
}

double mean_product(const std::vector<double>& x, std::size_t lag) {
  double sum = 0;
  for (std::size_t k = 0; k + lag < x.size(); ++k) sum += x[k] * x[k + lag];
  return sum / double(x.size() - lag);
}

}  // namespace

TEST_CASE("an exact environment holds its set point and drift") {
  Conditions conditions = test::quiet();
  conditions.temperature_c = 23.5;
  conditions.drift_k = -0.25;
  for (const double t : temperatures(conditions, 5)) CHECK(t == Approx(1.25).epsilon(1e-12));
}

TEST_CASE("a controller leaves white jitter of 0.01 K") {
  Conditions conditions;
  const std::vector<double> t = temperatures(conditions, 4000);
  // standard error of a spread from n = 4000: 1/√(2n) = 1.1 %; of a correlation 1/√n = 1.6 %; four of them
  CHECK(std::sqrt(mean_product(t, 0)) == Approx(0.01).epsilon(0.045));
  CHECK(std::abs(mean_product(t, 1) / mean_product(t, 0)) < 0.064);
  CHECK(temperatures(conditions, 4, 0) != temperatures(conditions, 4, 1));
}

TEST_CASE("the sensor shows the temperature of the next call, and looking changes nothing") {
  const auto set = device::fabricate(test::plans(), {}, 1, 3);
  auto chip = device::make_virtual_device(set, 0), other = device::make_virtual_device(set, 0);
  auto held = device::make_virtual_device(set, 0), beside = device::make_virtual_device(set, 0);
  Conditions jitter = test::quiet();
  jitter.environment = Environment::controller;
  for (device::Device* device : {chip.get(), other.get()}) device->impose(jitter);
  for (int k = 0; k < 3; ++k) {
    const double shown = chip->read("temperature");
    CHECK(chip->read("temperature") == shown);
    const std::vector<float> outputs = test::flank_outputs(*chip);
    CHECK(outputs == test::flank_outputs(*other));
    // what the same device gives where nothing moves, at that temperature and a tenth of the jitter (1 mK)
    // beside it
    Conditions still = test::quiet();
    still.temperature_c = shown;
    held->impose(still);
    still.temperature_c = shown + 0.001;
    beside->impose(still);
    const std::vector<float> there = test::flank_outputs(*held), near = test::flank_outputs(*beside);
    double largest = 0, step = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      largest = std::max(largest, double(std::abs(outputs[i] - there[i])));
      step = std::max(step, double(std::abs(near[i] - there[i])));
    }
    CHECK(largest < 0.01 * step);
  }
}

TEST_CASE("without a controller the temperature walks with its spread and its memory") {
  Conditions conditions;
  conditions.environment = Environment::free;
  conditions.dt_s = 300;
  const std::vector<double> t = temperatures(conditions, 8000);
  // Steps of half a correlation time: e^(−1/2) is left after one, e^−1 after two. The squares have a
  // correlation time of 300 s, so about 8000/2.2 independent ones: a standard error of √(2/3700) = 2.3 %.
  CHECK(mean_product(t, 0) == Approx(0.64).epsilon(0.1));
  CHECK(mean_product(t, 1) / mean_product(t, 0) == Approx(std::exp(-0.5)).margin(0.04));
  CHECK(mean_product(t, 2) / mean_product(t, 0) == Approx(std::exp(-1.0)).margin(0.06));
}

TEST_CASE("a walk starts anywhere in its stationary spread") {
  const auto set = device::fabricate(test::plans(), {}, 400, 3);
  Conditions conditions;
  conditions.environment = Environment::free;
  double square = 0;
  for (std::size_t k = 0; k < 400; ++k) {
    auto chip = device::make_virtual_device(set, k);
    chip->impose(conditions);
    square += std::pow(chip->read("temperature") - 22, 2) / 400;
  }
  CHECK(square == Approx(0.64).epsilon(4 * std::sqrt(2.0 / 400)));  // four standard errors
}

TEST_CASE("a walk that starts late continues the one that started at zero") {
  Conditions conditions;
  conditions.environment = Environment::free;
  const std::vector<double> whole = temperatures(conditions, 60);
  conditions.start_s = 40;
  const std::vector<double> late = temperatures(conditions, 20);
  for (std::size_t k = 0; k < 20; ++k) CHECK(late[k] == Approx(whole[40 + k]).epsilon(1e-12));
}

TEST_CASE("a trace is interpolated and held outside") {
  Conditions conditions = test::quiet();
  conditions.environment = Environment::trace;
  conditions.trace_time_s = {1, 3, 4};
  conditions.trace_offset_k = {0.5, 1.5, -1};
  conditions.drift_k = 0.1;
  const std::vector<double> t = temperatures(conditions, 6);
  const double expected[] = {0.6, 0.6, 1.1, 1.6, -0.9, -0.9};
  for (std::size_t k = 0; k < 6; ++k) CHECK(t[k] == Approx(expected[k]).margin(1e-12));
  conditions.start_s = 1;
  conditions.dt_s = 0.5;
  CHECK(temperatures(conditions, 2)[1] == Approx(0.85).margin(1e-12));
}

TEST_CASE("waiting moves the clock as calls do, and its parts of a step add up") {
  const auto set = device::fabricate(test::plans(), {}, 1, 3);
  for (const Environment environment : {Environment::controller, Environment::free}) {
    Conditions conditions;
    conditions.environment = environment;
    conditions.dt_s = 0.5;
    auto waiting = device::make_virtual_device(set, 0), running = device::make_virtual_device(set, 0);
    waiting->impose(conditions);
    running->impose(conditions);
    for (int k = 0; k < 3; ++k) test::read_column(*running, 2, 0);
    for (int k = 0; k < 15; ++k) waiting->wait(0.1);
    CHECK(waiting->read("temperature") == running->read("temperature"));
    CHECK(test::flank_outputs(*waiting) == test::flank_outputs(*running));
    CHECK(waiting->calls() == running->calls() - 3);
  }
  auto chip = device::make_virtual_device(set, 0);
  CHECK_THROWS_AS(chip->wait(-1), UsageError);
}

TEST_CASE("the temperature of a call is that of the weights it uses") {
  // Two devices alike but for how the temperature comes about give the same outputs.
  const auto set = device::fabricate(test::plans(), {}, 1, 3);
  auto traced = device::make_virtual_device(set, 0), held = device::make_virtual_device(set, 0);
  Conditions conditions = test::quiet();
  conditions.environment = Environment::trace;
  conditions.trace_time_s = {0, 10};
  conditions.trace_offset_k = {0, 1};
  traced->impose(conditions);
  for (int k = 0; k < 4; ++k) {
    Conditions exact = test::quiet();
    exact.drift_k = k / 10.0;
    held->impose(exact);
    const auto a = test::flank_outputs(*traced), b = test::flank_outputs(*held);
    for (std::size_t n = 0; n < a.size(); ++n) CHECK(a[n] == Approx(b[n]).margin(1e-5));
  }
}
