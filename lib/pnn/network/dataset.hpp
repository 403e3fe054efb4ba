// A data set: training, validation and test samples with labels (or target values).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::network {

/// Samples of one purpose: training, validation or test.
struct Split {
  Matrix<float> x;              ///< [n, features]; images flattened as [channels, height, width]
  std::vector<std::int32_t> y;  ///< [n] class numbers
  /// [n, outputs] pictures that a generator's outputs are compared with; else empty
  Matrix<float> pictures = {};
  [[nodiscard]] Index size() const { return x.rows(); }
};

/// A data set.
struct Dataset {
  std::string name;  ///< "fashion-mnist"
  Shape shape;
  std::vector<std::string> classes;  ///< names of the classes, in the order of their numbers
  Split train, validation, test;     ///< validation may be empty
};

/// The first `count` samples of a split; all if there are fewer, or if `count` is 0.
Split first_samples(const Split& split, Index count);

/// All complaints about a data set: shapes, labels out of range, values that are not finite; empty when fine.
std::vector<std::string> check_dataset(const Dataset& data);

/// Throws InputError, naming `where`, if the samples contain negative numbers and the first layer of the
/// network (poolings aside) cannot take them (LayerPlan::takes_negative_inputs).
void check_signs(const Resolved& network, const Split& split, const std::string& where);

}  // namespace pnn::network
