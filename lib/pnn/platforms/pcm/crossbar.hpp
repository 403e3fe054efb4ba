// A crossbar of phase-change cells on waveguides: levels of the cells → matrix, and gradients back. Each
// input enters a row, on a wavelength of its own; couplers tap the row at every column, a cell passes a part
// T of that light, and couplers bring what it passes into the column, whose detector adds up all rows
// (Feldmann et al., Nature 589, 52, 2021).
//
//   a    = c + u sin(4π c) + v cos(4π c)                      amorphous share after programming to level c
//
//   T    = T_c + (T_a − T_c) (a − b a (1 − a) + ν D a) + o    transmission of a cell
//
//   W_ij = G₊ T₊ / ΔT − G₋ T₋ / ΔT                            differential
//
//   W_ij = 2 (G T / ΔT − G_ref T_ref / ΔT)                    reference
//
// with D = log10(1 + age / 1 s), o the response offset, ΔT = T_a − T_c as designed, G the light of a cell
// (light_shares, 1 as designed), T_a, T_c, b, ν, u and v its own. u and v, normal with spread σ, are what
// write-and-verify leaves: an error of spread σ at every level, which comes again where the same level is
// programmed again, and is another one at a level an eighth of the range away. A reference cell is programmed
// so that a design has W = −1 and 1 at the ends of the range, and drifts as the others.
//
// Left out: temperature, the spectral dependence of couplers and cells, reflections and crosstalk at
// crossings, what programming does to neighbours, wear, crystallisation, and the bound of 1 on a transmission
// that has drifted. Pinned by tests/platforms/pcm/crossbar.cpp.
#pragma once

#include <span>
#include <vector>

#include "pnn/platforms/pcm/cells.hpp"

namespace pnn::platforms::pcm {

/// Unit of a cell's numbers in a weight: W = gain (low + range (a − bend a (1 − a) + drift D a) + o), summed
/// over the cells of a weight.
struct CellTerms {
  double gain = 0, low = 0, range = 0, bend = 0, drift = 0, sine = 0, cosine = 0;
};

/// All of a layer: a row of terms a control, and what a reference column adds to each weight, constant +
/// by_decade D (both empty where there is none).
struct Table {
  std::vector<CellTerms> cells;
  std::vector<double> constant, by_decade;
};

/// What a weight is worth in transmission: 1/ΔT, or 2/ΔT against a reference.
double unit_of(const Process& process, const Plan& plan);

/// Level of a reference cell: its transmission lies in the middle of its range.
double reference_level(double bend);

/// Of a device: all of the formulas above.
Table device_table(const Process& process, const Plan& plan, const Cells& cells);
/// Of a model, which knows of each cell with a control what is read of it while all others are crystalline:
/// `low` at level 0, `swing` more at level 1, and `bend` [control]. The two cells of a weight are read with
/// the same leftover, low₊ = −low₋, of which each carries a half. Drift as designed, even light, no
/// programming error.
Table model_table(const Process& process, const Plan& plan, std::span<const double> low,
                  std::span<const double> swing, std::span<const double> bend);

/// The map of one layer: levels → matrix.
template <class Real>
class Crossbar final : public TransferMap<Real> {
 public:
  /// `spread`: one standard deviation of a cell's transmission.
  Crossbar(const Plan& plan, double spread, const Table& table);

  /// Another chip under the same plan.
  void set(const Table& table);

  [[nodiscard]] Index rows() const override { return plan_.out; }
  [[nodiscard]] Index cols() const override { return plan_.in; }
  [[nodiscard]] Index control_count() const override { return plan_.control_count(); }
  [[nodiscard]] double lower() const override { return 0; }
  [[nodiscard]] double upper() const override { return 1; }
  [[nodiscard]] double response_spread() const override { return spread_; }
  /// Every control is a cell of its own.
  [[nodiscard]] Index element_count() const override { return control_count(); }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override { return elements_; }

  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;
  /// Moves the two cells of a weight by equal steps in opposite directions, each as far as its range goes:
  /// what is nearest to the present controls. A weight out of reach ends with both cells at the ends of their
  /// ranges.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

  [[nodiscard]] bool has_slopes() const override { return true; }
  void slope(const OperatingPoint<Real>& at, std::span<Real> out) override;
  void curvature(const OperatingPoint<Real>& at, std::span<Real> out) override;
  void response_slope(const OperatingPoint<Real>& at, std::span<Real> out) override;

 private:
  struct Cell {
    Real gain, low, range, bend, drift, sine, cosine;
  };
  /// The amorphous share at a level, and its derivatives by the level.
  template <class Number>
  struct Share {
    Number value, first, second;
  };
  template <class Number>
  static Share<Number> share_of(const Cell& cell, Number level);
  template <class Number>
  static Number transmission(const Cell& cell, Number share, Number decades);
  /// Calls body(control, cell, share, decades) for every control.
  template <class Body>
  void each_control(const OperatingPoint<Real>& at, const Body& body) const;
  void check(const OperatingPoint<Real>& at) const;
  /// The level nearest to `level` that cell k may have.
  [[nodiscard]] double bounded(std::size_t k, double level) const {
    const ControlBounds& narrowed = this->narrowed();
    return narrowed.empty() ? std::clamp(level, 0.0, 1.0)
                            : std::clamp(level, double(narrowed.lower[k]), double(narrowed.upper[k]));
  }
  [[nodiscard]] double inverted(std::size_t weight, double target, std::span<Real> controls) const;

  Plan plan_;
  double spread_;
  std::vector<std::uint32_t> elements_;
  std::vector<Cell> cells_;
  std::vector<Real> constant_, by_decade_;
  std::vector<double> partial_;  ///< ∂L/∂D summed over each chunk of weights
};

}  // namespace pnn::platforms::pcm
