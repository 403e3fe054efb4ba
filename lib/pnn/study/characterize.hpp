// Measuring tuning curves on a device, as a lab does: one ring driven, the others parked.
#pragma once

#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"

namespace pnn::study {

struct CharacterizeSettings {
  int points = 61;
  int averages = 4;
  bool crosstalk = false;              ///< also pair sweeps
  std::vector<double> temperatures_c;  ///< empty: the present one; two or more identify η
  void describe(Options& options);
};

/// Curves of every chip that the device's layers run on, in the shape [1, E, T, P].
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress);
/// Stacks the curves of several devices along the first axis.
model::Curves stack(const std::vector<model::Curves>& devices);

}  // namespace pnn::study
