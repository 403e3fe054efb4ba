// A data set: training, validation and test split of inputs with labels (or target values).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::network {

struct Split {
  Matrix<float> x;              ///< [n, features]; images flattened as [channels, height, width]
  std::vector<std::int32_t> y;  ///< [n] class numbers
  Matrix<float> pictures = {};  ///< [n, outputs] that a generator's outputs are compared with; else empty
  [[nodiscard]] Index size() const { return x.rows(); }
};

struct Dataset {
  std::string name;  ///< "fashion-mnist"
  Shape shape;
  std::vector<std::string> classes;  ///< names, in the order of the numbers
  Split train, validation, test;     ///< validation may be empty
};

/// The first `count` samples of a split, or all of fewer; 0 is all.
Split first_samples(const Split& split, Index count);

/// All complaints about a data set: shapes, labels out of range, values that are not finite.
std::vector<std::string> check_dataset(const Dataset& data);

/// Throws InputError, as of `where`, if the samples have negative numbers and the network begins with a
/// display, which shows none of them.
void check_signs(const Resolved& network, const Split& split, const std::string& where);

}  // namespace pnn::network
