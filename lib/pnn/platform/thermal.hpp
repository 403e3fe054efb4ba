// Thermal crosstalk between the rings of one chip.
#pragma once

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// X of the rings (row, col) with row < rows, col < cols, numbered row·cols + col: X_km = χ exp(−(dist −
/// 1)/ℓ) with Euclidean distance in pitches, X_kk = 0, entries below `cutoff` dropped. Symmetric.
Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff);

}  // namespace pnn::platform
