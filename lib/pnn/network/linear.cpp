// Fully connected layers, physical (mrr, freespace: no bias) and digital (dense: bias): y = W x + b.
#include "pnn/core/errors.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

template <class Real>
class Linear : public LayerOp<Real> {
 public:
  Linear(const Layer& layer, const Offsets& offsets)
      : rows_(layer.matrix_rows), cols_(layer.matrix_cols), physical_(layer.physical), offsets_(offsets) {}

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    const ConstMatrixView<Real> w = weights(p);
    parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, in.rows());
      MatrixView<Real> y = rows_of(out, c);
      multiply_rows<Real>(rows_of(in, c), w.transpose(), y);
      if (offsets_.second >= 0) {
        y.rowwise() += ConstVectorView<Real>(p.digital.data() + offsets_.second, rows_).transpose();
      }
    });
  }

  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    MatrixView<Real> dw = physical_ >= 0 ? view(g.weights[std::size_t(physical_)])
                                         : MatrixView<Real>(g.digital.data() + offsets_.first, rows_, cols_);
    const std::size_t column_chunks = chunks_of(column_chunk, cols_);
    const std::size_t sample_chunks = dx.rows() > 0 ? chunks_of(product_chunk, in.rows()) : 0;
    const ConstMatrixView<Real> w = weights(p);
    parallel_for(column_chunks + sample_chunks, [&](std::size_t k) {
      if (k < column_chunks) {
        const Chunk c = chunk_of(k, column_chunk, cols_);
        dw.middleCols(c.begin, c.count).noalias() = dy.transpose() * in.middleCols(c.begin, c.count);
      } else {
        const Chunk c = chunk_of(k - column_chunks, product_chunk, in.rows());
        multiply_rows<Real>(rows_of(dy, c), w, rows_of(dx, c));
      }
    });
    if (offsets_.second >= 0) column_sums(dy, g.digital.data() + offsets_.second);
  }

  void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out) override {
    runner.run(std::size_t(physical_), in, out);
  }

 private:
  ConstMatrixView<Real> weights(const Parameters<Real>& p) const {
    return physical_ >= 0 ? view(p.weights[std::size_t(physical_)])
                          : ConstMatrixView<Real>(p.digital.data() + offsets_.first, rows_, cols_);
  }
  Index rows_, cols_;
  int physical_;
  Offsets offsets_;
};

}  // namespace

template <class Real>
void LayerOp<Real>::forward_on(PhysicalRunner&, ConstMatrixView<float>, MatrixView<float>) {
  throw InternalError("only a physical layer runs on a device");
}
template class LayerOp<float>;
template class LayerOp<double>;

template <class Real>
std::unique_ptr<LayerOp<Real>> make_linear(const Layer& layer, const Offsets& offsets) {
  return std::make_unique<Linear<Real>>(layer, offsets);
}
template std::unique_ptr<LayerOp<float>> make_linear(const Layer&, const Offsets&);
template std::unique_ptr<LayerOp<double>> make_linear(const Layer&, const Offsets&);

}  // namespace pnn::network
