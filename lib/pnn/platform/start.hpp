// Initial weights of layers whose matrix has elements in [−1, 1], for platforms to implement LayerPlan::start
// and start_from.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"

namespace pnn::platform {

/// Samples normal weights [rows, cols] of standard deviation `spread`, clipped at ±0.8.
Matrix<float> draw_weights(const Stream& stream, double spread, Index rows, Index cols);

/// `matrix` as weights [rows, cols], and the factor that scaled them into ±0.85. Not up to ±1: an
/// element that is parked far from its extreme may only reach some −0.87.
struct ScaledWeights {
  Matrix<float> weights;
  float scale = 1;
};
ScaledWeights scale_weights(ConstMatrixView<float> matrix, Index rows, Index cols);

/// A sentence if some weight misses its target by `left`; none if that is small.
std::vector<std::string> remark_on_reach(double left);

}  // namespace pnn::platform
