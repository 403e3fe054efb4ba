// A batch of signals through a matrix, y = x Wᵀ, in an order that no other row of the batch has a part in.
//
// y_ni adds up x_nj W_ij in float, j ascending, each step rounded once. A general matrix product cuts its
// sums by the sizes of both factors, so that a sample alone has other last bits than the same sample in a
// batch. Pinned by tests/platform/row_product.cpp.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

class RowProduct {
 public:
  /// weights [out, in], copied.
  explicit RowProduct(ConstMatrixView<float> weights);

  /// x [n, in] → y [n, out]. For any number of callers at once.
  void operator()(ConstMatrixView<float> x, MatrixView<float> y) const;

 private:
  Index out_, in_;
  std::vector<float> panels_;  ///< [panel of outputs, in, output of the panel], outputs padded with 0
};

}  // namespace pnn::platform
