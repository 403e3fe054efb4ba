// The response of one ring as a rational function, for single numbers and for packs.
//
// For an add-drop ring with r1 = r2 = r, single-pass amplitude a, g = r² a, phase φ = 2πd/FSR and u =
// sin²(φ/2), writing cos φ = 1 − 2u in the formulas of bank.hpp gives, without cancellation,
//
//     D = (1 − g)² + 4 g u,    T_drop = (1 − r²)² a / D,    T_thru = r² ((1 − a)² + 4 a u) / D = 1 − ((1 −
//     g)² − r² (1 − a)²) / D,
//
// and with everything divided by 4g:  T_drop = drop/(width + u),  T_thru = 1 − loss/(width + u), so that
//
//     W = gain (T_drop − T_thru) + offset = base + amplitude/(width + v),    v = u.
//
// A Lorentzian has the same form with v = d². The kernels use a ring only in this form.
#pragma once

#include <cmath>

#include "pnn/core/polynomials.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::mrr {

/// Coefficients of this form: without unit for an Airy ring; for a Lorentzian width and amplitude are in nm².
struct RationalCoefficients {
  double base = 0, amplitude = 0, width = 1;
  double drop = 0, loss = 0;  ///< Airy only
};

/// Coefficients of an add-drop ring: r in (0, 1), a in (0, 1]; sign +1 for drop − thru, −1 for thru − drop.
inline RationalCoefficients airy_coefficients(double r, double a, double gain, double offset, double sign) {
  const double g = r * r * a, scale = 1 / (4 * g);
  RationalCoefficients out;
  out.width = (1 - g) * (1 - g) * scale;
  out.drop = (1 - r * r) * (1 - r * r) * a * scale;
  out.loss = out.width - r * r * (1 - a) * (1 - a) * scale;
  out.base = offset - sign * gain;
  out.amplitude = sign * gain * (out.drop + out.loss);
  return out;
}

/// Coefficients of the Lorentzian offset + gain / (1 + (d/hwhm)²).
inline RationalCoefficients lorentzian_coefficients(double hwhm_nm, double gain, double offset) {
  return {offset, gain * hwhm_nm * hwhm_nm, hwhm_nm * hwhm_nm, 0, 0};
}

/// v of an Airy ring. A position is a detuning in units of the free spectral range, of any size.
struct AiryCurve {
  static constexpr double pi = 3.14159265358979323846;
  template <class T>
  static T value(const T& position) {
    const T s = sin_pi(wrap_to_half(position));
    return s * s;
  }
  /// v, dv/dposition, d²v/dposition².
  template <class T>
  static void slopes(const T& position, T& v, T& first, T& second) {
    using Real = real_of_t<T>;
    const T t = wrap_to_half(position), s = sin_pi(t), c = cos_pi(t);
    v = s * s;
    first = T(Real(2 * pi)) * s * c;
    second = T(Real(2 * pi * pi)) * (c * c - v);
  }
  /// The positions with a given v in [0, 1] are k ± inverse(v) for all integers k.
  static double inverse(double v) { return std::asin(std::sqrt(v)) / pi; }
  static constexpr double largest = 1, period = 1;
};

/// v of a Lorentzian. A position is a detuning in nm.
struct LorentzCurve {
  template <class T>
  static T value(const T& position) {
    return position * position;
  }
  template <class T>
  static void slopes(const T& position, T& v, T& first, T& second) {
    v = position * position;
    first = position + position;
    second = T(real_of_t<T>(2));
  }
  static double inverse(double v) { return std::sqrt(v); }
  static constexpr double largest = 1e300, period = 0;  ///< not periodic
};

}  // namespace pnn::platforms::mrr
