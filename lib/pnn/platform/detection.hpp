// Detection: from complex amplitudes z to the numbers that detectors give, and gradients back.
#pragma once

#include <string>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// What is detected of each amplitude. A row of N amplitudes is stored as N real parts followed by N
/// imaginary parts.
enum class Detection {
  field,      ///< no detector: the amplitudes pass on as light, [re | im]
  intensity,  ///< |z|²
  modulus,    ///< |z|; its derivative is 0 at z = 0
  coherent,   ///< Re z, measured against a local oscillator
};

/// The detection of a word ("intensity"), and its word. Throws UsageError, beginning with `where` and naming
/// the nearest word, for an unknown one.
Detection parse_detection(const std::string& word, const std::string& where);
const char* word_of(Detection detection);

/// Number of real values behind the detectors of `modes` modes: 2 · modes for field, otherwise modes.
Index detected_size(Detection detection, Index modes);

/// Detects `field` [n, 2N] into `out` [n, detected_size].
template <class Real>
void detect(Detection detection, ConstMatrixView<Real> field, MatrixView<Real> out);
/// From ∂L/∂out [n, detected_size], the gradient ∂L/∂field [n, 2N] by real and imaginary parts, at the same
/// field.
template <class Real>
void detect_backward(Detection detection, ConstMatrixView<Real> field, ConstMatrixView<Real> out_gradient,
                     MatrixView<Real> field_gradient);

/// Replaces the modulus of each amplitude of `field` [n, 2N] by the detected one and keeps its phase: |z| for
/// intensity and modulus. Of coherent detection, Re z is replaced; of field, all of z.
template <class Real>
void take_moduli(Detection detection, ConstMatrixView<Real> detected, MatrixView<Real> field);

}  // namespace pnn::platform
