// Read-out noise that is proportional to the size of each sample, for platforms to implement
// LayerPlan::readout_sigma.
#pragma once

#include <functional>
#include <span>

#include "pnn/platform/layer_plan.hpp"

namespace pnn::platform {

/// Row n of `signals`: one sample.
inline std::span<const float> sample_of(const ConstMatrixView<float>& signals, Index n) {
  return {signals.data() + n * signals.cols(), std::size_t(signals.cols())};
}

/// The largest value of x, at least 0.
float largest(std::span<const float> x);

/// The largest |x|, times √(reads): the noise of `reads` read-outs of one array that are added, or twice as
/// many where a negative x takes a read-out for each sign.
double size_of_reads(std::span<const float> x, double reads);

/// Σ x², added in the order of x.
double power(std::span<const float> x);

/// Writes share · full scale · size_of(sample) for every output of a sample to `sigma`. Returns false if the
/// share is 0 or there are no inputs. The reason is told at LayerPlan::readout_sigma.
bool sigma_by_size(double share, const Call& call, MatrixView<float> sigma,
                   const std::function<double(std::span<const float>)>& size_of);

}  // namespace pnn::platform
