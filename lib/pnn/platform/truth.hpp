// Ground truth: the hidden values of a virtual chip, which only the virtual device itself reads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pnn::platform {

/// One kind of hidden value of a chip: a dataset under /truth of a device file.
struct TruthField {
  std::string name;         ///< "delta"
  std::string axis;         ///< what its values are counted over, in the singular
  std::string unit;         ///< "nm"
  std::string description;  ///< one sentence
};

/// The hidden values of one chip: one vector for each field, in the order of Platform::truth_fields().
using Truth = std::vector<std::vector<double>>;

/// The address of the random numbers with which a chip is sampled (core/random.hpp).
struct DrawAddress {
  std::uint64_t seed = 0;
  int purpose = 0;
  std::uint16_t chip = 0;
  std::uint32_t device = 0, step = 0;
};

}  // namespace pnn::platform
