// Multiplies a batch of signals by a matrix, y = x Wᵀ, so that each row of the result is independent of the
// other rows, to the bit.
//
// y_ni is the sum of x_nj W_ij in float, in the order of j, each step rounded once. A general matrix product
// blocks its sums by the sizes of both factors, so that the last bits of a sample differ if it is computed
// alone. Tested by tests/platform/row_product.cpp.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// A matrix, arranged for many products.
class RowProduct {
 public:
  /// `weights` [out, in] are copied.
  explicit RowProduct(ConstMatrixView<float> weights);

  /// x [n, in] → y [n, out]. Several threads may call it at once.
  void operator()(ConstMatrixView<float> x, MatrixView<float> y) const;

 private:
  Index out_, in_;
  std::vector<float> panels_;  ///< [panel of outputs, in, output of the panel], outputs padded with 0
};

/// The same for weights that are used once: signals [n, in] → outputs [n, out], on several threads.
void multiply_signals(ConstMatrixView<float> weights, ConstMatrixView<float> signals,
                      MatrixView<float> outputs);

}  // namespace pnn::platform
