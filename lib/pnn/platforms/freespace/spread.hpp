// How what a cell of the modulator passes reaches the plane of the camera: times the gain of each pixel, then
// blurred, and the adjoint of both. One pass along the lines and one across them takes a tenth of the work of
// the blur's matrix, and there is nothing to build where only the gain has changed. Used in this folder only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pnn/platforms/freespace/plan.hpp"

namespace pnn::platforms::freespace {

/// Memory of this thread, [size], which it keeps, so that one cell after another finds it in its cache.
/// `Purpose` tells apart what is needed at a time.
template <class Real, int Purpose>
Real* memory_of_thread(Index size) {
  thread_local std::vector<Real> memory;
  if (Index(memory.size()) < size) memory.resize(std::size_t(size));
  return memory.data();
}

/// Light of one cell on the pixels that it reaches: those of the cell, and as many around it as the blur
/// reaches. Pictures lie side by side: `lanes` numbers for each pixel and each site.
template <class Real>
class Spread {
 public:
  /// `lanes` is 1 or a multiple of lane_block.
  Spread(const Plan& plan, double blur_px, Index lanes);

  /// Sets the gain of each pixel of the plane, 0 or more; empty: 1 everywhere.
  void set_gain(std::span<const double> gain);
  /// Whether light stays where it is, as strong as it is: then there is nothing to compute.
  [[nodiscard]] bool none() const { return gain_.empty() && taps_.size() == 1; }

  /// How far beyond the cell light gets, in px.
  [[nodiscard]] Index reach() const { return Index(taps_.size() / 2); }
  /// Pixel (x, y) of the cell, from −reach() on, is number (y + reach()) · pitch() + x + reach().
  [[nodiscard]] Index pitch() const { return pitch_; }
  [[nodiscard]] Index pixels() const { return (plan_.cell_height() + 2 * reach()) * pitch_; }

  /// lit [pixels(), lanes] = B g passed, from what the sites and then the guard band of a cell of the plane
  /// pass [sites + 1, lanes]. Parts that lie outside the plane are computed, and have no meaning.
  void forward(Index cell, const Real* passed, Real* lit) const;
  /// The adjoint: passed = g Bᵀ lit.
  void backward(Index cell, const Real* lit, Real* passed) const;

 private:
  /// Calls body(site, first, count) for the stretches of line y of a cell that belong to one site.
  template <class Body>
  void for_each_stretch(Index y, const Body& body) const;
  [[nodiscard]] const Real* gain_of_line(Index cell, Index y) const;
  template <Index lanes>
  void forward_in(Index cell, const Real* passed, Real* lit) const;
  template <Index lanes>
  void backward_in(Index cell, const Real* lit, Real* passed) const;

  Plan plan_;
  Index lanes_, pitch_;
  std::vector<Real> taps_, gain_;
  std::vector<std::uint32_t> sites_;  ///< of each pixel of a cell; the guard band is number plan.sites()
};

}  // namespace pnn::platforms::freespace
