// The bank with crosstalk. Work is laid out [ring of the chip][tile], tiles side by side: thermal crosstalk
// is one matrix product over all tiles of a block, the optical kernels run over lanes of tiles, and on a
// chip that is used again for every tile a ring's parameters are one number for all lanes. Private to the
// platform room.
#pragma once

#include <vector>

#include "pnn/platform/bank_base.hpp"
#include "pnn/platform/bus.hpp"
#include "pnn/platform/tile_layout.hpp"

namespace pnn::platform {

template <class Real>
class TiledBank final : public BankBase<Real> {
 public:
  TiledBank(const BankPlan& plan, const BankPhysics& physics);
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

 protected:
  using typename BankBase<Real>::Local;
  void local(const OperatingPoint<Real>& at, Local& out) override;
  void rings_changed() override;
  [[nodiscard]] bool coupled() const override { return true; }

 private:
  using Base = BankBase<Real>;
  using P = Pack<Real>;
  static constexpr Index step = P::size;

  /// One parameter of the used rings: [ring] for a chip that is used again, [ring][tile] otherwise.
  struct Parameter {
    std::vector<Real> values;
    Index stride = 0;  ///< 0: one number for all lanes
    [[nodiscard]] P at(Index ring, Index tile) const {
      return stride == 0 ? P(values[std::size_t(ring)]) : P::load(values.data() + ring * stride + tile);
    }
  };
  /// Scratch of one block of tiles: each array is [ring][lane] except `sum`, which is [lane].
  struct Block {
    Block(const TileLayout& layout, const BusReach<Real>& reach);
    std::vector<Real> current, heat, position, weight, gradient, spread, offset, sum, lit;
    Bus<Real> bus;
    double position_gradient = 0;
  };

  [[nodiscard]] bool optical() const { return this->physics_.response == Response::airy_bank; }
  [[nodiscard]] P lit(const Block& block, Index col, Index lane) const;
  void fill_parameter(Parameter& parameter, const std::vector<Real>& rings) const;
  /// Currents → heats → positions of all rings of a block.
  void find_positions(const OperatingPoint<Real>& at, Index b);
  /// Positions → weights, for a bus and for rings alone.
  void find_weights(Index b);
  /// Positions and ∂L/∂W (in block.weight) → ∂L/∂position (in block.gradient).
  void find_gradient(Index b);
  /// ∂L/∂position → ∂L/∂current (into block.current).
  void find_current_gradient(Index b);
  void set_bus(Block& block, Index b, Index row, Index lane);
  template <class Body>
  void over_packs(Index b, const Body& body) const;
  template <class Body>
  void over_spline_rings(Index b, const Body& body) const;

  TileLayout layout_;
  BusReach<Real> reach_;
  Matrix<Real> crosstalk_;  ///< X + 1, [ring, ring]; empty without thermal crosstalk
  Parameter delta_, heat_, beta_, base_, amplitude_, width_, drop_, loss_, package_;
  std::vector<Block> blocks_;
};

}  // namespace pnn::platform
