// The step of a training whose batches are cut (--draws): parts one after the other, or shared among ranks.
#include <algorithm>
#include <optional>
#include <vector>

#include "pnn/network/batchnorm.hpp"
#include "pnn/train/estimator.hpp"

namespace pnn::train {

network::Loss Estimator::step_in_parts(const Batch<float>& batch, const StepBuffers& buffers,
                                       const StepMoment& moment, Index parts, Cost& cost) {
  const Index samples = batch.x.rows(), ranks = ranks_.size();
  const auto begin_of = [&](Index part) { return samples * part / parts; };
  const std::span<float> own = sum_->part();
  const std::size_t controls = control_gradient_.size(), digital = digital_gradient_.size();
  StepBuffers into = buffers;
  into.control_gradient = own.first(controls);
  into.digital_gradient = own.subspan(controls, digital);
  const auto compute = [&](Index part, Cost& of_part) {
    const Index begin = begin_of(part), count = begin_of(part + 1) - begin;
    const auto rows = [&](const ConstMatrixView<float>& all) {
      return all.rows() == 0 ? all
                             : ConstMatrixView<float>(all.data() + begin * all.cols(), count, all.cols());
    };
    const std::size_t labels = batch.labels.empty() ? 0 : std::size_t(count);
    draw_drop(moment.step, begin);
    const network::Loss loss =
        step_of_part({rows(batch.x), batch.labels.subspan(labels > 0 ? std::size_t(begin) : 0, labels),
                      rows(batch.targets)},
                     into, moment, std::uint32_t(part), of_part);
    if (!remembered_.empty())
      std::copy(response_gradient_.begin(), response_gradient_.end(),
                own.begin() + std::ptrdiff_t(controls + digital));
    return loss;
  };

  struct Told {
    network::Loss loss;
    std::size_t taken_up = 0;  ///< numbers that the running statistics take up
  };
  sum_->clear();
  network::Loss mean;
  Cost of_part;  // the same of every part
  for (Index first = 0; first < parts; first += ranks) {
    Told mine;
    std::vector<double> taken_up;
    together(ranks_, [&] {
      if (first + ranks_.rank() >= parts) return;
      of_part = {};
      std::optional<network::CollectedStatistics> collected;
      if (ranks > 1) collected.emplace(buffers.state.size());
      mine.loss = compute(first + ranks_.rank(), of_part);
      if (collected) taken_up = collected->taken_up();
      mine.taken_up = taken_up.size();
    });
    const std::vector<Told> all = gathered(ranks_, mine);
    std::vector<double> shares;
    for (Index part = first; part < std::min(first + ranks, parts); ++part) {
      shares.push_back(double(begin_of(part + 1) - begin_of(part)) / double(samples));
      const network::Loss& loss = all[std::size_t(part - first)].loss;
      mean.mean += shares.back() * loss.mean;
      mean.correct += loss.correct;
    }
    sum_->add(shares);
    if (all[0].taken_up == 0) continue;
    taken_up.resize(all[0].taken_up);  // of a rank without a part
    const std::vector<double> moves = gathered(ranks_, taken_up);
    network::move_statistics(std::span(moves).first(shares.size() * taken_up.size()), buffers.state);
  }
  cost.gradients += of_part.gradients;
  cost.evaluations += of_part.evaluations;
  const std::span<const float> total = sum_->total();
  std::copy_n(total.begin(), controls, buffers.control_gradient.begin());
  std::copy_n(total.begin() + std::ptrdiff_t(controls), digital, buffers.digital_gradient.begin());
  const auto response = total.subspan(controls + digital);
  std::copy(response.begin(), response.end(), response_gradient_.begin());
  remember(buffers.control_gradient, response_gradient_, buffers.digital_gradient);
  // no later step reads what the last of these parts moved to, which ranks have at different ones
  std::fill(u_.begin(), u_.end(), 0.0F);
  system_ = {};
  return mean;
}

}  // namespace pnn::train
