// The field behind a lens: the central part of the two-dimensional Fourier spectrum of a picture.
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::network {

/// The K × K lowest spatial frequencies of each picture, with unit power:
///    F(u, v) = Σ_rc x(r, c) e^{−2πi (u r/H + v c/W)},   u and v from −⌊K/2⌋ to ⌈K/2⌉ − 1,
/// which is the centre of numpy's fftshift(fft2(x)). Each sample is divided by its norm over all amplitudes,
/// so that Σ|F|² = 1 (`normalize:power=P` then sets the power of light in a network). A dark picture stays
/// dark. `pictures` [n, channels·H·W] have the shape `from`; 1 ≤ K ≤ min(H, W). Result: [n, 2·channels·K²],
/// fields of the shape `spectrum_shape`, amplitude (channel, u, v) with v fastest. Sums are in double. It is
/// computed as a matrix product with the 2K rows of the transforms that are needed, which takes fewer
/// products than a whole FFT of 28 × 28 at K = 8. Tested by "a spectrum is the centred Fourier transform, cut
/// out and of unit power".
Matrix<float> central_spectrum(const Matrix<float>& pictures, const Shape& from, Index k);

/// The shape of that field: channels·K² amplitudes.
Shape spectrum_shape(const Shape& from, Index k);

}  // namespace pnn::network
