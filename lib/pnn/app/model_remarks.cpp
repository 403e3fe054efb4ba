#include "pnn/app/model_remarks.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <span>

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

namespace {

void tell_wide_limits(const std::vector<platform::ControlBounds>& bounds,
                      const std::vector<platform::AnyPlan>& plans, const std::vector<std::string>& limits,
                      cli::Context& context) {
  for (const std::string& text : limits) {
    const platform::OwnersLimits allowed = platform::parse_limits(text, plans);
    for (std::size_t layer = 0; layer < plans.size(); ++layer) {
      const platform::ControlBounds& own = bounds[layer];
      if ((!allowed.layer.empty() && allowed.layer != plans[layer]->name()) || own.lower.empty()) continue;
      const auto lower = double(*std::min_element(own.lower.begin(), own.lower.end())),
                 upper = double(*std::max_element(own.upper.begin(), own.upper.end()));
      const double rounding = 1e-6 * (upper - lower);
      if (!(allowed.lower < lower - rounding || allowed.upper > upper + rounding)) continue;
      context.warn("--limits " + text + ": reaches beyond the range in which controls of layer " +
                   plans[layer]->name() + " may be, " + format_short(lower, 6) + " to " +
                   format_short(upper, 6) + " " + plans[layer]->controls_port().unit +
                   ", and they stay in that");
      break;
    }
  }
}

/// The controls of one element.
struct Shared {
  std::size_t held = 0;
  std::vector<std::string> free;
};

void tell_shared(const std::vector<platform::AnyPlan>& plans, const platform::Process& process,
                 const std::vector<std::string>& fixed, cli::Context& context) {
  if (fixed.empty()) return;
  const model::Model nominal = model::nominal_model(plans, process);
  std::vector<platform::ControlBounds> bounds(plans.size());
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const auto count = std::size_t(plans[layer]->controls());
    constexpr float far = std::numeric_limits<float>::max();
    bounds[layer] = {std::vector<float>(count, -far), std::vector<float>(count, far)};
  }
  platform::apply_fixed(bounds, plans, fixed);
  std::map<std::pair<std::string, std::string>, Shared> elements;
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const platform::LayerPlan& plan = plans[layer];
    std::unique_ptr<platform::TransferMap<float>> map;
    plan.make_model_map(process, model::chip_of(nominal, plan, 0), 0, map);
    const std::span<const std::uint32_t> element_of = map->element_of_control();
    const std::vector<std::string> names = plan.element_names();
    for (std::size_t k = 0; k < element_of.size(); ++k) {
      Shared& element = elements[{plan.chip_key(), names[element_of[k] % names.size()]}];
      if (bounds[layer].lower[k] == bounds[layer].upper[k]) {
        ++element.held;
      } else {
        element.free.push_back(plan.name() + "[" + std::to_string(k) + "]");
      }
    }
  }
  for (const auto& [where, element] : elements)
    if (element.held > 0 && !element.free.empty())
      return context.warn(
          "--fix: " + where.second + " takes " + std::to_string(element.held + element.free.size()) +
          " controls in turn, of which " + join(element.free, ", ") +
          (element.free.size() == 1 ? " is" : " are") + " free; a heater that is stuck holds them all");
}

}  // namespace

void tell_bounds(const std::vector<platform::ControlBounds>& bounds,
                 const std::vector<platform::AnyPlan>& plans, const platform::Process& process,
                 const std::vector<std::string>& limits, const std::vector<std::string>& fixed,
                 cli::Context& context) {
  tell_wide_limits(bounds, plans, limits, context);
  tell_shared(plans, process, fixed, context);
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
