#include "pnn/platform/layer_plan.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::platform {

void LayerPlan::make_transmission(Index, std::unique_ptr<Transmission<float>>& made) const {
  made = std::make_unique<ProductTransmission<float>>();
}
void LayerPlan::make_transmission(Index, std::unique_ptr<Transmission<double>>& made) const {
  made = std::make_unique<ProductTransmission<double>>();
}

void LayerPlan::transmit(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                         MatrixView<float> outputs) const {
  multiply_signals<float>(weights, inputs, outputs);
}

void LayerPlan::transmit_back(ConstMatrixView<float>, ConstMatrixView<float> inputs,
                              ConstMatrixView<float> by_outputs, MatrixView<float> by_weights) const {
  multiply(by_outputs.transpose(), inputs, by_weights);
}

void check_truth(const LayerPlan& plan, const Truth& truth) {
  const std::vector<std::size_t> sizes = plan.truth_sizes();
  bool fits = truth.size() == sizes.size();
  for (std::size_t k = 0; fits && k < sizes.size(); ++k) fits = truth[k].size() == sizes[k];
  require(fits, "hidden values fit the chip of their layer");
}

std::vector<std::uint16_t> chip_numbers(const std::vector<AnyPlan>& plans) {
  std::vector<std::string> keys;
  std::vector<std::uint16_t> numbers;
  for (const LayerPlan& plan : plans) {
    const std::string key = plan.chip_key();
    const auto it = std::find(keys.begin(), keys.end(), key);
    numbers.push_back(std::uint16_t(it - keys.begin()));
    if (it == keys.end()) keys.push_back(key);
  }
  return numbers;
}

std::vector<std::string> conditions_of(const LayerPlan& plan) {
  std::vector<std::string> names = plan.followed();
  if (const ResponseOffset* offset = plan.platform().response()) {
    names.push_back(offset->common.name);
    names.push_back(offset->spread.name);
  }
  return names;
}

bool acts_on(const SystemParameter& parameter, const LayerPlan& plan) {
  const std::vector<std::string> followed = plan.followed();
  return std::find(followed.begin(), followed.end(), parameter.name) != followed.end();
}

void check_system_parameter(const SystemParameter& parameter, const std::vector<AnyPlan>& plans,
                            const std::string& option) {
  const auto known_to_some = [&](const SystemParameter& p) {
    return std::any_of(plans.begin(), plans.end(), [&](const LayerPlan& plan) { return acts_on(p, plan); });
  };
  if (known_to_some(parameter)) return;
  std::vector<std::string> known;
  for (const SystemParameter& p : system_parameters())
    if (known_to_some(p)) known.emplace_back(p.name);
  throw UsageError(option + ": " + parameter.name + " acts on no layer of this network" +
                   (known.empty() ? " (nor does any other)" : " (" + join(known, ", ") + " does)"));
}

void check_shifts(const System& system, const std::string& name, Index width, Index height,
                  std::vector<std::string>& wrong) {
  const auto check = [&](const char* parameter, double shift_px, Index side, const char* what) {
    if (std::abs(shift_px) < double(side)) return;
    wrong.push_back(name + ": " + parameter + " is " + format_number(shift_px) +
                    " px, beyond a plane that is " + std::to_string(side) + " px " + what);
  };
  check("shift-x", system.shift_x_px, width, "wide");
  check("shift-y", system.shift_y_px, height, "high");
}

Climate climate_of(const std::vector<AnyPlan>& plans, const Process& process) {
  for (const LayerPlan& plan : plans)
    if (const std::optional<Climate> climate = plan.climate(process)) return *climate;
  return {};
}

void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven) {
  if (!plan.periodic()) return drive(source, requested, driven);
  std::transform(requested.begin(), requested.end(), driven.begin(),
                 [](float phase) { return float(wrap_phase(double(phase))); });
  drive(source, driven, driven);
}

HeaterUse heater_use(const std::vector<AnyPlan>& plans, const Process& process,
                     const std::vector<std::span<const float>>& controls, const std::vector<int>& readouts) {
  require(controls.size() == plans.size() && readouts.size() == plans.size(), "controls of every layer");
  Heat sum;
  for (std::size_t layer = 0; layer < plans.size(); ++layer)
    plans[layer]->add_heat(process, controls[layer], readouts[layer], sum);
  if (sum.time_us == 0) return {};
  const double energy = sum.changing_mw_us + sum.always_mw * sum.time_us;  // nJ
  return {energy / sum.time_us, sum.always_mw + sum.largest_part_mw, 1e-3 * energy};
}

std::vector<std::string> layer_names(const std::vector<AnyPlan>& plans) {
  std::vector<std::string> names;
  names.reserve(plans.size());
  for (const LayerPlan& plan : plans) names.push_back(plan.name());
  return names;
}

std::vector<bool> select_layers(const std::vector<std::string>& names, const std::string& list) {
  if (trim(list).empty()) return std::vector<bool>(names.size(), true);
  std::vector<bool> selected(names.size(), false);
  for (const std::string& part : split(list, ',')) {
    const std::string name(trim(part));
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      throw UsageError("--only-layers: no physical layer \"" + name + "\"" + did_you_mean(name, names) +
                       " (there are " + join(names, ", ") + ")");
    }
    selected[std::size_t(it - names.begin())] = true;
  }
  return selected;
}

}  // namespace pnn::platform
