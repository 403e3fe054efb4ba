#include "pnn/model/summary.hpp"

#include <algorithm>
#include <cmath>

namespace pnn::model {

double median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

ChipSummary summarise(const ChipModel& chip) {
  ChipSummary out;
  const std::size_t count = chip.parameters.size(), elements = chip.elements.size();
  const auto measured = [&](std::size_t ring) {
    const std::string& remark = chip.remarks[ring % elements];
    return remark != unmeasured_remark && remark != unseen_remark;
  };
  const auto over_rings = [&](const auto& value) {
    std::vector<double> values;
    for (std::size_t ring = 0; ring < chip.rms_residual.size(); ++ring) {
      if (measured(ring)) values.push_back(value(ring));
    }
    return values;
  };
  const bool planes = !chip.parameters.empty() && chip.parameters.front() == "rotation_rad";
  const bool phases = !chip.parameters.empty() && chip.parameters.front() == "offset_rad";
  const bool masks = planes && chip.parameters.back() == "axial_um";
  out.element = masks ? "masks" : planes ? "display" : phases ? "phase shifters" : "rings";
  out.unmeasured_because = phases ? "that change no power at an output" : "that no layer uses";
  out.rms_median = median(over_rings([&](std::size_t ring) { return chip.rms_residual.data[ring]; }));
  for (const double rms : chip.rms_residual.data) out.rms_max = std::max(out.rms_max, rms);
  for (std::size_t k = 0; k < count; ++k) {
    const auto value = [&](std::size_t ring) { return chip.values.data[ring * count + k]; };
    const auto error = [&](std::size_t ring) {
      return std::sqrt(chip.covariance.data[(ring * count + k) * count + k]);
    };
    out.parameters.push_back(
        {chip.parameters[k], chip.units[k], median(over_rings(value)), median(over_rings(error))});
  }
  if (!chip.crosstalk.data.empty()) {
    for (const std::size_t k : {std::size_t(0), std::size_t(1)}) {
      std::vector<double> values, errors;
      for (std::size_t device = 0; device < chip.crosstalk.dim(0); ++device) {
        values.push_back(chip.crosstalk.slice(device)[k]);
        errors.push_back(chip.crosstalk_sigma.slice(device)[k]);
      }
      out.parameters.push_back({k == 0 ? "crosstalk" : "crosstalk_length", k == 0 ? "1" : "pitch",
                                median(values), median(errors)});
    }
  }
  for (std::size_t ring = 0; ring < elements; ++ring) {
    if (!measured(ring)) {
      ++out.unmeasured;
    } else if (!chip.remarks[ring].empty()) {
      out.bad.push_back(chip.elements[ring] + ": " + chip.remarks[ring]);
    }
  }
  return out;
}

}  // namespace pnn::model
