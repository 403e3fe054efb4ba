// How light passes free space from one plane of pixels to a parallel one: the angular-spectrum method (J. W.
// Goodman, Introduction to Fourier Optics, section 3.10), zero-padded and band-limited.
//
//   u' = C F⁻¹ H F Z u,      H(f_x, f_y) = exp(i k_z d),      k_z = 2π √(1/λ² − f_x² − f_y²)
//
// for a time dependence exp(−iωt), so that phases grow along the way. Z pads with zeros to at least
// `padding` times the pixels a side (a power of two, 16 or more), F is the discrete Fourier transform, C cuts
// the window out again. H is 0 where
//
//   f_x² (1 + (2 Δf_x d)²) + f_y² > 1/λ²   or   f_y² (1 + (2 Δf_y d)²) + f_x² > 1/λ²,   Δf = 1/(padded side)
//
// which drops the evanescent part and, of the rest, what H turns by more than half a turn from one sample to
// the next (K. Matsushima and T. Shimobaba, Opt. Express 17, 19662 (2009), as the two ellipses
// rather than the rectangle about them): such light would come back into the window from its other side.
//
// A field is [2, height, width]: real parts, then imaginary ones, at the centres of the pixels; x right, y
// down, pixel (x, y) is number y·width + x. Its power is Σ |u|². Power is kept, up to rounding, for fields
// inside passband and window; losses() says what others lose. Left out: polarisation, reflections, the
// finite area of a pixel. Pinned by tests/platform/d2nn_propagation.cpp.
#pragma once

#include <span>
#include <vector>

#include "pnn/core/phasor.hpp"
#include "pnn/platform/d2nn_fourier.hpp"
#include "pnn/platform/d2nn_plan.hpp"

namespace pnn::platform {

/// H over a distance (mm, either sign) at the frequency (column, row) of the padded plane, which stands for
/// f_x = column Δf_x; numbers from half the side on are negative frequencies.
Phasor<double> free_space_transfer(const D2nnPlane& plane, double distance_mm, Index column, Index row);

/// Fractions of a field's power that do not arrive.
struct PropagationLosses {
  double band = 0;    ///< outside the band: evanescent, or too steep for the padding
  double window = 0;  ///< beside the window of the target
};

template <class Real>
class AngularSpectrum {
 public:
  /// What one caller at a time needs; made once, for every distance on the same plane.
  struct Scratch {
    explicit Scratch(const D2nnPlane& plane);
    std::vector<Real> tile, other, spectrum;
    std::vector<Real> sent_tile, sent_spectrum;  ///< of adjoint_and_slope()
  };

  /// Makes the plan of a geometry: 2 · padded sides numbers. Throws UsageError where check_plane complains
  /// or the distance is not finite.
  AngularSpectrum(const D2nnPlane& plane, double distance_mm);

  [[nodiscard]] const D2nnPlane& plane() const { return plane_; }
  [[nodiscard]] double distance_mm() const { return distance_mm_; }
  /// Another distance on the same plane, in the same memory. Throws UsageError where it is not finite.
  void set_distance(double distance_mm);

  /// to = P from, and to = P* from, its adjoint with respect to Re Σ conj(a) b: the light sent back. Fields
  /// [2, height, width], which may be the same memory. Allocates nothing.
  void forward(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;
  void adjoint(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;
  /// adjoint(), and Re Σ conj(from) ∂(P sent)/∂d a mm, without what the carrier exp(2πi d/λ) adds: a phase
  /// common to all light, which no detector sees. Differentiable in d but where a frequency meets the edge of
  /// the band. Allocates at its first use of a scratch.
  double adjoint_and_slope(std::span<const Real> from, std::span<const Real> sent, std::span<Real> to,
                           Scratch& scratch) const;

  /// forward(), and what is lost of the field's power; nothing of a dark field.
  PropagationLosses losses(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;

 private:
  enum class Direction { forward, adjoint };
  enum class Sum { nothing, power, slope };  ///< what is added up over the spectrum on the way

  void rows_to_spectra(std::span<const Real> from, std::span<Real> spectrum, Scratch& scratch) const;
  /// The whole spectra [2, padded_height, lane_block] of sixteen columns from `column` on.
  void column_spectra(std::span<const Real> spectrum, Index column, Real* tile, Real* other) const;
  [[nodiscard]] double column_slope(Index column, const Real* target, const Real* sent) const;
  template <Direction direction, Sum sum>
  double run(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const;

  D2nnPlane plane_;
  double distance_mm_ = 0;
  Fourier<Real> along_x_, along_y_;
  std::vector<Real> transfer_;  ///< H / padded pixels, a tile [2, padded_height, lane_block] per 16 columns
};

/// Σ |u|² of a field [2, height, width], added up in double.
template <class Real>
double field_power(std::span<const Real> field);

}  // namespace pnn::platform
