#include "pnn/platform/transmission.hpp"

#include "pnn/core/chunks.hpp"
#include "pnn/core/short_loops.hpp"

namespace pnn::platform {

template <class Real>
void ProductTransmission<Real>::forward(ConstMatrixView<Real> weights, const DirectWay<Real>*,
                                        ConstMatrixView<Real> in, MatrixView<Real> out) {
  panels_.arrange(strided(weights.transpose()));
  parallel_for(chunks_of(product_chunk, in.rows()), product_ns(in.rows(), in.cols(), weights.rows()),
               [&](std::size_t k) {
                 const Chunk c = chunk_of(k, product_chunk, in.rows());
                 multiply(rows_of(in, c), panels_, rows_of(out, c));
               });
}

template <class Real>
void ProductTransmission<Real>::backward(ConstMatrixView<Real> weights, const DirectWay<Real>*,
                                         ConstMatrixView<Real> in, ConstMatrixView<Real>,
                                         ConstMatrixView<Real> out_gradient, MatrixView<Real> in_gradient,
                                         MatrixView<Real> weight_gradient, bool) {
  const std::size_t column_chunks = chunks_of(column_chunk, weights.cols());
  const std::size_t sample_chunks = in_gradient.rows() > 0 ? chunks_of(product_chunk, in.rows()) : 0;
  if (sample_chunks > 0) panels_.arrange(strided(weights));
  const double work_ns = (sample_chunks > 0 ? 2 : 1) * product_ns(in.rows(), in.cols(), weights.rows());
  parallel_for(column_chunks + sample_chunks, work_ns, [&](std::size_t k) {
    if (k < column_chunks) {
      const Chunk c = chunk_of(k, column_chunk, weights.cols());
      multiply(out_gradient.transpose(), in.middleCols(c.begin, c.count),
               weight_gradient.middleCols(c.begin, c.count));
    } else {
      const Chunk c = chunk_of(k - column_chunks, product_chunk, in.rows());
      multiply(rows_of(out_gradient, c), panels_, rows_of(in_gradient, c));
    }
  });
}

template class ProductTransmission<float>;
template class ProductTransmission<double>;

}  // namespace pnn::platform
