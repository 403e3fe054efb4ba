// Converts between the order of weights, [out, in], and that of the tiled kernels, [ring of the chip][tile].
// Only rings that some tile uses have a place; tiles are cut into blocks of equal width, one for each chunk
// of a parallel loop. Used in this folder only.
#pragma once

#include <algorithm>
#include <vector>

#include "pnn/core/simd.hpp"
#include "pnn/core/transpose.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"

namespace pnn::platforms::mrr {

/// Sizes of the tiled order, and conversions to and from it.
struct TileLayout {
  explicit TileLayout(const BankPlan& p)
      : plan(p),
        rows(std::min<Index>(p.out, p.chip_rows)),
        cols(std::min<Index>(p.in, p.chip_cols)),
        width(std::min<Index>(32, (p.tiles() + lane_block - 1) / lane_block * lane_block)),
        blocks((p.tiles() + width - 1) / width) {
    for (Index tile = 0; tile < p.tiles(); ++tile) {
      const Index top = tile / p.tile_cols() * p.chip_rows, left = tile % p.tile_cols() * p.chip_cols;
      tiles.push_back({top * p.in + left, std::min(rows, p.out - top), std::min(cols, p.in - left)});
    }
    for (auto first = tiles.begin(); tiles.end() - first >= square_side; first += square_side) {
      Index whole = rows;
      for (auto tile = first; tile < first + square_side; ++tile)
        whole = tile->cols == cols ? std::min(whole, tile->rows) : 0;
      whole_rows.push_back(whole);
    }
    whole_rows.resize(std::size_t(blocks * width / square_side), 0);
  }

  /// The weights of a tile: the number of its first, and how many rows and columns it has.
  struct Tile {
    Index first, rows, cols;
  };
  BankPlan plan;
  Index rows, cols;  ///< rows and columns of the chip that are used
  Index width;       ///< number of tiles in a block, a multiple of lane_block
  Index blocks;
  std::vector<Tile> tiles;
  std::vector<Index> whole_rows;  ///< [square_side tiles]: rows of the chip of which all of them have all

  [[nodiscard]] Index rings() const { return rows * cols; }
  /// The number, among the physical rings of the plan, of used ring `ring` in tile `tile`.
  [[nodiscard]] Index physical(Index ring, Index tile) const {
    const Index local = ring / cols * plan.chip_cols + ring % cols;
    return plan.reuse == Reuse::time ? local : tile * plan.rings_per_chip() + local;
  }
  [[nodiscard]] Index tiles_in(Index block) const {
    return std::min(width, Index(tiles.size()) - block * width);
  }
  /// Number of lanes of a block that kernels compute: those of its tiles, in whole packs on every processor.
  [[nodiscard]] Index lanes_in(Index block) const {
    return (tiles_in(block) + lane_block - 1) / lane_block * lane_block;
  }
  /// First column that the tiles at the right edge do not have; `cols` if they have all.
  [[nodiscard]] Index first_ragged_col() const {
    const Index rest = plan.in % plan.chip_cols;
    return plan.in < plan.chip_cols || rest == 0 ? cols : rest;
  }

  /// Copies the weights of one row of the chip, of all tiles of a block, to [col][lane]; 0 where there is
  /// none.
  template <class Real>
  void gather(Index block, Index row, const Real* weights, Real* tiled) const {
    over_squares<Real>(
        block, row,
        [&]<int Lanes>(Index lane, Index col, const Tile* tile) {
          const Index in_row = row * plan.in + col;
          fetch_next_row<Lanes>(weights + in_row, tile);
          transpose_to_lanes<Lanes, Real>([&](int k) { return weights + tile[k].first + in_row; },
                                          [&](int k) { return tiled + (col + k) * width + lane; });
        },
        [&](Index lane, Index col, Index weight) {
          tiled[col * width + lane] = weight < 0 ? 0 : weights[weight];
        });
  }
  /// The way back; places without a weight are skipped.
  template <class Real>
  void scatter(Index block, Index row, const Real* tiled, Real* weights) const {
    over_squares<Real>(
        block, row,
        [&]<int Lanes>(Index lane, Index col, const Tile* tile) {
          const Index in_row = row * plan.in + col;
          fetch_next_row<Lanes>(weights + in_row, tile);
          transpose_from_lanes<Lanes, Real>([&](int k) { return tiled + (col + k) * width + lane; },
                                            [&](int k) { return weights + tile[k].first + in_row; });
        },
        [&](Index lane, Index col, Index weight) {
          if (weight >= 0) weights[weight] = tiled[col * width + lane];
        });
  }

 private:
  /// The next row of the matrix is far away in memory, and is asked for while this one is copied.
  template <int Lanes, class Real>
  void fetch_next_row(const Real* in_row, const Tile* tile) const {
    for (int k = 0; k < Lanes; k += 2) __builtin_prefetch(in_row + tile[k].first + plan.in);
  }
  /// Calls square<lanes>(lane, col, tiles from that lane on) for squares of lanes and columns that have all
  /// of their weights, two beside each other where registers are as wide, and single(lane, col, number of its
  /// weight or −1) for every other place.
  template <class Real, class Square, class Single>
  void over_squares(Index block, Index row, const Square& square, const Single& single) const {
    constexpr int side = square_side, wide = vector_bytes >= 2 * side * int(sizeof(Real)) ? 2 * side : side;
    const Index* const whole = whole_rows.data() + block * width / side;
    const Index lanes = lanes_in(block), squared = cols / side * side;  // columns in squares
    for (Index lane = 0; lane < lanes; lane += side) {
      const Tile* const first = tiles.data() + block * width + lane;
      const bool squares = row < whole[lane / side];
      if (wide > side && squares && lane + side < lanes && row < whole[lane / side + 1] && squared == cols) {
        for (Index col = 0; col < squared; col += side) square.template operator()<wide>(lane, col, first);
        lane += side;
        continue;
      }
      for (Index col = 0; squares && col < squared; col += side)
        square.template operator()<side>(lane, col, first);
      if (squares && squared == cols) continue;
      for (Index k = 0; k < side; ++k) {
        const Index number = block * width + lane + k;
        const Tile tile = number < Index(tiles.size()) ? tiles[std::size_t(number)] : Tile{};
        const Index count = row < tile.rows ? tile.cols : 0;
        for (Index col = squares ? squared : 0; col < cols; ++col)
          single(lane + k, col, col < count ? tile.first + row * plan.in + col : -1);
      }
    }
  }
};

}  // namespace pnn::platforms::mrr
