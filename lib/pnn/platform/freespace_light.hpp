// Which light of which input falls on which part of the modulator: the warp-and-blur matrix of a plane times
// its layout, a sparse matrix a cell. Private to the platform room.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "pnn/platform/freespace_plan.hpp"
#include "pnn/platform/warp.hpp"

namespace pnn::platform {

/// What stands between display and modulator.
struct FreespaceOptics {
  double blur_px = 0;
  bool conserve = false;  ///< divide by k²
};

/// light[row, j] = Σ over the pixels p of a row, gain_p (B R P)_pj / block area: R the bilinear warp, B the
/// blur, P the 0/1 matrix of what the display shows, with the copies of input j in all cells. Built once a
/// misalignment; memory is kept.
template <class Real>
class FreespaceLight {
 public:
  /// Compressed rows of one cell: its sites, then the guard band as one.
  struct Cell {
    std::vector<std::uint32_t> begin;  ///< [rows + 1], into the entries
    std::vector<std::uint32_t> input;  ///< of each entry
    std::vector<Real> light;           ///< above 0
  };

  FreespaceLight(const FreespacePlan& plan, const FreespaceOptics& optics);

  /// Gain of each pixel of the plane, 0 or more; empty for one.
  void set_gain(std::vector<double> gain);
  /// Builds the matrices of this misalignment, unless they stand already.
  void align(const System& misalignment);
  [[nodiscard]] const Cell& cell(Index number) const { return cells_[std::size_t(number)]; }

  /// Σ weight(row, j) ∂light[row, j]/∂(each parameter) over one cell, at the last align().
  [[nodiscard]] System slope(Index number, const std::function<double(Index row, Index input)>& weight) const;

 private:
  struct Sample {
    std::int32_t input;  ///< −1: dark
    Real weight;
  };
  static constexpr std::size_t samples_per_pixel = 4;

  /// What sums of light are divided by: the block's area, and k² where power is conserved.
  [[nodiscard]] double unit() const;
  /// Numbers that spread() works in, whatever the rectangle of a cell.
  [[nodiscard]] std::size_t scratch_size() const;
  /// Calls body(x, y, gain · blur) for the warped pixels whose light falls on a rectangle of the plane.
  template <class Body>
  void spread(Index x, Index y, Index width, Index height, std::span<double> scratch, const Body& body) const;
  /// The same for a row of a cell.
  template <class Body>
  void for_each_source(Index number, Index row, std::span<double> scratch, const Body& body) const;
  void sample_row(Index y);
  void assemble(Index number);

  FreespacePlan plan_;
  FreespaceOptics optics_;
  std::vector<double> taps_, gain_;
  std::vector<std::int32_t> shown_;  ///< input that each pixel of the display shows, or −1
  std::vector<Sample> samples_;      ///< the warped picture [pixel, 4]
  std::vector<Cell> cells_;
  std::vector<double> sums_;     ///< of the row in work [cell, input]
  std::vector<double> scratch_;  ///< [cell, scratch_size]
  System misalignment_;
  bool aligned_ = false;
};

}  // namespace pnn::platform
