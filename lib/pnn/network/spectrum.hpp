// The light behind a lens: the middle of a picture's two-dimensional Fourier spectrum, as a field.
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::network {

/// The K×K lowest spatial frequencies of each picture, with unit power.
///   F(u, v) = Σ_rc x(r, c) e^{−2πi (u r/H + v c/W)},   u and v from −⌊K/2⌋ to ⌈K/2⌉ − 1,
/// that is the middle of numpy's fftshift(fft2(x)); then each sample is divided by its norm over all
/// amplitudes, Σ|F|² = 1 (the power of the light in a network: `normalize:power=P`). A dark picture stays
/// dark. `pictures`: [n, channels·H·W] of shape `from`; 1 ≤ K ≤ min(H, W). Result: [n, 2·channels·K²], fields
/// of the shape `spectrum_shape`, amplitude (channel, u, v) with v fastest. Summed in double. A matrix
/// product with 2K of the 2H + 2W rows of the transforms: fewer products than a whole FFT of 28×28 at K = 8.
/// Test: "a spectrum is the centred Fourier transform, cut out and of unit power".
Matrix<float> central_spectrum(const Matrix<float>& pictures, const Shape& from, Index k);

/// channels·K² amplitudes.
Shape spectrum_shape(const Shape& from, Index k);

}  // namespace pnn::network
