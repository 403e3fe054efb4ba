// Sums of pictures side by side, a lane each, that stay in registers. Used in this folder only.
#pragma once

#include <type_traits>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::platforms::freespace {

/// `lanes` sums: one, or a multiple of the lanes of a pack. (Of an array compilers keep a part in memory
/// where it is wider than a register, and every addition then waits for the one before.)
template <class Real, Index lanes>
class PictureSums {
  using Part = std::conditional_t<lanes == 1, Real, Pack<Real>>;
  static constexpr Index size = lanes == 1 ? 1 : Pack<Real>::size, parts = lanes / size;
  static_assert(parts * size == lanes);

 public:
  PictureSums() {
    for (Part& part : parts_) part = Part(Real(0));
  }
  explicit PictureSums(const Real* from) {
    for (Index p = 0; p < parts; ++p) parts_[p] = load(from + p * size);
  }
  /// Adds factor · x in every lane, rounded after each operation.
  void add(Real factor, const Real* x) {
    const Part same(factor);
#pragma GCC unroll 8
    for (Index p = 0; p < parts; ++p) parts_[p] = parts_[p] + same * load(x + p * size);
  }
  void store(Real* to) const {
    for (Index p = 0; p < parts; ++p) {
      if constexpr (lanes == 1) {
        to[p] = parts_[p];
      } else {
        parts_[p].store(to + p * size);
      }
    }
  }

 private:
  static Part load(const Real* from) {
    if constexpr (lanes == 1) {
      return *from;
    } else {
      return Part::load(from);
    }
  }
  Part parts_[parts];
};

}  // namespace pnn::platforms::freespace
