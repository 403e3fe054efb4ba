// The part of a LayerPlan that is alike on every platform: it holds the platform's own struct, and forwards
// both number types to one template.
#pragma once

#include <memory>
#include <utility>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::platform {

/// `Own` is the platform's struct that describes a layer, with operator==. `Self` derives from this class and
/// has
///    template <class Real> std::unique_ptr<TransferMap<Real>> device_map(const Process&, const Truth&)
///    const; template <class Real> std::unique_ptr<TransferMap<Real>> model_map(const Process&, const
///    ChipModel&,
///                                                                       std::size_t device) const;
template <class Self, class Own>
class LayerPlanOf : public LayerPlan {
 public:
  explicit LayerPlanOf(Own own) : own_(std::move(own)) {}
  [[nodiscard]] const Own& own() const { return own_; }
  [[nodiscard]] bool equals(const LayerPlan& other) const final {
    const auto* same = dynamic_cast<const LayerPlanOf*>(&other);
    return same != nullptr && own_ == same->own_;
  }
  void make_device_map(const Process& process, const Truth& truth,
                       std::unique_ptr<TransferMap<float>>& map) const final {
    check_truth(*this, truth);
    map = self().template device_map<float>(process, truth);
  }
  void make_device_map(const Process& process, const Truth& truth,
                       std::unique_ptr<TransferMap<double>>& map) const final {
    check_truth(*this, truth);
    map = self().template device_map<double>(process, truth);
  }
  void make_model_map(const Process& process, const ChipModel& chip, std::size_t device,
                      std::unique_ptr<TransferMap<float>>& map) const final {
    map = self().template model_map<float>(process, chip, device);
  }
  void make_model_map(const Process& process, const ChipModel& chip, std::size_t device,
                      std::unique_ptr<TransferMap<double>>& map) const final {
    map = self().template model_map<double>(process, chip, device);
  }

 private:
  [[nodiscard]] const Self& self() const { return static_cast<const Self&>(*this); }
  Own own_;
};

/// The layer that `own` describes, as any plan.
template <class Self, class Own>
AnyPlan make_plan(Own own) {
  return std::shared_ptr<const LayerPlan>(std::make_shared<Self>(std::move(own)));
}

/// The platform's struct of a layer; null if the layer is on another platform.
template <class Self>
auto own_plan(const LayerPlan& plan) -> decltype(&static_cast<const Self*>(nullptr)->own()) {
  const auto* self = dynamic_cast<const Self*>(&plan);
  return self != nullptr ? &self->own() : nullptr;
}

}  // namespace pnn::platform
