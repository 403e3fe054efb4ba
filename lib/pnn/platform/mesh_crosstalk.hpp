// Thermal crosstalk between the phases of one column of a mesh.
#pragma once

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// X of a column of `mzis` MZIs: X_km = χ exp(−(|k−m| − 1)/ℓ), X_kk = 0, distances in MZIs. The phases θ of a
/// column heat each other by X, and so do the φ; ψ and attenuators heat nothing. Symmetric: gradients go
/// back by the same matrix.
Matrix<double> column_crosstalk(Index mzis, double chi, double length);

/// sums[k] += Σ_m X_km x[m] for k < count, with decay = exp(−1/ℓ): the exponential is carried from one MZI to
/// the next, so the cost is that of the column, not of X. x and sums do not overlap.
void add_crosstalk(const double* x, Index count, double chi, double decay, double* sums);

}  // namespace pnn::platform
