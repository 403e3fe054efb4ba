#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "tests/catch.hpp"
#include "tests/device/lab.hpp"

using namespace pnn;
using device::Conditions;
using device::Environment;

TEST_CASE("layers that share a chip share its rings, a spatial layer has its own") {
  const std::vector<platform::AnyPlan> plans = test::plans(platforms::mrr::Reuse::space);
  const auto set = device::fabricate(plans, {}, 2, 1);
  REQUIRE(set.chips.size() == 2);
  CHECK(set.chips[0].key == "time16x8");
  CHECK(set.chips[0].layers == std::vector<std::string>{"mrr1", "mrr3"});
  CHECK(test::hidden(set.chips[0], "delta").shape == std::vector<std::size_t>{2, 128});
  CHECK(set.chips[1].key == "mrr2");
  CHECK(set.chips[1].stream == 1);
  CHECK(test::hidden(set.chips[1], "r").shape ==
        std::vector<std::size_t>{2, std::size_t(platforms::mrr::bank_of(plans[1])->rings())});
}

TEST_CASE("device k of a set does not depend on how many there are") {
  const auto few = device::fabricate(test::plans(), {}, 2, 5),
             many = device::fabricate(test::plans(), {}, 7, 5);
  for (const std::size_t k : {0, 1}) {
    const auto a = test::hidden(few.chips[0], "delta").slice(k),
               b = test::hidden(many.chips[0], "delta").slice(k);
    CHECK(std::equal(a.begin(), a.end(), b.begin()));
    auto one = device::make_virtual_device(few, k), other = device::make_virtual_device(many, k);
    CHECK(test::flank_outputs(*one) == test::flank_outputs(*other));
  }
  const auto a = test::hidden(many.chips[0], "delta").slice(0),
             b = test::hidden(many.chips[0], "delta").slice(1);
  CHECK_FALSE(std::equal(a.begin(), a.end(), b.begin()));
}

TEST_CASE("an exact device multiplies by its bank's weights") {
  const auto set = device::fabricate(test::plans(), {}, 3, 2);
  auto chip = device::make_virtual_device(set, 1);
  Conditions conditions = test::quiet();
  conditions.temperature_c = 22.4;
  chip->impose(conditions);
  const auto& plan = test::bank_of(*chip, 0);
  const std::vector<float> controls = test::random_controls(plan, 3);
  chip->set_controls(0, controls);
  const Matrix<float> inputs = test::random_inputs(5, plan.in, 4);
  Matrix<float> outputs(5, plan.out);
  chip->run(0, view(inputs), view(outputs));

  const auto bank =
      platforms::mrr::make_bank<double>(plan, platforms::mrr::full_physics({}), test::truth(set, 0, 1));
  const std::vector<double> exact(controls.begin(), controls.end());
  Matrix<double> weights(plan.out, plan.in);
  bank->evaluate({exact, {}, 0.4}, view(weights));
  const Matrix<double> expected = inputs.cast<double>() * weights.transpose();
  // weights in float are known to 1e-5 (test of the bank), 21 of them add up
  CHECK((outputs.cast<double>() - expected).cwiseAbs().maxCoeff() < 21 * 1e-5);
  CHECK(chip->calls() == 1);
}

TEST_CASE("the current source rounds to its steps and stays in its range") {
  const auto set = device::fabricate(test::plans(), {}, 1, 2);
  auto chip = device::make_virtual_device(set, 0);
  Conditions coarse = test::quiet();
  coarse.dac_bits = 3;  // seven steps of 5.2/7 mA
  const auto weight_at = [&](float current, const Conditions& conditions) {
    chip->impose(conditions);
    const auto& plan = test::bank_of(*chip, 0);
    std::vector<float> controls(std::size_t(plan.weights()), current);
    chip->set_controls(0, controls);
    return test::read_column(*chip, 0, 2)(0, 0);
  };
  const float step = 5.2F / 7;
  // a float current of 3 mA is known to 2e-7 mA, and weights move by up to 5 a mA
  CHECK(weight_at(4 * step + 0.3F, coarse) == Approx(weight_at(4 * step, test::quiet())).margin(1e-5));
  CHECK(weight_at(4 * step + 0.4F, coarse) == Approx(weight_at(5 * step, test::quiet())).margin(1e-5));
  CHECK(weight_at(9, coarse) == weight_at(5.2F, test::quiet()));
  CHECK(weight_at(-1, test::quiet()) == weight_at(0, test::quiet()));
  // new conditions round what was asked for, not what was driven
  CHECK(weight_at(3.9F, coarse) != weight_at(3.9F, test::quiet()));
  // the process's own 16 bits change a weight by less than 5.2/65535/2 mA times 5 a mA
  Conditions default_bits = test::quiet();
  default_bits.dac_bits.reset();
  CHECK(weight_at(3.9F, default_bits) == Approx(weight_at(3.9F, test::quiet())).margin(2.5e-4));
}

TEST_CASE("setting one ring changes what it and its neighbours do, and nothing in other tiles") {
  const auto set = device::fabricate(test::plans(), {}, 1, 2);
  auto chip = device::make_virtual_device(set, 0);
  chip->impose(test::quiet());
  const auto& plan = test::bank_of(*chip, 0);
  std::vector<float> controls = test::random_controls(plan, 5);
  chip->set_controls(0, controls);
  const Matrix<float> before = test::read_column(*chip, 0, 1);
  controls[std::size_t(plan.in) + 1] += 0.4F;  // weight (1, 1), in the first tile
  chip->set_controls(0, controls);
  const Matrix<float> after = test::read_column(*chip, 0, 1);
  CHECK(std::abs(after(0, 1) - before(0, 1)) > 0.02F);
  CHECK(after(0, 0) != before(0, 0));
  for (Index i = 16; i < plan.out; ++i) CHECK(after(0, i) == before(0, i));
}

