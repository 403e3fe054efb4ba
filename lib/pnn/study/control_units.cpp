#include "pnn/study/control_units.hpp"

#include <cmath>
#include <optional>

#include "pnn/core/unit.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {
namespace {

/// The control whose stated value is `value`, by bisection between 0 and the largest control that has one.
double control_of_value(const std::function<std::optional<double>(double)>& stated, double value) {
  const auto below = [&](double control) {
    const std::optional<double> there = stated(control);
    return there && *there < value;
  };
  if (!below(0)) return 0;
  double low = 0, high = 1;
  constexpr double out_of_reach = 1e9;
  while (below(high) && high < out_of_reach) low = high, high *= 2;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (below(middle) ? low : high) = middle;
  }
  return stated(high) ? high : low;
}

device::ControlConversion conversion_to(const Unit& unit, const PlatformLab& lab,
                                        const platform::Process& process) {
  const auto stated = [unit, &lab, process](double control) -> std::optional<double> {
    const std::optional<double> base = lab.stated_control(unit.dimension, control, process);
    return base ? std::optional(unit.of_base(*base)) : std::nullopt;
  };
  if (unit.decibel || unit.dimension == Dimension::temperature || !stated(0)) return {};
  return {[stated](double control) { return stated(std::max(control, 0.0)).value_or(0); },
          [stated](double value) { return control_of_value(stated, value); }};
}

}  // namespace

std::vector<device::ControlConversion> control_conversions(const device::Offer& offer,
                                                           const std::vector<platform::AnyPlan>& plans,
                                                           const platform::Process& process,
                                                           std::vector<std::string>& notes) {
  std::vector<device::ControlConversion> all(plans.size());
  for (std::size_t k = 0; k < std::min(plans.size(), offer.layers.size()); ++k) {
    const device::LayerOffer& layer = offer.layers[k];
    const std::optional<Unit> unit = read_unit(layer.unit);
    if (layer.unit == plans[k]->controls_port().unit || !unit) continue;
    const PlatformLab& lab = lab_of(plans[k]->platform());
    all[k] = conversion_to(*unit, lab, process);
    if (all[k].to_driver)
      notes.push_back("controls of layer " + plans[k]->name() + " go to the driver in " + unit->name +
                      ", through " + lab.stated_through(process));
  }
  return all;
}

}  // namespace pnn::study
