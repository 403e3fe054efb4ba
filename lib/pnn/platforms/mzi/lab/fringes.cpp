#include "pnn/platforms/mzi/lab/fringes.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "pnn/model/model.hpp"
#include "pnn/platforms/mzi/lab/fringe_bench.hpp"
#include "pnn/platforms/mzi/process.hpp"

namespace pnn::platforms::mzi::lab {

namespace {

constexpr double no_reading = std::numeric_limits<double>::quiet_NaN();

/// Heat of each point of a sweep, as the phase that it adds, in the order of points: equal steps over a turn,
/// or from end to end of a shorter range of the controls.
std::vector<double> heated_phases(const device::LayerPort& port, double theta0_rad,
                                  const CharacterizeSettings& settings) {
  constexpr double turn = 2 * std::numbers::pi;
  double first = port.lower - theta0_rad, last = port.upper - theta0_rad;
  if (first < 0) first += turn, last += turn;  // heat adds
  const bool whole = port.upper - port.lower >= turn - 1e-6;
  std::vector<double> up;
  up.reserve(std::size_t(settings.points));
  for (int p = 0; p < settings.points; ++p)
    up.push_back(whole ? turn * p / settings.points : first + (last - first) * p / (settings.points - 1));
  return settings.in_order(up);
}

/// Static phase of a fringe: the angle of the first harmonic, which over equal steps of a turn is its sum and
/// over a shorter range that of least squares, of offset + cosine + sine.
double phase_of_fringe(std::span<const double> heated, std::span<const double> response, bool whole) {
  if (whole) {
    std::complex<double> harmonic = 0;
    for (std::size_t p = 0; p < heated.size(); ++p) harmonic += std::polar(response[p], -heated[p]);
    return std::arg(harmonic);
  }
  Matrix<double> basis(Index(heated.size()), 3);
  Vector<double> values(Index(heated.size()));
  for (Index p = 0; p < basis.rows(); ++p) {
    basis.row(p) << 1, std::cos(heated[std::size_t(p)]), std::sin(heated[std::size_t(p)]);
    values(p) = response[std::size_t(p)];
  }
  const Vector<double> found = (basis.transpose() * basis).ldlt().solve(basis.transpose() * values);
  return std::atan2(-found(2), found(1));
}

}  // namespace

std::uint64_t fringe_readings(device::Device& device, std::size_t layer,
                              const CharacterizeSettings& settings) {
  std::uint64_t shifters = 0;
  const FringeBench bench(device, layer, 1, 0);
  for (const FringeGroup& group : bench.groups()) shifters += group.controls.size();
  return shifters * settings.directions().size();
}

ChipCurves measure_fringes(device::Device& device, std::size_t layer, const CharacterizeSettings& settings,
                           const Take& take) {
  const platform::LayerPlan& plan = device.layers()[layer].plan;
  ChipCurves chip;
  chip.key = plan.chip_key();
  chip.layers = {plan.name()};
  chip.elements = plan.element_names();
  chip.direction = settings.directions();
  chip.temperature_c = {0};  // whoever imposes or reads it knows
  const auto shifters = settings.process.as<Process>();
  const device::LayerPort& port = device.layers()[layer];
  const bool whole = port.upper - port.lower >= 2 * std::numbers::pi - 1e-6;
  const std::vector<double> heated = heated_phases(port, shifters.theta0_rad, settings);
  const std::size_t points = heated.size();
  chip.control = chip.response = chip.sigma = Array<double>({1, chip.elements.size(), 1, points}, no_reading);

  FringeBench bench(device, layer, settings.averages, settings.settle_s);
  bool quadratures_known = false;
  for (const FringeGroup& group : bench.groups()) {
    if (group.kind == MeshControl::phi && !quadratures_known) {
      for (Index control = 0; control < plan.controls(); ++control) {
        if (mesh_of(plan)->mesh.place_of(control).kind != MeshControl::theta) continue;
        const auto curve = std::span(chip.response.data).subspan(std::size_t(control) * points, points);
        if (std::isnan(curve[0])) continue;
        bench.set_quadrature(control, std::numbers::pi / 2 - phase_of_fringe(heated, curve, whole));
      }
      quadratures_known = true;
    }
    for (std::size_t p = 0; p < points; ++p) {
      bool measured = false;
      const std::vector<Reading> readings = take(group.controls.size(), [&] {
        measured = true;
        return bench.read(group, shifters.theta0_rad + heated[p]);
      });
      if (!measured) bench.skip();
      for (std::size_t k = 0; k < readings.size(); ++k) {
        const std::size_t at = std::size_t(group.controls[k]) * points + p;
        chip.control.data[at] = heating_current_ma(shifters, heated[p]);
        chip.response.data[at] = readings[k].mean;
        chip.sigma.data[at] = readings[k].error;
      }
    }
  }
  return chip;
}

}  // namespace pnn::platforms::mzi::lab
