// The bank with crosstalk. Values are stored as [ring of the chip][tile], tiles side by side: all kernels
// compute several tiles in the lanes of a vector, and on a chip shared in time a parameter of a ring is one
// number for all lanes. Used in this folder only.
#pragma once

#include <vector>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/tile_layout.hpp"
#include "pnn/platforms/mrr/tile_memory.hpp"
#include "pnn/platforms/mrr/tiled_buses.hpp"
#include "pnn/platforms/mrr/tiled_heat.hpp"
#include "pnn/platforms/mrr/tiled_positions.hpp"

namespace pnn::platforms::mrr {

/// A bank whose rings affect each other.
template <class Real>
class TiledBank final : public Bank<Real> {
 public:
  TiledBank(const BankPlan& plan, const BankPhysics& physics);
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void evaluate_again(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

 protected:
  using typename Bank<Real>::Local;
  void local(const OperatingPoint<Real>& at, Local& out) override;
  void rings_changed() override;
  [[nodiscard]] bool coupled() const override { return true; }

 private:
  using Base = Bank<Real>;
  using P = Pack<Real>;
  static constexpr Index step = P::size;
  /// What is kept of a block of tiles, [ring][lane].
  struct Block {
    /// Sines, then cosines of half the phases at the reference temperature with offsets, of buses that are
    /// evaluated again.
    AlignedMemory<Real> turned;
    bool turned_known = false;  ///< whether it belongs to the heat and to the offsets of the last evaluation
    double position_gradient = 0;
  };
  struct Scratch;

  [[nodiscard]] bool optical() const { return this->physics_.response == Response::airy_bank; }
  /// Currents → heat_.positions() of a block.
  void find_heat(std::span<const Real> controls, Index b, Scratch& scratch);
  [[nodiscard]] TiledPositions<Real> positions(const OperatingPoint<Real>& at, Index b,
                                               Scratch& scratch) const;
  /// Positions → weights of a row of the chip without optical crosstalk, into scratch.row.
  void find_weights(const TiledPositions<Real>& positions, Index row, Scratch& scratch) const;
  /// The same and ∂L/∂W (in scratch.row) → ∂L/∂position (into scratch.gradient).
  void find_gradient(const TiledPositions<Real>& positions, Index row, Scratch& scratch) const;
  /// `again`: at the controls and offsets of the last evaluation.
  void evaluate_at(const OperatingPoint<Real>& at, bool again, MatrixView<Real> weights);

  TileLayout layout_;
  TiledHeat<Real> heat_;
  TiledBuses<Real> buses_;
  TileParameter<Real> base_, amplitude_, width_;  ///< without optical crosstalk
  std::vector<Block> blocks_;
};

}  // namespace pnn::platforms::mrr
