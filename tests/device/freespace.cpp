// A free-space multiplier as a device: what its display, modulator and camera add.
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "tests/catch.hpp"
#include "tests/device/lab.hpp"

using namespace pnn;

namespace {

const platforms::freespace::Plan plan{
    "freespace1", 6, 3, 4, 2, 2, 1, 1, 2, 2, platforms::freespace::Signs::exposures};

/// Everything that is not linear, or random, left out.
platforms::freespace::Process silent() {
  platforms::freespace::Process process;
  process.gamma_sigma = process.full_well = process.readout_noise = process.modulator_bits = 0;
  return process;
}

device::DeviceSet made(const platforms::freespace::Process& process) {
  return device::fabricate({plan}, process, 3, 4);
}

std::vector<float> transmissions() {
  std::vector<float> s(std::size_t(plan.control_count()));
  fill_symmetric({5, Purpose::test, 1}, s);
  for (float& x : s) x = 0.5F + 0.5F * x;
  return s;
}

Matrix<float> signals(Index batch) {
  return test::random_inputs(batch, plan.in(), 6).cwiseAbs();
}

Matrix<float> outputs_of(const device::DeviceSet& set, const Matrix<float>& inputs,
                         const device::Conditions& conditions = {}) {
  const auto chip = device::make_virtual_device(set, 1);
  chip->impose(conditions);
  chip->set_controls(0, transmissions());
  Matrix<float> outputs(inputs.rows(), plan.out);
  chip->run(0, view(inputs), view(outputs));
  return outputs;
}

}  // namespace

TEST_CASE("a free-space device without noise multiplies by its own misaligned, blurred and uneven matrix") {
  platforms::freespace::Process process = silent();
  process.shift_sigma_px = 0.6;
  process.rotation_sigma_rad = 0.02;
  const auto set = made(process);
  device::Conditions moved;
  moved.system.rotation_rad = 0.01;
  moved.system.magnification = 0.03;
  const Matrix<float> inputs = signals(7), outputs = outputs_of(set, inputs, moved);

  const auto errors = draw_errors(process, 4, int(Purpose::fabrication), 0, 1, 0);
  platforms::freespace::Freespace<double> map(plan, full_physics(process), errors);
  const std::vector<float> rough = transmissions();
  const std::vector<double> controls(rough.begin(), rough.end());
  Matrix<double> weights(plan.out, plan.in());
  map.evaluate({controls, {}, moved.system}, view(weights));
  CHECK((outputs.cast<double>() - inputs.cast<double>() * weights.transpose()).cwiseAbs().maxCoeff() < 1e-5);
  CHECK((outputs - outputs_of(set, inputs)).cwiseAbs().maxCoeff() > 0.01F);

  moved.reaches = {false};
  CHECK(outputs_of(set, inputs, moved) == outputs_of(set, inputs));
}

TEST_CASE(
    "a display shows a power of its input, full at the largest of the sample, and nothing for what is "
    "negative") {
  platforms::freespace::Process process = silent();
  process.gamma_sigma = 0.1;
  const auto set = made(process);
  const auto linear = made(silent());
  const double gamma = draw_errors(process, 4, int(Purpose::fabrication), 0, 1, 0).gamma;
  const Matrix<float> inputs = signals(5);
  Matrix<float> bent = inputs;
  for (Index n = 0; n < bent.rows(); ++n) {  // full at the largest of its own
    const float full = inputs.row(n).maxCoeff();
    for (Index k = 0; k < bent.cols(); ++k)
      bent(n, k) = full * std::pow(bent(n, k) / full, float(gamma / 2.2));
  }
  CHECK((outputs_of(set, inputs) - outputs_of(linear, bent)).cwiseAbs().maxCoeff() < 1e-5F);
  CHECK((outputs_of(set, inputs) - outputs_of(linear, inputs)).cwiseAbs().maxCoeff() > 1e-3F);

  Matrix<float> negative = inputs, dark = inputs;
  for (Index k = 0; k < inputs.rows(); ++k) negative(k, k) = -3, dark(k, k) = 0;
  CHECK(outputs_of(linear, negative) == outputs_of(linear, dark));
  CHECK(outputs_of(linear, -inputs).isZero());
}

TEST_CASE("a modulator has its levels") {
  platforms::freespace::Process process = silent();
  process.modulator_bits = 2;
  const auto chip = device::make_virtual_device(made(process), 0);
  const Matrix<float> inputs = signals(3);
  const auto at = [&](float positive) {
    std::vector<float> s(std::size_t(plan.control_count()), 0.0F);
    std::fill_n(s.begin(), s.size() / 2, positive);
    chip->set_controls(0, s);
    Matrix<float> outputs(3, plan.out);
    chip->run(0, view(inputs), view(outputs));
    return outputs;
  };
  CHECK(at(0.4F) == at(1 / 3.0F));
  CHECK(at(0.6F) == at(2 / 3.0F));
  CHECK(at(1.7F) == at(1));
  CHECK_FALSE(at(0.4F) == at(0.6F));
}

TEST_CASE("a camera's noise is that of its electrons and of its pixels") {
  platforms::freespace::Process process = silent();
  process.gain_sigma = process.blur_px = process.contrast = 0;
  const Matrix<float> inputs = Matrix<float>::Constant(20000, plan.in(), 0.5F);
  const Matrix<float> clean = outputs_of(made(process), inputs);
  const auto spread = [&](const platforms::freespace::Process& noisy, Index output) {
    const Matrix<float> difference = outputs_of(made(noisy), inputs) - clean;
    return std::sqrt(difference.col(output).cast<double>().array().square().mean());
  };
  // n = 20 000 numbers give σ to √(1/2n) = 0.5 %; four of these
  platforms::freespace::Process shot = process;
  shot.full_well = 1000;
  const std::vector<float> s = transmissions();
  for (const Index output : {Index(0), Index(5)}) {
    // full well at 0.5: each element's block of 4 px holds 4 · 1000 · s electrons
    double passed = 0;
    for (Index polarity = 0; polarity < 2; ++polarity) {
      for (Index j = 0; j < plan.in(); ++j)
        passed += double(s[std::size_t(plan.control(polarity, output, j))]);
    }
    CHECK(spread(shot, output) == Approx(0.5 * std::sqrt(4000 * passed) / 4000).epsilon(0.02));
  }
  platforms::freespace::Process read = process;
  read.readout_noise = 0.01;
  // a cell has 5 × 6 blocks of 4 px, exposed twice; a block's full scale is 0.5
  CHECK(spread(read, 3) == Approx(0.5 * 0.01 * std::sqrt(2 * 30 * 4.0) / 4).epsilon(0.02));
  device::Conditions quieter;
  quieter.readout_noise = 0;
  CHECK(outputs_of(made(read), inputs, quieter) == clean);
}
