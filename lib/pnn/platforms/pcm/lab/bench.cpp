#include "pnn/platforms/pcm/lab/bench.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/system.hpp"
#include "pnn/platforms/pcm/platform.hpp"

namespace pnn::platforms::pcm::lab {
namespace {

constexpr Index most_samples = 1024;  // of a device call

}  // namespace

CellSweeps::CellSweeps(device::Device& device, std::size_t layer, const CharacterizeSettings& settings)
    : device_(device), layer_(layer), settings_(settings), plan_(*arrays_of(device.layers()[layer].plan)) {
  const LayerPlan& carrier = device.layers()[layer].plan;
  const std::size_t points = settings.directions().size(), cells = std::size_t(plan_.control_count());
  require_memory(std::uint64_t(points) * cells * 3 * sizeof(double), "the curves of " + carrier.chip_key());
  curves.key = carrier.chip_key();
  curves.layers = {carrier.name()};
  curves.elements = carrier.element_names();
  curves.temperature_c = {0};  // whoever imposes or reads it knows
  curves.direction = settings.directions();
  curves.control_unit = "1";
  curves.control = curves.response = curves.sigma =
      Array<double>({1, cells, 1, points}, std::numeric_limits<double>::quiet_NaN());
  // a cell takes certain levels alone, and a curve is of what it took
  std::vector<double> upward;
  const Source source = carrier.source(settings.process, {});
  for (int p = 0; p < settings.points; ++p) {
    float level = float(double(p) / double(settings.points - 1));
    platform::drive(source, {&level, 1}, {&level, 1});
    upward.push_back(double(level));
  }
  const std::vector<double> levels = settings.in_order(upward);
  for (std::size_t cell = 0; cell < cells; ++cell)
    std::copy(levels.begin(), levels.end(), curves.control.data.begin() + std::ptrdiff_t(cell * points));
}

std::uint64_t CellSweeps::readings() const {
  return curves.response.size();
}

std::vector<Reading> CellSweeps::read(Index first, Index count) {
  const Index averages = settings_.averages;
  inputs_.setZero(count * averages, plan_.in);
  for (Index j = 0; j < count; ++j) inputs_.block(j * averages, first + j, averages, 1).setOnes();
  outputs_.resize(inputs_.rows(), plan_.out);
  device_.run(layer_, view(std::as_const(inputs_)), view(outputs_));
  if (!outputs_.allFinite())
    throw device::DeviceError("layer " + plan_.name +
                              ": the device answered with a number that is not finite");
  std::vector<Reading> readings;
  readings.reserve(std::size_t(count * plan_.out));
  for (Index j = 0; j < count; ++j) {
    for (Index i = 0; i < plan_.out; ++i) {
      double mean = 0, squares = 0;
      for (Index k = 0; k < averages; ++k) mean += double(outputs_(j * averages + k, i)) / double(averages);
      for (Index k = 0; k < averages; ++k)
        squares += std::pow(double(outputs_(j * averages + k, i)) - mean, 2);
      const double error = averages > 1 ? std::sqrt(squares / double(averages - 1) / double(averages)) : 0;
      readings.push_back({mean, error});
    }
  }
  return readings;
}

void CellSweeps::sweep(std::size_t, const Take& take) {
  const std::size_t points = curves.response.dim(3);
  const Index inputs_a_call = std::max<Index>(1, most_samples / settings_.averages);
  std::vector<float> controls(std::size_t(plan_.control_count()));
  for (Index polarity = 0; polarity < plan_.polarities(); ++polarity) {
    const double sign = polarity == 0 ? 1 : -1;
    for (std::size_t point = 0; point < points; ++point) {
      const float level = float(curves.control.data[point]);
      bool set = false;
      for (Index first = 0; first < plan_.in; first += inputs_a_call) {
        const Index count = std::min(inputs_a_call, plan_.in - first);
        const std::vector<Reading> readings = take(std::size_t(count * plan_.out), [&] {
          if (!std::exchange(set, true)) {
            std::fill(controls.begin(), controls.end(), 0.0F);
            const auto begin = controls.begin() + polarity * plan_.weights();
            std::fill(begin, begin + plan_.weights(), level);
            device_.set_controls(layer_, controls);
            if (settings_.settle_s > 0) device_.wait(settings_.settle_s);
          }
          return read(first, count);
        });
        for (Index j = 0; j < count; ++j) {
          for (Index i = 0; i < plan_.out; ++i) {
            const Reading& reading = readings[std::size_t(j * plan_.out + i)];
            const std::size_t at = std::size_t(plan_.cell(polarity, i, first + j)) * points + point;
            curves.response.data[at] = sign * reading.mean;
            curves.sigma.data[at] = reading.error;
          }
        }
      }
    }
  }
}

}  // namespace pnn::platforms::pcm::lab
