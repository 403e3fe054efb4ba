#include "pnn/network/spectrum.hpp"

#include <complex>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"

namespace pnn::network {
namespace {

using Complex = std::complex<double>;

/// [k, n]: e^{−2πi u r/n} for u from −⌊k/2⌋ on.
Matrix<Complex> lowest_frequencies(Index k, Index n) {
  Matrix<Complex> rows(k, n);
  for (Index u = 0; u < k; ++u)
    for (Index r = 0; r < n; ++r) {
      const Index turn = ((u - k / 2) * r % n + n) % n;  // whole turns left out, so that the angle is exact
      rows(u, r) = std::polar(1.0, -2 * std::numbers::pi * double(turn) / double(n));
    }
  return rows;
}

}  // namespace

Shape spectrum_shape(const Shape& from, Index k) {
  return {from.channels * k * k, 1, 1, true};
}

Matrix<float> central_spectrum(const Matrix<float>& pictures, const Shape& from, Index k) {
  require(!from.field && k >= 1 && k <= from.height && k <= from.width,
          "a spectrum no larger than its picture");
  const Index amplitudes = from.channels * k * k;
  const Matrix<Complex> down = lowest_frequencies(k, from.height);
  const Matrix<Complex> across = lowest_frequencies(k, from.width).transpose();
  Matrix<float> result(pictures.rows(), 2 * amplitudes);
  Matrix<Complex> picture(from.height, from.width), half(k, from.width), part(k, k);
  Vector<Complex> field(amplitudes);
  for (Index n = 0; n < pictures.rows(); ++n) {
    for (Index c = 0; c < from.channels; ++c) {
      picture = ConstMatrixView<float>(pictures.row(n).data() + c * from.height * from.width, from.height,
                                       from.width)
                    .cast<Complex>();
      half.noalias() = down * picture;
      part.noalias() = half * across;
      field.segment(c * k * k, k * k) = ConstVectorView<Complex>(part.data(), k * k);
    }
    if (const double size = norm(field); size > 0) field /= size;
    result.row(n).head(amplitudes) = field.real().transpose().cast<float>();
    result.row(n).tail(amplitudes) = field.imag().transpose().cast<float>();
  }
  return result;
}

}  // namespace pnn::network
