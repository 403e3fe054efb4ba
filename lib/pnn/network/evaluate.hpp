// Score, loss and confusion matrix of a network over a split of a data set, in evaluation mode.
#pragma once

#include <vector>

#include "pnn/network/dataset.hpp"
#include "pnn/network/network.hpp"

namespace pnn::network {

/// The result of an evaluation.
struct Evaluation {
  double loss = 0;           ///< mean over samples; of a generator over batches, weighted by their samples
  double score = 0;          ///< score_of (task.hpp): the fraction of correct samples, R², or the loss
  Matrix<double> confusion;  ///< [true, predicted] numbers of samples; empty for tasks other than classify
  std::vector<double> rms_error;  ///< regress: of each output; else empty
};

/// Number of samples in one call of a device, and in one chunk of a parallel evaluation.
inline constexpr Index evaluation_batch = 250;

/// Evaluates the samples in order, in batches of evaluation_batch: one after the other with a `runner` (a
/// device has a clock), in parallel without one (without `outputs` on all ranks(), which call this together).
/// A generator takes a LatentSplit (generate.hpp); a last batch of a single sample has no distance and is not
/// counted. `outputs`, if given, receives the outputs of the network, [n, outputs]. `statistics`: what a
/// batchnorm normalises with, the running ones, or (Statistics::batch) those of each batch, which no deployed
/// network has. Throws DivergenceError if an output or the loss is not finite.
Evaluation evaluate(const Resolved& network, const Parameters<float>& parameters, const SplitView& split,
                    Task task, PhysicalRunner* runner = nullptr, Matrix<float>* outputs = nullptr,
                    Statistics statistics = Statistics::running);

}  // namespace pnn::network
