// The buses of a bank with optical crosstalk: positions → weights, and ∂L/∂W → ∂L/∂position, a row of the
// chip for a block of tiles at a time. Used in this folder only.
#pragma once

#include <vector>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bus.hpp"
#include "pnn/platforms/mrr/bus_weights.hpp"
#include "pnn/platforms/mrr/tile_layout.hpp"
#include "pnn/platforms/mrr/tile_memory.hpp"
#include "pnn/platforms/mrr/tiled_positions.hpp"

namespace pnn::platforms::mrr {

/// The buses of a bank. A row of numbers is [col][lane]; `scratch` has scratch_size() numbers, aligned as a
/// Pack. Functions may be called for several blocks at once.
template <class Real>
class TiledBuses {
 public:
  /// `layout` must live as long.
  TiledBuses(const TileLayout& layout, const BankPhysics& physics);
  void set_rings(const RingTable<Real>& rings);
  [[nodiscard]] Index scratch_size() const { return Bus<Pack<Real>, true>::size_of(reach_); }

  /// `position`: by how much the temperature moves all rings.
  [[nodiscard]] BusTurns<Real> turns(double position) const {
    return {reach_, spacing_nm_, fsr_nm_, position};
  }
  /// Positions of a row at the reference temperature → sines, then cosines of half their phases, a row each.
  void find_turns(const TiledPositions<Real>& positions, Real* turned) const;
  /// The same → weights of row `row` of the chip at the temperature of `turns`.
  void find_weights(const Real* turned, Index block, Index row, const BusTurns<Real>& turns, Real* scratch,
                    Real* weights) const;
  /// Positions and ∂L/∂W → ∂L/∂position.
  void pull(const TiledPositions<Real>& positions, Index row, const Real* by_weight, Real* scratch,
            Real* by_position) const;
  /// Every weight as a function of its own ring alone: base + amplitude/(width + v).
  void own_curves(const TiledPositions<Real>& positions, Index row, Real* scratch, Real* base,
                  Real* amplitude) const;

 private:
  using P = Pack<Real>;
  static constexpr Index step = P::size;
  /// Calls body(curves, lane, where it stands whether a tile has all columns) for all lanes of a row in turn.
  template <class Body>
  void over_lanes(Index block, Index row, const Body& body) const;
  /// Weights of the polarity from those of drop_thru, or back.
  [[nodiscard]] P polarised(const P& weight) const { return thru_drop_ ? -weight : weight; }

  const TileLayout& layout_;
  double spacing_nm_, fsr_nm_;
  bool thru_drop_;
  BusReach<Real> reach_;
  Index most_factors_ = 1;  ///< of a denominator: their product stays far from the smallest numbers
  std::vector<Real> lit_;   ///< [tile]: whether it has all columns, 1 or 0
  TileParameter<Real> width_, drop_, loss_;
};

}  // namespace pnn::platforms::mrr
