// The samples of each update: the order of an epoch, augmentation, latent inputs.
#pragma once

#include <cstdint>
#include <vector>

#include "pnn/network/dataset.hpp"
#include "pnn/network/network.hpp"
#include "pnn/network/task.hpp"
#include "pnn/train/augment.hpp"
#include "pnn/train/objective.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// Makes the batch of any update of a training: every epoch is a permutation of the training samples, cut
/// into batches, the incomplete last one left out. The samples, their augmentation and the latent inputs of a
/// generator are addressed by (seed, update), so that batches are the same after an interruption.
class Batches {
 public:
  /// Throws UsageError where an augmentation does not fit the inputs. `network` and `train` must outlive it.
  Batches(const TrainSettings& settings, const network::Resolved& network, const network::SplitView& train,
          std::uint64_t seed);

  /// Samples of a batch: those of the settings, or all that there are.
  [[nodiscard]] Index size() const { return x_.rows(); }
  /// The samples of update `step`; what the last call gave is written over.
  [[nodiscard]] Batch<float> at(std::uint64_t step);

 private:
  const network::Shape& input_;
  network::SplitView train_;
  std::uint64_t seed_;
  Augmentation augmentation_;
  bool generates_, has_targets_;
  Matrix<float> x_, targets_;
  std::vector<std::int32_t> labels_;
  std::vector<std::uint32_t> order_;
  std::uint64_t order_epoch_ = ~std::uint64_t(0);
};

}  // namespace pnn::train
