// The bank with crosstalk. Values are stored as [ring of the chip][tile], tiles side by side: all kernels
// compute several tiles in the lanes of a vector, and on a chip shared in time a parameter of a ring is one
// number for all lanes. Used in this folder only.
#pragma once

#include <memory>
#include <vector>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bus.hpp"
#include "pnn/platforms/mrr/bus_weights.hpp"
#include "pnn/platforms/mrr/thermal.hpp"
#include "pnn/platforms/mrr/tile_layout.hpp"

namespace pnn::platforms::mrr {

/// Numbers from the beginning of a cache line on, so that no pack crosses two; not initialised.
template <class Real>
class AlignedMemory {
 public:
  explicit AlignedMemory(Index count = 0) { reserve(count); }
  /// Makes room for `count` numbers, forgetting those that are there if there is too little.
  void reserve(Index count) {
    if (lines_ && count <= count_) return;
    lines_ = std::make_unique_for_overwrite<Line[]>(std::size_t(count) / line + 1);
    count_ = count;
  }
  [[nodiscard]] Real* data() { return lines_[0].values; }
  [[nodiscard]] const Real* data() const { return lines_[0].values; }

 private:
  static constexpr std::size_t line = 64 / sizeof(Real);
  struct alignas(64) Line {
    Real values[line];
  };
  Index count_ = 0;
  std::unique_ptr<Line[]> lines_;
};

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
  /// As many tiles as registers hold of a bus: two packs where there are 32 of them.
  using Wide = std::conditional_t<vector_bytes == 64, PackPair<Real>, P>;

  /// One parameter of the used rings: [ring] for a chip shared in time, else [ring][tile].
  struct Parameter {
    std::vector<Real> values;
    Index stride = 0;  ///< 0: one number for all lanes
    [[nodiscard]] P at(Index ring, Index tile) const {
      return stride == 0 ? P(values[std::size_t(ring)]) : P::load(values.data() + ring * stride + tile);
    }
    [[nodiscard]] const Real* from(Index ring, Index tile) const {
      return values.data() + (stride == 0 ? ring : ring * stride + tile);
    }
  };
  /// What is kept of a block of tiles, [ring][lane].
  struct Block {
    AlignedMemory<Real> current;
    AlignedMemory<Real> heated;  ///< positions at the reference temperature without offsets
    bool known = false;          ///< whether `heated` belongs to `current`, and to the present rings
    /// Sines, then cosines of half the phases at the reference temperature with offsets, of buses that are
    /// evaluated again.
    AlignedMemory<Real> turned;
    bool turned_known = false;  ///< whether it belongs to `heated` and to the offsets of the last evaluation
    double position_gradient = 0;
  };
  struct Scratch;
  class Positions;

  [[nodiscard]] bool optical() const { return this->physics_.response == Response::airy_bank; }
  [[nodiscard]] bool packaged() const { return this->physics_.package_k_per_mw > 0; }
  [[nodiscard]] Real sign() const { return this->physics_.polarity == Polarity::drop_thru ? 1 : -1; }
  void fill_parameter(Parameter& parameter, const std::vector<Real>& rings) const;
  /// Takes currents to a block; returns whether `heated` is theirs already.
  bool take_currents(std::span<const Real> controls, Index b, Scratch& scratch);
  /// Currents → heat → positions at the reference temperature without offsets, of all rings of a block.
  void heat_rings(std::span<const Real> controls, Index b, Scratch& scratch);
  /// Positions → weights of a row of the chip without optical crosstalk, into scratch.row.
  void find_weights(const Positions& positions, Index row, Scratch& scratch);
  /// Positions of a row → sines, then cosines of half their phases, [column][lane] each.
  void find_turns(const Positions& positions, Real* turned) const;
  /// The same → weights of the row with optical crosstalk, into scratch.row.
  void find_weights(const Real* turned, Index block, Index row, const BusTurns<Real>& turns,
                    Scratch& scratch) const;
  /// Weights with optical crosstalk; `again`: at the controls and offsets of the last evaluation.
  void evaluate_buses(const OperatingPoint<Real>& at, bool again, MatrixView<Real> weights);
  /// Positions and ∂L/∂W (in scratch.row) → ∂L/∂position of a row (into scratch.gradient).
  void find_gradient(const Positions& positions, Index row, Scratch& scratch);
  /// ∂L/∂position → ∂L/∂current, both in scratch.gradient.
  void find_current_gradient(Index b, Scratch& scratch);
  /// Calls body(bus, lane) for the bus of a row at all lanes in turn, as many at once as are computed so.
  template <bool Slopes, class Body>
  void over_buses(const Positions& positions, Index row, Scratch& scratch, const Body& body) const;
  template <bool Slopes, class T, bool Own, class Body>
  void on_bus(const Positions& positions, Index row, Index lane, Scratch& scratch, const Body& body) const;

  TileLayout layout_;
  BusReach<Real> reach_;
  BusSweep sweep_;
  Index most_factors_ = 1;  ///< of a denominator: their product stays far from the smallest numbers
  HeatSpread<Real> spread_;
  std::vector<Real> lit_;  ///< [tile]: whether it has all columns, 1 or 0
  Parameter delta_, heat_, beta_, base_, amplitude_, width_, drop_, loss_, package_;
  std::vector<Block> blocks_;
};

}  // namespace pnn::platforms::mrr
