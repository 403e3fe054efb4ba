// The light of each input on each part of the modulator: the warp and blur matrix of the plane times its
// layout, as a sparse matrix for each cell. Used in this folder only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "pnn/platform/warp.hpp"
#include "pnn/platforms/freespace/plan.hpp"

namespace pnn::platforms::freespace {

/// The optics between display and modulator.
struct Optics {
  double blur_px = 0;
  bool conserve = false;  ///< divide irradiance by k²
};

/// light[row, j] = Σ over the pixels p of a row, gain_p (B R P)_pj / block area, with the bilinear warp R,
/// the blur B, and the 0/1 matrix P of what the display shows, where input j has a copy in every cell. It is
/// built once for each misalignment, and memory is kept.
template <class Real>
class Light {
 public:
  /// The sparse matrix of one cell in compressed rows: one row for each site, then one for the guard band.
  struct Cell {
    std::vector<std::uint32_t> begin;  ///< [rows + 1], index of the first entry of each row
    std::vector<std::uint32_t> input;  ///< input of each entry
    std::vector<Real> light;           ///< light of each entry, above 0
  };

  Light(const Plan& plan, const Optics& optics);

  /// Sets the gain of each pixel of the plane, 0 or more; empty: 1 everywhere.
  void set_gain(std::vector<double> gain);
  /// Builds the matrices of this misalignment, unless they are the present ones.
  void align(const System& misalignment);
  [[nodiscard]] const Cell& cell(Index number) const { return cells_[std::size_t(number)]; }

  /// Σ weight(row, j) ∂light[row, j]/∂(each parameter) over one cell, at the misalignment of the last
  /// align().
  [[nodiscard]] System slope(Index number, const std::function<double(Index row, Index input)>& weight) const;

 private:
  struct Sample {
    std::int32_t input;  ///< −1: dark
    Real weight;
  };
  static constexpr std::size_t samples_per_pixel = 4;

  /// Divisor of sums of light: the area of a block, times k² if power is conserved.
  [[nodiscard]] double unit() const;
  /// Size of the scratch memory that spread() needs, for any cell.
  [[nodiscard]] std::size_t scratch_size() const;
  /// Calls body(x, y, gain · blur) for the pixels of the warped picture whose light falls on a rectangle of
  /// the plane.
  template <class Body>
  void spread(Index x, Index y, Index width, Index height, std::span<double> scratch, const Body& body) const;
  /// The same for the pixels of one row of a cell's matrix.
  template <class Body>
  void for_each_source(Index number, Index row, std::span<double> scratch, const Body& body) const;
  void sample_row(Index y);
  void assemble(Index number);

  Plan plan_;
  Optics optics_;
  std::vector<double> taps_, gain_;
  std::vector<std::int32_t> shown_;  ///< input that each pixel of the display shows, or −1
  std::vector<Sample> samples_;      ///< the warped picture [pixel, 4]
  std::vector<Cell> cells_;
  std::vector<double> sums_;     ///< sums of the present row [cell, input]
  std::vector<double> scratch_;  ///< [cell, scratch_size]
  System misalignment_;
  bool aligned_ = false;
};

}  // namespace pnn::platforms::freespace
