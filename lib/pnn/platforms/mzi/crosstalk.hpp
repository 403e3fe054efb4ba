// Thermal crosstalk between the phases of one column of a mesh.
#pragma once

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mzi {

/// The crosstalk matrix of a column of `mzis` MZIs: X_km = χ exp(−(|k−m| − 1)/ℓ), X_kk = 0, with distances in
/// MZIs. The phases θ of a column heat each other by X, and so do the phases φ; ψ and attenuators have no
/// crosstalk. X is symmetric, so that gradients use the same matrix.
Matrix<double> column_crosstalk(Index mzis, double chi, double length);

/// sums[k] += Σ_m X_km x[m] for k < count, with decay = exp(−1/ℓ). The exponential is carried from one MZI to
/// the next, so that the cost is proportional to the column and not to X. x and sums must not overlap.
void add_crosstalk(const double* x, Index count, double chi, double decay, double* sums);

}  // namespace pnn::platforms::mzi
