#include "pnn/platforms/freespace/lab/registration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/targets.hpp"

namespace pnn::platforms::freespace::lab {

std::uint64_t registration_readings(const device::Device& device, std::size_t layer) {
  const Plan& plan = *planes_of(device.layers()[layer].plan);
  return all_targets(plan).size() * std::uint64_t(plan.cells());
}

ChipCurves measure_targets(device::Device& device, std::size_t layer, const CharacterizeSettings& settings,
                           const Take& take) {
  const platform::LayerPlan& carrier = device.layers()[layer].plan;
  const Plan& plan = *planes_of(carrier);
  const std::vector<Target> targets = all_targets(plan);
  const auto cells = std::size_t(plan.cells()), points = targets.size() * cells;
  constexpr double unmeasured = std::numeric_limits<double>::quiet_NaN();
  ChipCurves chip;
  chip.key = carrier.chip_key();
  chip.layers = {carrier.name()};
  chip.elements = carrier.element_names();
  chip.temperature_c = {0};  // whoever imposes or reads it knows
  chip.control_unit = "1";
  chip.control = chip.response = chip.sigma = Array<double>({1, 1, 1, points}, unmeasured);

  std::vector<float> controls(std::size_t(plan.control_count()));
  const Index averages = settings.averages;
  Matrix<float> inputs(averages, plan.in()), outputs(averages, plan.out);
  /// Shows a target; a reading a cell, zero in those without an output.
  const auto read = [&](const Target& target) {
    show_target(plan, target, controls);
    device.set_controls(layer, controls);
    if (settings.settle_s > 0) device.wait(settings.settle_s);
    inputs.rowwise() = Eigen::Map<const Eigen::RowVectorXf>(target.shown.data(), plan.in());
    device.run(layer, view(std::as_const(inputs)), view(outputs));
    if (!outputs.allFinite())
      throw device::DeviceError(carrier.name() + ": target \"" + target.name +
                                "\" read as a number that is not finite; look at the camera and run again");
    std::vector<Reading> readings(cells);
    for (std::size_t cell = 0; cell < std::min(cells, std::size_t(plan.out)); ++cell) {
      double sum = 0, squares = 0, count = 0;
      for (Index output = Index(cell); output < plan.out; output += Index(cells)) {
        for (Index k = 0; k < averages; ++k) {
          const double y = double(outputs(k, output));
          sum += y, squares += y * y, count += 1;
        }
      }
      const double mean = sum / count, variance = std::max(0.0, squares / count - mean * mean);
      readings[cell] = {mean, count > 1 ? std::sqrt(variance / (count - 1)) : 0};
    }
    return readings;
  };
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const std::vector<Reading> readings = take(cells, [&] { return read(targets[t]); });
    for (std::size_t cell = 0; cell < std::min(cells, std::size_t(plan.out)); ++cell) {
      const std::size_t at = t * cells + cell;
      chip.control.data[at] = double(at);
      chip.response.data[at] = readings[cell].mean;
      chip.sigma.data[at] = readings[cell].error;
    }
  }
  return chip;
}

}  // namespace pnn::platforms::freespace::lab
