// Extracts the samples of one element from the arrays of its chip's curves.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/model/curves.hpp"

namespace pnn::model {

/// The samples of one element over all its sweeps, in any order.
struct Samples {
  std::vector<double> control, response;  ///< control in the unit of the curves (mA)
  std::vector<Index> sweep;               ///< number of the sweep, counted without gaps
  std::vector<double> drift_k;  ///< temperature of each, above that of its sweep; empty: none drifted
  double sigma = 0;             ///< standard error of a response, pooled over the curve; 0: unknown
  [[nodiscard]] Index size() const { return Index(response.size()); }
  [[nodiscard]] double drift_of(Index n) const { return drift_k.empty() ? 0 : drift_k[std::size_t(n)]; }
};

/// The finite samples of one element, and the temperatures at which they were taken.
struct ElementSamples {
  Samples samples;
  std::vector<std::size_t> sweep_of;  ///< for each sweep its index into ChipCurves::temperature_c
};
/// Leaves out sweeps with fewer than 8 finite samples, which determine nothing.
ElementSamples element_samples(const ChipCurves& curves, std::size_t device, std::size_t element);

}  // namespace pnn::model
