// Propagation of light through free space from one plane of pixels to a parallel one: the angular-spectrum
// method (J. W. Goodman, Introduction to Fourier Optics, section 3.10), zero-padded and band-limited.
//
//   u' = C F⁻¹ H F Z u,      H(f_x, f_y) = exp(i k_z d),      k_z = 2π √(1/λ² − f_x² − f_y²)
//
// with the time dependence exp(−iωt), so that phases increase with distance. Z pads with zeros to `padding`
// times the next good length (of factors 2, 3, 5 and 7, plan.hpp) of each side, F is the discrete Fourier
// transform, and C cuts out the original window. H is 0 where
//
//   f_x² (1 + (2 Δf_x d)²) + f_y² > 1/λ²   or   f_y² (1 + (2 Δf_y d)²) + f_x² > 1/λ²,   Δf = 1/(padded side)
//
// which drops the evanescent part and, of the rest, those frequencies that H turns by more than half a turn
// from one sample to the next (K. Matsushima and T. Shimobaba, Opt. Express 17, 19662 (2009); here the two
// ellipses themselves and not the rectangle around them): such light would come back into the window from its
// other side.
//
// With `padding` 1 the plane stands in rows and columns of its copies without end: light that leaves one side
// comes back on the other, and H is 0 for evanescent waves alone (1/λ² < f_x² + f_y²).
//
// A field is [2, height, width]: real parts, then imaginary parts, at the centres of the pixels; x to the
// right, y down, pixel (x, y) is number y·width + x. Its power is Σ |u|². Power is conserved, up to rounding,
// for fields inside passband and window; losses() tells what other fields lose. Left out: polarisation,
// reflections, the finite area of a pixel. Tested by tests/platforms/d2nn/propagation.cpp.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "pnn/core/phasor.hpp"
#include "pnn/platforms/d2nn/fourier.hpp"
#include "pnn/platforms/d2nn/plan.hpp"

namespace pnn::platforms::d2nn {

/// H for a distance (mm, of either sign) at the frequency (column, row) of the padded plane, which means f_x
/// = column Δf_x; numbers from half the side on are negative frequencies.
Phasor<double> free_space_transfer(const Plane& plane, double distance_mm, Index column, Index row);

/// Fractions of the power of a field that do not arrive.
struct PropagationLosses {
  double band = 0;    ///< outside the band: evanescent, or too steep for the padding
  double window = 0;  ///< outside the window of the target
};

/// Free space of one distance.
template <class Real>
class AngularSpectrum {
 public:
  /// Scratch memory of one caller, made once for all distances on the same plane.
  struct Scratch {
    explicit Scratch(const Plane& plane);
    std::vector<Real> tile, other, sum;          ///< sixteen rows or columns
    std::vector<Real> wide;                      ///< all frequencies of sixteen rows
    std::vector<Real> spectrum;                  ///< of all rows
    std::vector<Real> sent_tile, sent_spectrum;  ///< of adjoint_and_slope()
  };

  /// Prepares the transfer function, a number for each pixel of the padded plane. Throws UsageError if
  /// check_plane complains or the distance is not finite.
  AngularSpectrum(const Plane& plane, double distance_mm);

  [[nodiscard]] const Plane& plane() const { return plane_; }
  [[nodiscard]] double distance_mm() const { return distance_mm_; }
  /// Changes the distance, in the same memory. Throws UsageError if it is not finite.
  void set_distance(double distance_mm);

  /// forward(): to = P from. adjoint(): to = P* from, the adjoint with respect to Re Σ conj(a) b, that is
  /// light sent back. Fields are [2, height, width] and may be the same memory. Allocates nothing.
  void forward(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;
  void adjoint(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;
  /// adjoint(), which also returns Re Σ conj(from) ∂(P sent)/∂d per mm, without the part of the carrier
  /// exp(2πi d/λ): a phase common to all light, which no detector sees. Differentiable in d except where a
  /// frequency meets the edge of the band. Allocates at its first use of a scratch.
  double adjoint_and_slope(std::span<const Real> from, std::span<const Real> sent, std::span<Real> to,
                           Scratch& scratch) const;

  /// forward(), which also returns the losses of power; 0 for a dark field.
  PropagationLosses losses(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;

 private:
  enum class Direction { forward, adjoint };
  enum class Sum { nothing, power, slope };  ///< what is summed over the spectrum on the way

  void rows_to_spectra(std::span<const Real> from, std::span<Real> spectrum, Scratch& scratch) const;
  [[nodiscard]] double column_slope(Index column, Index part, Signals<const Real> back,
                                    Signals<const Real> sent) const;
  template <Direction direction, Sum sum>
  double columns_through_space(Scratch& scratch) const;
  void spectra_to_rows(std::span<Real> to, Scratch& scratch) const;
  template <Direction direction, Sum sum>
  double run(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;

  /// The number of the frequency at a place along x, where the parts stand one after the other.
  [[nodiscard]] Index column_number(Index place) const {
    return plane_.padding * (place % along_x_[0].length()) + place / along_x_[0].length();
  }
  /// Sixteen columns of a spectrum, and the part of the frequencies along x in all of them of sixteen rows.
  [[nodiscard]] Signals<Real> block_of(Real* spectrum, Index column) const;
  [[nodiscard]] Signals<Real> part_of(Signals<Real> wide, Index part) const {
    const Index at = part * along_x_[0].length() * lane_block;
    return {wide.re + at, wide.im + at};
  }
  /// H or conj(H) of sixteen columns at a part of the frequencies along y.
  [[nodiscard]] Response<Real> response_of(Times times, Index column, Index part) const {
    return {times, transfer_.data() + 2 * column * (rows_ / 2 + 1), part, plane_.padding, rows_};
  }

  Plane plane_;
  double distance_mm_ = 0;
  Index columns_, rows_;  ///< padded
  Index block_rows_ = 0;  ///< points of the signals that sixteen columns of a spectrum are
  std::vector<Fourier<Real>> along_x_, along_y_;  ///< one for each part of the frequencies
  /// H / padded pixels [columns / lane_block, rows / 2 + 1, 2, lane_block]: negative frequencies along y have
  /// that of positive ones.
  std::vector<Real> transfer_;
};

/// Σ |u|² of a field [2, height, width], summed in double.
template <class Real>
double field_power(std::span<const Real> field);

}  // namespace pnn::platforms::d2nn
