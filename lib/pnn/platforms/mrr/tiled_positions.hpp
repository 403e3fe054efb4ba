// Where the rings of a block of tiles are at an operating point. Used in this folder only.
#pragma once

#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/mrr/tiled_heat.hpp"

namespace pnn::platforms::mrr {

/// Positions of the rings of one row of the chip after the other.
template <class Real>
class TiledPositions {
 public:
  using P = Pack<Real>;
  /// Of block `b`, whose heat is known. `ambient`: what the temperature adds to every position; `scale`: of
  /// offsets. `row_memory` has room for [col][lane].
  TiledPositions(const TileLayout& layout, const TiledHeat<Real>& heat,
                 const platform::OperatingPoint<Real>& at, Index b, double ambient, double scale,
                 Real* row_memory)
      : block(b),
        layout_(layout),
        heated_(heat.positions(b)),
        offsets_(at.response_offset.empty() ? nullptr : at.response_offset.data()),
        offset_row_(row_memory),
        ambient_(Real(ambient)),
        scale_(Real(scale)) {}
  /// Goes to a row, before at() is asked for its rings.
  void seek(Index row) {
    first_ = row * layout_.cols;
    if (offsets_) layout_.gather(block, row, offsets_, offset_row_);
  }
  [[nodiscard]] P at(Index col, Index lane) const {
    const P position = P::load(heated_ + (first_ + col) * layout_.width + lane) + P(ambient_);
    return offsets_ ? fma(P(scale_), P::load(offset_row_ + col * layout_.width + lane), position) : position;
  }
  const Index block;

 private:
  const TileLayout& layout_;
  const Real *heated_, *offsets_;
  Real* offset_row_;
  Real ambient_, scale_;
  Index first_ = 0;
};

}  // namespace pnn::platforms::mrr
