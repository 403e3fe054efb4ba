#include "pnn/network/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/ranks.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::network {
namespace {

struct Part {
  double loss_sum = 0;
  Index correct = 0, counted = 0;
  std::vector<double> squares = {};  ///< regress: summed squared errors of each output
};

/// A network whose signals overflow is right about nothing: the largest of its outputs says no class.
void check_outputs(ConstMatrixView<float> y, Index begin) {
  const auto wrong = first_not_finite(std::span(y.data(), std::size_t(y.size())));
  if (wrong)
    throw DivergenceError("output " + std::to_string(Index(*wrong) % y.cols()) + " of sample " +
                          std::to_string(begin + Index(*wrong) / y.cols()) +
                          " is not finite: the network's signals overflow");
}

/// One batch through `pass`; adds to the confusion counts of its own part.
Part evaluate_batch(Pass<float>& pass, const Parameters<float>& parameters, const SplitView& split, Task task,
                    Index begin, Index count, PhysicalRunner* runner, Matrix<double>& confusion,
                    Matrix<float>* outputs, Statistics statistics) {
  const ConstMatrixView<float> x(split.x.data() + begin * split.x.cols(), count, split.x.cols());
  const ConstMatrixView<float> y = pass.forward(x, parameters, statistics, runner);
  check_outputs(y, begin);
  std::span<const std::int32_t> labels;
  if (confusion.size() > 0) {
    labels = split.y.subspan(std::size_t(begin), std::size_t(count));
    for (Index n = 0; n < count; ++n) {
      Index predicted = 0;
      y.row(n).maxCoeff(&predicted);
      confusion(labels[std::size_t(n)], predicted) += 1;
    }
  }
  if (outputs != nullptr) outputs->middleRows(begin, count) = y;
  if (!split.order.empty() && count < 2) return {};
  Matrix<float> gathered(split.order.empty() ? 0 : count, split.targets.cols());
  for (Index n = 0; n < gathered.rows(); ++n)
    gathered.row(n) = split.targets.row(Index(split.order[std::size_t(begin + n)]));
  const bool whole = split.order.empty() && split.targets.rows() > 0;
  const ConstMatrixView<float> targets(
      whole ? split.targets.data() + begin * split.targets.cols() : gathered.data(),
      whole ? count : gathered.rows(), split.targets.cols());
  const Loss loss = pass.loss(task, labels, targets);
  if (!std::isfinite(loss.mean))
    throw DivergenceError("the loss of samples " + std::to_string(begin) + " to " +
                          std::to_string(begin + count - 1) + " is not finite");
  Part part{loss.mean * double(count), loss.correct, count};
  if (traits_of(task).against != Against::targets) return part;
  for (Index k = 0; k < y.cols(); ++k)
    part.squares.push_back(squared_norm((y.col(k) - targets.col(k)).cast<double>()));
  return part;
}

/// Fills in what other ranks have: parts, and counts of confusion. `own`: the most batches of a rank;
/// `outputs`: those with squares.
void share(Ranks& ranks, Index own, Index outputs, std::vector<Part>& parts, Matrix<double>& confusion) {
  const Index size = ranks.size(), width = 3 + outputs, block = own * width + confusion.size();
  std::vector<double> mine(static_cast<std::size_t>(block));
  for (Index b = ranks.rank(), at = 0; b < Index(parts.size()); b += size, at += width) {
    const Part& part = parts[std::size_t(b)];
    const double numbers[] = {part.loss_sum, double(part.correct), double(part.counted)};
    std::copy(part.squares.begin(), part.squares.end(), std::copy_n(numbers, 3, mine.begin() + at));
  }
  std::copy_n(confusion.data(), confusion.size(), mine.end() - confusion.size());
  const std::vector<double> all = gathered(ranks, mine);
  for (Index b = 0; b < Index(parts.size()); ++b) {
    const double* const from = all.data() + b % size * block + b / size * width;
    parts[std::size_t(b)] = {from[0], Index(from[1]), Index(from[2]), {from + 3, from + width}};
  }
  confusion.setZero();
  for (Index r = 1; r <= size; ++r)
    confusion += ConstMatrixView<double>(all.data() + r * block - confusion.size(), confusion.rows(),
                                         confusion.cols());
}

}  // namespace

Evaluation evaluate(const Resolved& network, const Parameters<float>& parameters, const SplitView& split,
                    Task task, PhysicalRunner* runner, Matrix<float>* outputs, Statistics statistics) {
  Ranks& sharing = runner == nullptr && outputs == nullptr ? ranks() : alone();
  const Index total = split.size();
  const TaskTraits& traits = traits_of(task);
  const Index classes = traits.against == Against::classes ? network.output().size() : 0;
  const Index batches = (total + evaluation_batch - 1) / evaluation_batch;
  // A rank takes every n-th batch, and a worker of it every n-th of these with a pass of its own; sums are
  // added in batch order, so the numbers of ranks and workers show nowhere.
  const Index shares = sharing.size(), own = (batches + shares - 1) / shares;  // batches of a rank, some none
  const Index workers = runner != nullptr ? 1 : std::min<Index>(std::max(1, threads()), own);
  if (outputs != nullptr) outputs->resize(total, network.output().size());
  std::vector<Part> parts(static_cast<std::size_t>(batches));
  std::vector<Matrix<double>> confusions(std::size_t(workers), Matrix<double>::Zero(classes, classes));
  together(sharing, [&] {
    parallel_for(std::size_t(workers), [&](std::size_t w) {
      Pass<float> pass(network, std::min(total, evaluation_batch));
      for (Index b = Index(w) * shares + sharing.rank(); b < batches; b += workers * shares) {
        const Index begin = b * evaluation_batch;
        parts[std::size_t(b)] =
            evaluate_batch(pass, parameters, split, task, begin, std::min(evaluation_batch, total - begin),
                           runner, confusions[w], outputs, statistics);
      }
    });
  });
  Evaluation result;
  result.confusion = Matrix<double>::Zero(classes, classes);
  for (const Matrix<double>& c : confusions) result.confusion += c;
  const Index outputs_told = traits.against == Against::targets ? network.output().size() : 0;
  if (shares > 1) share(sharing, own, outputs_told, parts, result.confusion);
  Index correct = 0, counted = 0;
  std::vector<double> squares(static_cast<std::size_t>(outputs_told));
  for (const Part& part : parts) {
    result.loss += part.loss_sum;
    correct += part.correct;
    counted += part.counted;
    for (std::size_t k = 0; k < part.squares.size(); ++k) squares[k] += part.squares[k];
  }
  if (counted == 0) return result;
  result.loss /= double(counted);
  result.score = score_of(
      task, {result.loss, double(correct) / double(counted), squares.empty() ? 0 : target_variance(split)});
  for (const double sum : squares) result.rms_error.push_back(std::sqrt(sum / double(counted)));
  return result;
}

}  // namespace pnn::network
