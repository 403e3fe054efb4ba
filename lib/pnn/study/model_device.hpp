// A model in place of a device.
#pragma once

#include <memory>

#include "pnn/device/device.hpp"
#include "pnn/model/model.hpp"

namespace pnn::study {

/// A device that computes exactly what the model of number `index` says, without noise or jitter. Random
/// response offsets are addressed by `seed`. It has no sensors and no clock, and its calls are not counted;
/// its sources round only where the conditions say so. `model` must outlive it.
std::unique_ptr<device::Device> make_model_device(const model::Model& model, std::size_t index,
                                                  std::uint64_t seed);

/// The system parameters of a model's layer under these conditions; `reference_c` is the model's reference
/// temperature, °C.
platform::System model_system(const device::Conditions& conditions, std::size_t layer, double reference_c);

}  // namespace pnn::study
