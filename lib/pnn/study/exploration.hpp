// How does the loss look around several sets of trained parameters, side by side, on a model or on a device?
#pragma once

#include "pnn/study/landscape.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::study {

/// One landscape a method, and all of them as one result.
struct Exploration {
  std::vector<Landscape> found;  ///< in the order of the methods
  Result result;                 ///< loss and score over the axes of the slices, spectra, histograms
  std::uint64_t gradients = 0;   ///< over all methods
  std::uint64_t device_calls = 0;
  std::uint64_t held_controls = 0;  ///< controls of the parameters that were moved into their bounds
};

/// The landscapes of all parameters of `in` on its one target, a model or the first of its devices, under its
/// surroundings, on its test (or validation) samples, `in.images` of them. Other fields of `in` are not read.
/// Points whose loss is not finite are marked in Result::overflowed. Throws UsageError on settings that
/// contradict each other or that the target cannot follow, and on a generator, whose loss is between sets of
/// pictures; InputError where the data set (named `data`) has no such samples; DivergenceError where the loss
/// of the parameters themselves is not finite; Interrupted when `progress` asks to stop.
Exploration explore(const SweepInput& in, const LandscapeSettings& settings, const std::string& data,
                    Progress& progress);

}  // namespace pnn::study