TEST_CASE("read-out noise has its size: full scale times the root of the tiles read") {
  const auto set = device::fabricate(test::plans(), {}, 1, 2);
  auto chip = device::make_virtual_device(set, 0);
  Conditions conditions = test::quiet();
  const auto& plan = test::bank_of(*chip, 0);
  REQUIRE(plan.tile_cols() == 3);
  const Matrix<float> inputs = 0.5F * Matrix<float>::Ones(4000, plan.in);
  Matrix<float> clean(4000, plan.out), noisy(4000, plan.out), again(4000, plan.out);
  chip->impose(conditions);
  chip->run(0, view(inputs), view(clean));
  conditions.readout_noise = 0.01;
  chip->impose(conditions);
  chip->run(0, view(inputs), view(noisy));
  chip->run(0, view(inputs), view(again));
  const double sigma = std::sqrt((noisy - clean).cast<double>().array().square().mean());
  // 0.01 of 8 columns times 0.5, √3 tiles; n = 80 000 numbers give σ to √(1/2n) = 0.25 %; four of these
  CHECK(sigma == Approx(0.01 * 8 * 0.5 * std::sqrt(3.0)).epsilon(0.01));
  // the next call has noise of its own
  const double difference = std::sqrt((noisy - again).cast<double>().array().square().mean());
  CHECK(difference == Approx(sigma * std::sqrt(2.0)).epsilon(0.01));
  // and the same call of the same device the same noise
  chip->impose(conditions);
  chip->run(0, view(inputs), view(again));
  CHECK(noisy == again);
}

TEST_CASE("noise, jitter and weights are the same for any number of threads") {
  const auto outputs = [](int count) {
    set_threads(count);
    const auto set = device::fabricate(test::plans(), {}, 1, 2);
    auto chip = device::make_virtual_device(set, 0);
    const auto& plan = test::bank_of(*chip, 1);
    chip->set_controls(1, test::random_controls(plan, 6));
    const Matrix<float> inputs = test::random_inputs(500, plan.in, 7);
    Matrix<float> out(500, plan.out);
    chip->run(1, view(inputs), view(out));
    chip->run(1, view(inputs), view(out));
    set_threads(0);
    return out;
  };
  CHECK(outputs(1) == outputs(2));
  CHECK(outputs(1) == outputs(3));
}

TEST_CASE("imposed detuning moves every ring, or each by its own draw") {
  platforms::mrr::Process process;
  const auto set = device::fabricate(test::plans(), process, 1, 2);
  auto chip = device::make_virtual_device(set, 0);
  Conditions conditions = test::quiet();
  conditions.response["detuning"].common = -process.kappa_nm_per_k;
  chip->impose(conditions);
  const std::vector<float> detuned = test::flank_outputs(*chip);
  conditions.response["detuning"].common = 0;
  conditions.drift_k = 1;
  chip->impose(conditions);
  const std::vector<float> warm = test::flank_outputs(*chip);
  for (std::size_t k = 0; k < warm.size(); ++k) CHECK(detuned[k] == Approx(warm[k]).margin(1e-4));

  conditions = test::quiet();
  conditions.response["detuning"].sigma = 0.05;
  chip->impose(conditions);
  const std::vector<float> first = test::flank_outputs(*chip);
  chip->impose(conditions);
  CHECK(test::flank_outputs(*chip) == first);
  conditions.draw = 1;
  chip->impose(conditions);
  CHECK(test::flank_outputs(*chip) != first);
}

TEST_CASE("conditions reach only the layers that are named") {
  const auto set = device::fabricate(test::plans(), {}, 1, 2);
  auto chip = device::make_virtual_device(set, 0);
  chip->impose(test::quiet());
  const std::vector<float> first = test::flank_outputs(*chip, 0), second = test::flank_outputs(*chip, 1);
  Conditions conditions = test::quiet();
  conditions.drift_k = 1;
  conditions.response["detuning"].common = 0.02;
  conditions.reaches = {false, true, false};
  chip->impose(conditions);
  CHECK(test::flank_outputs(*chip, 0) == first);
  CHECK(test::flank_outputs(*chip, 1) != second);
}

TEST_CASE("what a device cannot do is refused in words") {
  const auto set = device::fabricate(test::plans(), {}, 2, 2);
  CHECK_THROWS_AS(device::make_virtual_device(set, 2), UsageError);
  auto chip = device::make_virtual_device(set, 0);
  CHECK_THROWS_AS(chip->read("humidity"), UsageError);
  CHECK_THROWS_AS(chip->set_controls(3, {}), UsageError);
  std::vector<float> controls(std::size_t(test::bank_of(*chip, 0).weights()), 1.0F);
  controls[7] = std::nanf("");
  CHECK_THROWS_AS(chip->set_controls(0, controls), RunError);
  Conditions conditions;
  conditions.reaches = {true};
  CHECK_THROWS_AS(chip->impose(conditions), UsageError);
  conditions = {};
  conditions.environment = Environment::trace;
  CHECK_THROWS_AS(chip->impose(conditions), UsageError);
  conditions.trace_time_s = {0, 0};
  conditions.trace_offset_k = {0, 1};
  CHECK_THROWS_AS(chip->impose(conditions), UsageError);
  platforms::mrr::Process impossible;
  impossible.chip_cols = 20;
  CHECK_THROWS_AS(device::fabricate(test::plans(), impossible, 1, 1), UsageError);
  CHECK_THROWS_AS(device::fabricate(test::plans(), {}, 0, 1), UsageError);
}
