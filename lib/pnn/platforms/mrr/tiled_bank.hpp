// The bank with crosstalk. Values are stored as [ring of the chip][tile], tiles side by side: thermal
// crosstalk is one matrix product over all tiles of a block, the optical kernels compute several tiles in the
// lanes of a vector, and on a chip shared in time a parameter of a ring is one number for all lanes. Used in
// this folder only.
#pragma once

#include <vector>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bus.hpp"
#include "pnn/platforms/mrr/tile_layout.hpp"

namespace pnn::platforms::mrr {

/// A bank whose rings affect each other.
template <class Real>
class TiledBank final : public Bank<Real> {
 public:
  TiledBank(const BankPlan& plan, const BankPhysics& physics);
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
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

  /// One parameter of the used rings: [ring] for a chip shared in time, else [ring][tile].
  struct Parameter {
    std::vector<Real> values;
    Index stride = 0;  ///< 0: one number for all lanes
    [[nodiscard]] P at(Index ring, Index tile) const {
      return stride == 0 ? P(values[std::size_t(ring)]) : P::load(values.data() + ring * stride + tile);
    }
  };
  /// Scratch memory of one block of tiles: arrays are [ring][lane], except `sum`, which is [lane]. `heat`
  /// holds −heat, as positions take it; `heated` the positions at the reference temperature without offsets.
  struct Block {
    Block(const TileLayout& layout, const BusReach<Real>& reach);
    std::vector<Real> current, heat, heated, position, weight, gradient, spread, offset, sum, lit;
    Bus<Real> bus;
    double position_gradient = 0;
  };

  [[nodiscard]] bool optical() const { return this->physics_.response == Response::airy_bank; }
  [[nodiscard]] P sign() const { return P(this->physics_.polarity == Polarity::drop_thru ? 1 : -1); }
  [[nodiscard]] P lit(const Block& block, Index col, Index lane) const;
  void fill_parameter(Parameter& parameter, const std::vector<Real>& rings) const;
  /// Whether `controls` are those that heated the rings last; if not, they are from now on.
  bool remember(std::span<const Real> controls);
  /// Currents → heat → positions at the reference temperature without offsets, of all rings of a block.
  void heat_rings(const OperatingPoint<Real>& at, Index b);
  /// The positions of all rings of a block; `heated`: those of the reference temperature are there already.
  void find_positions(const OperatingPoint<Real>& at, Index b, bool heated);
  /// Positions → weights, with or without optical crosstalk.
  void find_weights(Index b);
  /// Positions and ∂L/∂W (in block.weight) → ∂L/∂position (in block.gradient).
  void find_gradient(Index b);
  /// ∂L/∂position → ∂L/∂current (into block.current).
  void find_current_gradient(Index b);
  /// Sets the bus of a row of a block for a pack of tiles, of which `lane` is the first.
  void set_bus(Block& block, Index b, Index row, Index lane);
  /// Sets the bus of every row and pack of tiles of a block, and calls body(place of its first ring) with it.
  template <class Body>
  void over_buses(Index b, const Body& body);
  template <class Body>
  void over_packs(Index b, const Body& body) const;
  template <class Body>
  void over_spline_rings(Index b, const Body& body) const;

  TileLayout layout_;
  BusReach<Real> reach_;
  Matrix<Real> crosstalk_;  ///< X + 1, [ring, ring]; empty without thermal crosstalk
  Parameter delta_, heat_, beta_, base_, amplitude_, width_, drop_, loss_, package_;
  std::vector<Block> blocks_;
  /// Currents at which every Block::heated is; empty if the rings have changed since.
  std::vector<Real> heated_;
};

}  // namespace pnn::platforms::mrr
