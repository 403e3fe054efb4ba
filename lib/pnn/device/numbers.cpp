#include "pnn/device/numbers.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/text.hpp"

namespace pnn::device {

namespace {

std::string not_a_reading(double value) {
  return std::isfinite(value) ? "the device answered with " + format_short(value, 3) +
                                    ", which is no reading but an overload (at most " +
                                    format_short(double(largest_reading), 3) + " is taken)"
                              : "the device answered with a number that is not finite";
}

}  // namespace

void check_controls(const std::string& layer, std::span<const float> controls) {
  if (!all_finite(controls))
    throw DivergenceError("layer " + layer + ": a control to be set is not a finite number");
}

void check_inputs(const std::string& layer, ConstMatrixView<float> inputs) {
  const auto wrong = first_not_finite(std::span(inputs.data(), std::size_t(inputs.size())));
  if (!wrong) return;
  const auto width = std::size_t(inputs.cols());
  throw DivergenceError("layer " + layer + ": input " + std::to_string(*wrong % width) + " of sample " +
                        std::to_string(*wrong / width) +
                        " is not a finite number and is not sent: the signals before this layer overflowed");
}

void check_outputs(const std::string& layer, std::span<const float> outputs) {
  if (const auto wrong = first_not_finite(outputs, largest_reading))
    throw DeviceError("layer " + layer + ": " + not_a_reading(double(outputs[*wrong])));
}

void check_reading(std::string_view sensor, double value) {
  if (!(std::abs(value) <= double(largest_reading)))
    throw DeviceError("sensor " + std::string(sensor) + ": " + not_a_reading(value));
}

}  // namespace pnn::device
