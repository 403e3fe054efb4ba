#include "pnn/app/model_remarks.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/bounds.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::app {

void tell_extrapolation(bool measured, cli::Context& context) {
  if (!measured)
    throw UsageError(
        "--extrapolate: acts on nothing here; controls may be anywhere in the range of the process as it is");
  context.warn(
      "--extrapolate: controls may leave the range in which their elements were measured; weights there are "
      "a "
      "guess, and hardware may not stand it");
}

void tell_unmeasured(const model::Model& model, cli::Context& context) {
  for (const model::ChipModel& chip : model.chips) {
    const study::PlatformLab* lab = study::lab_of_kind(chip.kind);
    if (lab == nullptr || !lab->sweeps_controls() || !chip.measured.data.empty()) continue;
    context.warn("the model of chip " + chip.key +
                 " does not say at which controls it was measured (it is older than format 1.3): they may be "
                 "anywhere in the range of the process; fit the curves again, or give --limits");
  }
}

void tell_assumed(const model::Model& model, const std::vector<std::string>& varied, cli::Context& context) {
  const auto moves = [&](const std::string& name) {
    return std::find(varied.begin(), varied.end(), name) != varied.end();
  };
  const bool temperature = moves("temperature") || moves("drift") || moves("time");
  std::vector<std::string> all;
  for (const model::ChipModel& chip : model.chips) {
    const study::PlatformLab* lab = study::lab_of_kind(chip.kind);
    const std::vector<std::string> behind =
        lab != nullptr ? lab->behind_temperature() : std::vector<std::string>{};
    std::vector<std::string> of_temperature, of_value;
    for (const std::string& assumed : chip.assumed) {
      const std::string name = assumed.substr(0, assumed.find(' '));
      if (moves(name)) of_value.push_back(assumed);
      if (temperature && std::find(behind.begin(), behind.end(), name) != behind.end())
        of_temperature.push_back(assumed);
    }
    const auto warn = [&](const std::string& what, const std::vector<std::string>& names,
                          const std::string& advice) {
      if (names.empty()) return;
      context.warn("the results over " + what + " lean on assumed values: the curves of chip " + chip.key +
                   " do not determine " + join(names, ", ") + ", which are those of the process" + advice);
      all.insert(all.end(), names.begin(), names.end());
    };
    warn("temperature", of_temperature,
         lab != nullptr && lab->sweeps_temperatures()
             ? "; measure at two temperatures or more (pnn-characterize --temperatures)"
             : "");
    warn("the process", of_value, "");
  }
  if (!all.empty()) context.report().value("assumed", all);
}

void start_within_bounds(const train::Params& initial, const network::Resolved& network,
                         train::TrainInput& input, cli::Context& context) {
  platform::keep_held(input.bounds, initial.bounds);
  for (const std::string& held : initial.fixed) {
    const std::string control = held.substr(0, held.find('=') + 1);  // "LAYER[INDEX]="
    if (std::none_of(input.fixed.begin(), input.fixed.end(),
                     [&](const std::string& own) { return own.starts_with(control); }))
      input.fixed.push_back(held);
  }
  std::vector<float> controls = train::flat_controls(initial, network);
  if (const std::uint64_t moved = platform::project(controls, input.bounds, network.plans()); moved > 0)
    context.warn(
        "controls of --init that start at an end of what was measured, of --limits or of the process, "
        "or at --fix: " +
        std::to_string(moved));
}

}  // namespace pnn::app
