#include "pnn/train/batches.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/network/generate.hpp"

namespace pnn::train {

Batches::Batches(const TrainSettings& settings, const network::Resolved& network,
                 const network::SplitView& train, std::uint64_t seed)
    : input_(network.input),
      train_(train),
      seed_(seed),
      augmentation_(parse_augmentation(settings.samples.augment)),
      generates_(settings.task == network::Task::generate),
      has_targets_(network::traits_of(settings.task).against == network::Against::targets),
      x_(std::min<Index>(settings.updates.batch, train.size()), input_.size()),
      labels_(train.y.empty() ? 0 : std::size_t(x_.rows())),
      order_(std::size_t(train.size())) {
  if (has_targets_) targets_.resize(size(), train.targets.cols());
  if (generates_) targets_.resize(size(), train.features());
  if (augmentation_.acts() && (input_.field || input_.height * input_.width == 1))
    throw UsageError("--augment: it acts on pictures, and the inputs of this network are " +
                     input_.to_string());
  if (augmentation_.crop >= std::min(input_.height, input_.width) && augmentation_.crop > 0)
    throw UsageError("--augment crop=" + std::to_string(augmentation_.crop) +
                     ": leaves nothing of some pictures, which are " + input_.to_string() +
                     "; take fewer pixels");
}

Batch<float> Batches::at(std::uint64_t step) {
  const std::uint64_t per_epoch = order_.size() / std::size_t(size());
  const std::uint64_t epoch = step / per_epoch, within = step % per_epoch;
  if (order_epoch_ != epoch) {
    permutation({seed_, Purpose::data_order, 0, 0, std::uint32_t(epoch)}, order_);
    order_epoch_ = epoch;
  }
  const std::span<const std::uint32_t> rows =
      std::span(order_).subspan(within * std::uint64_t(size()), std::size_t(size()));
  network::copy_inputs(train_, rows, view(generates_ ? targets_ : x_));
  if (has_targets_) {
    for (Index n = 0; n < size(); ++n) targets_.row(n) = train_.targets.row(Index(rows[std::size_t(n)]));
  }
  for (std::size_t n = 0; n < labels_.size(); ++n) labels_[n] = train_.y[rows[n]];
  if (augmentation_.acts()) augment(augmentation_, input_, seed_, std::uint32_t(step), view(x_));
  if (generates_) network::fill_latents({seed_, Purpose::latent, 0, 0, std::uint32_t(step)}, view(x_));
  return {view(std::as_const(x_)), labels_, view(std::as_const(targets_))};
}

}  // namespace pnn::train
