// The sum of a vector over the parts of a batch, which ranks share: part p is computed by rank p mod size.
// Each element is added in the order of the parts by one rank, so that it has the same bits for any number of
// ranks.
//
// A rank sends each of the others its slice of the vector, 1/size of it, adds those that it gets, and all
// ranks gather the slices of the sum: with n elements and P parts a rank sends n P/size + n elements in all,
// which is what the best all-reduce sends for one part a rank (Patarasuk and Yuan, J. Parallel Distrib.
// Comput. 69, 117, 2009), whose order of additions depends on the number of ranks.
#pragma once

#include <span>
#include <vector>

#include "pnn/core/ranks.hpp"

namespace pnn::train {

class PartSum {
 public:
  /// For vectors of `size` elements. `ranks` must outlive it.
  PartSum(Ranks& ranks, std::size_t size);

  /// Begins a sum.
  void clear();
  /// Where this rank writes its part [size] of a round; what it holds is added.
  [[nodiscard]] std::span<float> part() { return std::span(part_).first(size_); }
  /// Adds one part of every rank, that of rank 0 first, each times its weight. `weights`: fewer than ranks
  /// where the last ones have no part.
  void add(std::span<const double> weights);
  /// The sum [size], on all ranks.
  [[nodiscard]] std::span<const float> total();

 private:
  Ranks& ranks_;
  std::size_t size_, slice_;
  std::vector<float> part_, received_, total_;  ///< [ranks, slice], the last elements unused
  std::vector<float> sum_;                      ///< [slice]
};

}  // namespace pnn::train
