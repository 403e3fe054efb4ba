#include "pnn/platform/start.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

Matrix<float> draw_weights(const Stream& stream, double spread, Index rows, Index cols) {
  Matrix<float> weights(rows, cols);
  const std::span<float> flat(weights.data(), std::size_t(weights.size()));
  fill_normal(stream, flat);
  for (float& w : flat) w = std::clamp(w * float(spread), -0.8F, 0.8F);
  return weights;
}

ScaledWeights scale_weights(ConstMatrixView<float> matrix, Index rows, Index cols) {
  require(matrix.size() == rows * cols, "a matrix of as many weights as its target");
  const ConstMatrixView<float> source(matrix.data(), rows, cols);
  const float largest = source.cwiseAbs().maxCoeff();
  const float scale = largest > 0 ? 0.85F / largest : 1.0F;
  return {source * scale, scale};
}

std::vector<std::string> remark_on_reach(double left) {
  if (left <= 0.02) return {};
  return {"some weights are out of reach, the largest by " + format_short(left, 2)};
}

}  // namespace pnn::platform
