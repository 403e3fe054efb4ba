#include "pnn/platforms/mrr/lab/predicted.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "pnn/core/stop.hpp"
#include "pnn/model/fall.hpp"
#include "pnn/platforms/mrr/model_rings.hpp"
#include "pnn/study/predicted.hpp"

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

}  // namespace

ChipCurves predicted_rings(const Process& process, const ChipModel& chip, const ChipCurves& measured,
                           std::size_t points) {
  const std::size_t devices = measured.response.dim(0), elements = measured.elements.size(),
                    temperatures = measured.temperature_c.size();
  ChipCurves out = curves_like(measured, points);
  Matrix<double> weights(Index(elements), 1);
  std::vector<double> controls(elements);
  for (std::size_t device = 0; device < devices; ++device) {
    const std::size_t known = std::min(device, chip.values.dim(0) - 1);
    const auto bank = lone_rings(process, chip, known);
    for (std::size_t t = 0; t < temperatures; ++t) {
      stop_if_asked();
      const auto curve = [&](std::size_t e) { return (device * elements + e) * temperatures + t; };
      std::vector<std::optional<std::pair<double, double>>> ranges;
      for (std::size_t e = 0; e < elements; ++e) ranges.push_back(measured_range(measured, curve(e)));
      System system;
      system.temperature_k = measured.temperature_c[t] - process.reference_temperature_c;
      for (std::size_t p = 0; p < points; ++p) {
        const double part = double(p) / double(points - 1);
        for (std::size_t e = 0; e < elements; ++e) {
          const auto [least, greatest] = ranges[e].value_or(std::pair(0.0, 0.0));
          controls[e] = least + (greatest - least) * part;
        }
        const auto light_left = [&](std::size_t e) {
          return fall_of(chip, known, e).at(heater_power_mw(controls[e], process.resistance_ohm, 0)).left;
        };
        bank->evaluate({controls, {}, system}, MatrixView<double>(weights.data(), weights.rows(), 1));
        for (std::size_t e = 0; e < elements; ++e) {
          if (!ranges[e]) continue;
          const std::size_t at = curve(e) * points + p;
          out.control.data[at] = controls[e];
          out.response.data[at] = weights(Index(e), 0) * light_left(e);
          out.sigma.data[at] = 0;
        }
      }
    }
  }
  return out;
}

}  // namespace pnn::platforms::mrr::lab
