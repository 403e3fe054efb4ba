// What a detector gives of a complex amplitude z, and how a gradient comes back through it.
#pragma once

#include <string>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// A row of N amplitudes is stored as N real parts followed by N imaginary parts.
enum class Detection {
  field,      ///< nothing: the amplitudes go on as light, [re | im]
  intensity,  ///< |z|²
  modulus,    ///< |z|, with derivative 0 at 0
  coherent,   ///< Re z, against a local oscillator
};

/// "intensity" and back; an unknown word throws UsageError naming the nearest one.
Detection parse_detection(const std::string& word, const std::string& where);
const char* word_of(Detection detection);

/// Numbers that leave the detectors of `modes` modes: 2 modes for field, modes otherwise.
Index detected_size(Detection detection, Index modes);

/// field [n, 2N] → out [n, detected_size].
template <class Real>
void detect(Detection detection, ConstMatrixView<Real> field, MatrixView<Real> out);
/// ∂L/∂out [n, detected_size] → ∂L/∂field [n, 2N] (by real and imaginary part), at the same field.
template <class Real>
void detect_backward(Detection detection, ConstMatrixView<Real> field, ConstMatrixView<Real> out_gradient,
                     MatrixView<Real> field_gradient);

/// Gives each amplitude of `field` [n, 2N] the modulus that was detected, at the phase that it has: |z| from
/// intensity or modulus, Re z from coherent, all of z from field.
template <class Real>
void take_moduli(Detection detection, ConstMatrixView<Real> detected, MatrixView<Real> field);

}  // namespace pnn::platform
