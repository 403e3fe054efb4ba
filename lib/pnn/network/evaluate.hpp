// Accuracy, loss and confusion of a network over a split of a data set, in evaluation mode.
#pragma once

#include "pnn/network/dataset.hpp"
#include "pnn/network/network.hpp"

namespace pnn::network {

struct Evaluation {
  double loss = 0;           ///< mean over samples; of a generator over batches, weighted by their samples
  double accuracy = 0;       ///< fraction; 0 but for classify
  Matrix<double> confusion;  ///< [true, predicted] counts; empty but for classify
};

/// Samples that enter a device in one call, and one chunk of a parallel evaluation.
inline constexpr Index evaluation_batch = 250;

/// Evaluates the samples in order, in batches of evaluation_batch. With a `runner` the batches go one after
/// another (a device has a clock); without, in parallel. A generator takes a split of latent vectors
/// (generate.hpp); a last batch of one sample has no distance and does not count. `outputs`, if given,
/// becomes what the network gave, [n, outputs]. `statistics`: what a batchnorm normalises with, the running
/// ones, or (Statistics::batch) those of each batch of samples, which no deployed network has. Throws
/// DivergenceError where an output or the loss is not finite.
Evaluation evaluate(const Resolved& network, const Parameters<float>& parameters, const Split& split,
                    Task task, PhysicalRunner* runner = nullptr, Matrix<float>* outputs = nullptr,
                    Statistics statistics = Statistics::running);

}  // namespace pnn::network
