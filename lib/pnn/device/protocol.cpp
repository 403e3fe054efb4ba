#include "pnn/device/protocol.hpp"

#include <algorithm>

#include "pnn/core/text.hpp"

namespace pnn::device {

std::vector<LayerOffer> layer_offers(const std::vector<LayerPort>& ports) {
  std::vector<LayerOffer> offers;
  offers.reserve(ports.size());
  for (const LayerPort& port : ports) {
    offers.push_back({port.plan->name(), port.plan->controls_port().unit, port.plan->inputs(),
                      port.plan->outputs(), port.plan->controls(), port.lower, port.upper, port.safe});
  }
  return offers;
}

std::string identity_of(const Offer& offer) {
  std::string text = offer.name + "\n" + join(offer.instruments, "\n");
  for (const LayerOffer& l : offer.layers) {
    text += "\n" + l.name + " " + std::to_string(l.inputs) + " " + std::to_string(l.outputs) + " " +
            std::to_string(l.controls) + " " + format_number(l.lower) + " " + format_number(l.upper) + " " +
            l.unit;
  }
  return text;
}

std::vector<std::string> misfits(const Offer& offer, const std::vector<platform::AnyPlan>& plans,
                                 const std::vector<ControlConversion>& conversions) {
  std::vector<std::string> wrong;
  if (offer.layers.size() != plans.size()) {
    wrong.push_back("expected " + std::to_string(plans.size()) + " layers (" +
                    join(platform::layer_names(plans), ", ") + "), found " +
                    std::to_string(offer.layers.size()));
    return wrong;
  }
  for (std::size_t k = 0; k < plans.size(); ++k) {
    const LayerOffer& layer = offer.layers[k];
    const platform::LayerPlan& plan = plans[k];
    const auto compare = [&](const char* what, Index expected, Index found) {
      if (expected != found)
        wrong.push_back("layer " + plan.name() + ": expected " + std::to_string(expected) + " " + what +
                        ", found " + std::to_string(found));
    };
    compare("inputs", plan.inputs(), layer.inputs);
    compare("outputs", plan.outputs(), layer.outputs);
    compare("controls", plan.controls(), layer.controls);
    if (layer.unit != plan.controls_port().unit && (conversions.empty() || !conversions[k].to_driver))
      wrong.push_back("layer " + plan.name() + ": expected controls in " + plan.controls_port().unit +
                      ", found " + layer.unit);
  }
  return wrong;
}

}  // namespace pnn::device
