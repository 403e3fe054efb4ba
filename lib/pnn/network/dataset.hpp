// A data set: training, validation and test samples with classes or targets.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/network/stored_rows.hpp"
#include "pnn/network/task.hpp"

namespace pnn::network {

/// Samples of one purpose: training, validation or test.
struct Split {
  Matrix<float> x;              ///< [n, features]; images flattened as [channels, height, width]
  std::vector<std::int32_t> y;  ///< [n] class numbers; empty in a data set with targets
  Matrix<float> targets = {};   ///< [n, targets] (value − mean)/scale of each; empty in one with classes
  std::shared_ptr<const StoredRows> stored = {};  ///< what would be in x, where that stays in its file
  [[nodiscard]] Index size() const { return stored ? stored->rows() : x.rows(); }
};

/// Samples that somebody else owns, so that no part of a data set is copied to be shown.
struct SplitView {
  ConstMatrixView<float> x{nullptr, 0, 0};  ///< as in Split
  std::span<const std::int32_t> y = {};     ///< [n] class numbers; may be empty
  /// [n, outputs], may be empty: the output for sample n is compared with row n, of a generator with row
  /// `order[n]`.
  ConstMatrixView<float> targets{nullptr, 0, 0};
  std::span<const std::uint32_t> order = {};
  const StoredRows* stored = nullptr;  ///< as in Split

  SplitView() = default;
  SplitView(const Split& split)  // NOLINT(google-explicit-constructor): shows the same samples
      : x(view(split.x)), y(split.y), targets(view(split.targets)), stored(split.stored.get()) {}
  SplitView(const Split&&) = delete;  // it would not outlive the view
  SplitView(ConstMatrixView<float> latents, ConstMatrixView<float> given, std::span<const std::uint32_t> rows)
      : x(latents), targets(given), order(rows) {}
  [[nodiscard]] Index size() const { return stored != nullptr ? stored->rows() : x.rows(); }
  [[nodiscard]] Index features() const { return stored != nullptr ? stored->cols() : x.cols(); }
};

/// A data set.
struct Dataset {
  std::string name;  ///< "fashion-mnist"
  Shape shape;
  std::vector<std::string> classes;  ///< names of the classes, in the order of their numbers, or
  std::vector<Target> targets;       ///< what the columns of Split::targets are
  Split train, validation, test;     ///< validation may be empty
};

/// Those samples of a data set that a training reads.
struct DatasetView {
  SplitView train, validation, test;
  std::vector<Target> targets = {};
  std::vector<std::string> classes = {};
  DatasetView() = default;
  DatasetView(const Dataset& data)  // NOLINT(google-explicit-constructor): shows the same samples
      : train(data.train),
        validation(data.validation),
        test(data.test),
        targets(data.targets),
        classes(data.classes) {}
  DatasetView(const Dataset&&) = delete;
  explicit DatasetView(const SplitView& lessons) : train(lessons) {}
};

/// The inputs of the samples of these numbers, one a row of `to` [numbers, features].
void copy_inputs(const SplitView& split, std::span<const std::uint32_t> numbers, MatrixView<float> to);

/// The first `count` samples of a split in memory; all if there are fewer, or if `count` is 0.
SplitView first_samples(const SplitView& split, Index count);

/// Variance of the targets, as Tally has it; 0 without targets.
double target_variance(const SplitView& split);

/// The outputs of a network with this number of inputs that does the task on this data set.
struct Needed {
  Index outputs = 0;
  std::string what;  ///< "10 classes", "2 targets"
};
/// Throws InputError, naming `where`, if the data set has no classes, or no targets, that the task needs.
Needed outputs_for(Task task, const Dataset& data, Index inputs, const std::string& where);

/// Throws InputError, naming `where`, if the score of the task says nothing of these samples: R² of equal
/// targets.
void check_scored(Task task, const SplitView& split, const std::string& where);

/// All complaints about a data set: shapes, labels out of range, values that are not finite; empty when fine.
std::vector<std::string> check_dataset(const Dataset& data);

/// Throws InputError, naming `where`, if the samples contain negative numbers and reach a layer that cannot
/// take them (LayerPlan::takes_negative_inputs).
void check_signs(const Resolved& network, const SplitView& split, const std::string& where);

}  // namespace pnn::network
