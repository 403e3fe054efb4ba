// Thermal crosstalk between the rings of one chip.
#pragma once

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mrr {

/// The crosstalk matrix X of the rings (row, col) with row < rows and col < cols, numbered row·cols + col:
/// X_km = χ exp(−(dist − 1)/ℓ) with the Euclidean distance in pitches, X_kk = 0, and entries below `cutoff`
/// set to 0. It is symmetric.
Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff);

}  // namespace pnn::platforms::mrr
