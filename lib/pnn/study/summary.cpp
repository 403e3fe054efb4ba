#include "pnn/study/summary.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/study/lab.hpp"

namespace pnn::study {

double median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

ChipSummary summarise(const model::ChipModel& chip) {
  ChipSummary out;
  const std::size_t count = chip.parameters.size(), elements = chip.elements.size();
  const auto measured = [&](std::size_t element) {
    return !chip.remarks[element % elements].starts_with(model::unmeasured);
  };
  const auto over_elements = [&](const auto& value) {
    std::vector<double> values;
    for (std::size_t element = 0; element < chip.rms_residual.size(); ++element) {
      if (measured(element)) values.push_back(value(element));
    }
    return values;
  };
  out.rms_median =
      median(over_elements([&](std::size_t element) { return chip.rms_residual.data[element]; }));
  for (const double rms : chip.rms_residual.data) out.rms_max = std::max(out.rms_max, rms);
  for (std::size_t k = 0; k < count; ++k) {
    const auto value = [&](std::size_t element) { return chip.values.data[element * count + k]; };
    const auto error = [&](std::size_t element) {
      return std::sqrt(chip.covariance.data[(element * count + k) * count + k]);
    };
    out.parameters.push_back(
        {chip.parameters[k], chip.units[k], median(over_elements(value)), median(over_elements(error))});
  }
  for (const ModelArray& array : model_arrays()) {
    const auto held = chip.more.find(array.name), errors = chip.more.find(array.name + "_sigma");
    if (array.entries.empty() || held == chip.more.end() || errors == chip.more.end()) continue;
    for (std::size_t k = 0; k < array.entries.size(); ++k) {
      std::vector<double> of_devices, their_errors;
      for (std::size_t device = 0; device < held->second.dim(0); ++device) {
        of_devices.push_back(held->second.slice(device)[k]);
        their_errors.push_back(errors->second.slice(device)[k]);
      }
      out.parameters.push_back(
          {array.entries[k].first, array.entries[k].second, median(of_devices), median(their_errors)});
    }
  }
  for (std::size_t element = 0; element < elements; ++element) {
    if (!measured(element)) {
      if (out.unmeasured++ == 0) out.unmeasured_because = chip.remarks[element];
    } else if (!chip.remarks[element].empty()) {
      out.bad.push_back(chip.elements[element] + ": " + chip.remarks[element]);
    }
  }
  return out;
}

}  // namespace pnn::study
