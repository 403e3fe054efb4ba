// Where the heat of all heaters moves the rings of a bank with crosstalk: currents → positions, and
// ∂L/∂position → ∂L/∂current. Values are stored as [ring of the chip][tile], a block of tiles at a time. Used
// in this folder only.
#pragma once

#include <vector>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/thermal.hpp"
#include "pnn/platforms/mrr/tile_layout.hpp"
#include "pnn/platforms/mrr/tile_memory.hpp"

namespace pnn::platforms::mrr {

/// The heat of a bank. `scratch` has scratch_size() numbers, aligned as a Pack. Functions may be called for
/// several blocks at once.
template <class Real>
class TiledHeat {
 public:
  /// `layout` must live as long.
  TiledHeat(const TileLayout& layout, const BankPhysics& physics);
  void set_rings(const RingTable<Real>& rings);
  [[nodiscard]] Index scratch_size() const;

  /// Finds positions() of a block at these controls; returns whether they are those of the last call.
  bool find(std::span<const Real> controls, Index b, Real* scratch);
  /// Whether find() was called for the block since set_rings().
  [[nodiscard]] bool known(Index b) const { return blocks_[std::size_t(b)].known; }
  /// At the reference temperature, without offsets: [ring][lane].
  [[nodiscard]] const Real* positions(Index b) const { return blocks_[std::size_t(b)].heated.data(); }

  /// The way back: begin, then take ∂L/∂position of every row [col][lane], then give ∂L/∂current at the
  /// currents of find().
  void begin(Real* scratch) const;
  void take(Index b, Index row, const Real* by_position, Real* scratch) const;
  void give(Index b, Real* scratch, std::span<Real> by_control) const;

 private:
  using P = Pack<Real>;
  static constexpr Index step = P::size;
  /// What is kept of a block of tiles, [ring][lane].
  struct Block {
    AlignedMemory<Real> current, heated;
    bool known = false;  ///< whether `heated` belongs to `current`, and to the present rings
  };
  struct Scratch {
    Real *rows, *total, *taken;  ///< [row][col][lane] of rows at once; [lane], over the rings of a tile
  };
  [[nodiscard]] Scratch parts(Real* scratch) const;
  /// Whether a block holds what it has at these controls.
  bool has(std::span<const Real> controls, Index b, Real* row_memory) const;
  /// Calls body(ring, lane, place in Scratch::rows) for up to `rows` rows, pack by pack.
  template <class Body>
  void over_rows(Index b, Index row, Index rows, const Body& body) const;

  const TileLayout& layout_;
  HeatSpread<Real> spread_;
  bool packaged_;
  TileParameter<Real> delta_, heat_, beta_, package_;
  std::vector<Block> blocks_;
};

}  // namespace pnn::platforms::mrr
