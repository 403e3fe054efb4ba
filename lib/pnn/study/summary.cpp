#include "pnn/study/summary.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/study/lab.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::study {

double median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

platform::HeaterUse heater_use(const network::Resolved& network, const platform::Process& process,
                               std::span<const float> controls) {
  const std::vector<platform::AnyPlan> plans = network.plans();
  const std::vector<bool> both_signs = network.signed_inputs();
  std::vector<int> readouts;
  for (std::size_t layer = 0; layer < plans.size(); ++layer)
    readouts.push_back(plans[layer]->readouts(both_signs[layer]));
  return platform::heater_use(plans, process, platform::by_layer(plans, controls), readouts);
}

platform::HeaterUse heater_use(const train::Params& params) {
  const network::Resolved network = network::resolve(params.network, params.process);
  return heater_use(network, params.process, train::flat_controls(params, network));
}

std::vector<std::string> training_names(const std::vector<std::string>& labels) {
  std::vector<std::string> names = labels;
  for (auto name = names.begin(); name != names.end(); ++name) {
    const auto before = labels.begin() + (name - names.begin());
    if (std::count(labels.begin(), labels.end(), *before) > 1)
      *name += " " + std::to_string(std::count(labels.begin(), before, *before) + 1);
  }
  return names;
}

std::vector<platform::HeaterUse> heater_uses(const Result& result) {
  std::vector<platform::HeaterUse> uses;
  for (std::size_t m = 0; m < result.methods.size() && result.power_mean_mw.size() > 0; ++m) {
    const auto of = [&](const Array<double>& values) { return summarise(values.slice(m)); };
    uses.push_back({of(result.power_mean_mw).mean, std::max(0.0, of(result.power_largest_mw).best),
                    of(result.energy_uj).mean});
  }
  return uses;
}

Summary summarise(std::span<const double> values) {
  Summary s;
  s.worst = std::numeric_limits<double>::infinity();
  s.best = -s.worst;
  double mean = 0, square = 0;
  for (double v : values) {
    if (!std::isfinite(v)) continue;
    ++s.count;
    const double shift = v - mean;
    mean += shift / double(s.count);
    square += shift * (v - mean);
    s.worst = std::min(s.worst, v);
    s.best = std::max(s.best, v);
  }
  s.mean = mean;
  s.deviation = s.count > 1 ? std::sqrt(square / double(s.count - 1)) : 0;
  return s;
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
  std::vector<double> excess;
  for (const double chi_square : chip.chi_square.data) excess.push_back(std::sqrt(chi_square));
  for (const double one : excess) out.excess_max = std::max(out.excess_max, std::isnan(one) ? 0 : one);
  out.excess_median = median(std::move(excess));
  out.held_out_median = median(chip.held_out.data);
  if (!chip.dead.data.empty())
    out.dead = std::size_t(
        std::count(chip.dead.data.begin(), chip.dead.data.begin() + std::ptrdiff_t(elements), 1.0));
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
