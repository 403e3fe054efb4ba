#include "pnn/platforms/mrr/lab/predicted.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/platforms/mrr/model_rings.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// One ring in each row of a chip of its own, so that a weight is a ring alone.
std::unique_ptr<Bank<double>> lone_rings(const Process& process, const ChipModel& chip, std::size_t device) {
  const auto rings = Index(chip.elements.size());
  const BankPlan plan{"rings", rings, 1, int(rings), 1, Reuse::time};
  const BankPhysics physics =
      chip.kind == "airy+crosstalk" ? ideal_physics(process) : model_physics(process, chip, device);
  return make_bank<double>(plan, physics, model_rings(process, chip, plan, device));
}

/// Least and greatest of the controls that were set and gave a response; NaN of none.
std::pair<double, double> measured_range(std::span<const double> control, std::span<const double> response) {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (std::size_t k = 0; k < control.size(); ++k) {
    if (!std::isfinite(control[k]) || !std::isfinite(response[k])) continue;
    least = std::min(least, control[k]), greatest = std::max(greatest, control[k]);
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  return least <= greatest ? std::pair{least, greatest} : std::pair{none, none};
}

}  // namespace

ChipCurves predicted_rings(const Process& process, const ChipModel& chip, const ChipCurves& measured,
                           std::size_t points) {
  require(points >= 2, "a curve has two ends");
  const std::size_t devices = measured.response.dim(0), elements = measured.elements.size(),
                    temperatures = measured.temperature_c.size(), samples = measured.response.dim(3);
  ChipCurves out;
  out.key = measured.key;
  out.layers = measured.layers;
  out.elements = measured.elements;
  out.temperature_c = measured.temperature_c;
  out.control_unit = measured.control_unit;
  out.control = out.response = out.sigma = Array<double>({devices, elements, temperatures, points});
  Matrix<double> weights(Index(elements), 1);
  std::vector<double> controls(elements);
  for (std::size_t device = 0; device < devices; ++device) {
    const auto bank = lone_rings(process, chip, std::min(device, chip.values.dim(0) - 1));
    for (std::size_t t = 0; t < temperatures; ++t) {
      stop_if_asked();
      std::vector<std::pair<double, double>> ranges;
      for (std::size_t e = 0; e < elements; ++e) {
        const std::size_t at = ((device * elements + e) * temperatures + t) * samples;
        ranges.push_back(measured_range(std::span(measured.control.data).subspan(at, samples),
                                        std::span(measured.response.data).subspan(at, samples)));
      }
      System system;
      system.temperature_k = measured.temperature_c[t] - process.reference_temperature_c;
      for (std::size_t p = 0; p < points; ++p) {
        const double part = double(p) / double(points - 1);
        for (std::size_t e = 0; e < elements; ++e) {
          const auto [least, greatest] = ranges[e];
          controls[e] = std::isfinite(least) ? least + (greatest - least) * part : 0;
        }
        bank->evaluate({controls, {}, system}, MatrixView<double>(weights.data(), weights.rows(), 1));
        for (std::size_t e = 0; e < elements; ++e) {
          const std::size_t at = ((device * elements + e) * temperatures + t) * points + p;
          const bool known = std::isfinite(ranges[e].first);
          const double none = std::numeric_limits<double>::quiet_NaN();
          out.control.data[at] = known ? controls[e] : none;
          out.response.data[at] = known ? weights(Index(e), 0) : none;
          out.sigma.data[at] = known ? 0 : none;
        }
      }
    }
  }
  return out;
}

}  // namespace pnn::platforms::mrr::lab
