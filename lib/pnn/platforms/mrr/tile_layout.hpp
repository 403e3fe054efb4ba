// Converts between the order of weights, [out, in], and that of the tiled kernels, [ring of the chip][tile].
// Only rings that some tile uses have a place; tiles are cut into blocks of equal width, one for each chunk
// of a parallel loop. Used in this folder only.
#pragma once

#include <algorithm>

#include "pnn/core/simd.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"

namespace pnn::platforms::mrr {

/// Sizes of the tiled order, and conversions to and from it.
struct TileLayout {
  explicit TileLayout(const BankPlan& p)
      : plan(p),
        rows(std::min<Index>(p.out, p.chip_rows)),
        cols(std::min<Index>(p.in, p.chip_cols)),
        width(std::min<Index>(64, (p.tiles() + lane_block - 1) / lane_block * lane_block)),
        blocks((p.tiles() + width - 1) / width) {}

  BankPlan plan;
  Index rows, cols;  ///< rows and columns of the chip that are used
  Index width;       ///< number of tiles in a block, a multiple of lane_block
  Index blocks;

  [[nodiscard]] Index rings() const { return rows * cols; }
  /// The number, among the physical rings of the plan, of used ring `ring` in tile `tile`.
  [[nodiscard]] Index physical(Index ring, Index tile) const {
    const Index local = ring / cols * plan.chip_cols + ring % cols;
    return plan.reuse == Reuse::time ? local : tile * plan.rings_per_chip() + local;
  }
  [[nodiscard]] Index tiles_in(Index block) const { return std::min(width, plan.tiles() - block * width); }
  /// Number of columns that tile `tile` uses.
  [[nodiscard]] Index cols_of(Index tile) const {
    return std::min<Index>(cols, plan.in - tile % plan.tile_cols() * plan.chip_cols);
  }
  /// First column that the tiles at the right edge do not have; `cols` if they have all.
  [[nodiscard]] Index first_ragged_col() const {
    const Index rest = plan.in % plan.chip_cols;
    return plan.in < plan.chip_cols || rest == 0 ? cols : rest;
  }

  /// Calls body(first weight, place of its ring and lane, count) for every run of weights of a block that are
  /// side by side in a row of a tile; weight n of the run is at place + n · width.
  template <class Body>
  void runs(Index block, const Body& body) const {
    for (Index lane = 0; lane < tiles_in(block); ++lane) {
      const Index tile = block * width + lane;
      const Index top = tile / plan.tile_cols() * plan.chip_rows,
                  left = tile % plan.tile_cols() * plan.chip_cols;
      const Index height = std::min(rows, plan.out - top), count = cols_of(tile);
      for (Index row = 0; row < height; ++row) {
        body((top + row) * plan.in + left, row * cols * width + lane, count);
      }
    }
  }
  /// Copies the weights of a block to [ring][lane]; places without a weight are not written.
  template <class Real>
  void gather(Index block, const Real* weights, Real* tiled) const {
    runs(block, [&](Index from, Index to, Index count) {
      for (Index n = 0; n < count; ++n) tiled[to + n * width] = weights[from + n];
    });
  }
  template <class Real>
  void scatter(Index block, const Real* tiled, Real* weights) const {
    runs(block, [&](Index to, Index from, Index count) {
      for (Index n = 0; n < count; ++n) weights[to + n] = tiled[from + n * width];
    });
  }
};

}  // namespace pnn::platforms::mrr
