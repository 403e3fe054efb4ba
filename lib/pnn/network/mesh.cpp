// A mesh of interferometers and its detectors: field = W x of complex amplitudes, then what is detected of
// it.
#include <utility>

#include "pnn/core/threads.hpp"
#include "pnn/network/layer_op.hpp"
#include "pnn/platform/transmission.hpp"

namespace pnn::network {
namespace {

template <class Real>
class Mesh : public LayerOp<Real> {
 public:
  Mesh(const Layer& layer, Index max_batch)
      : physical_(std::size_t(layer.physical)),
        detection_(layer.detection),
        expands_(layer.in.field),
        field_(max_batch, layer.matrix_rows),
        field_gradient_(max_batch, layer.matrix_rows) {
    if (expands_) {
      expanded_.resize(layer.matrix_rows, 2 * layer.matrix_cols);
      expanded_gradient_.resize(layer.matrix_rows, 2 * layer.matrix_cols);
    }
  }

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    const ConstMatrixView<Real> w = matrix(p);
    parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, in.rows());
      propagate(in, w, c);
      platform::detect(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(out, c));
    });
    has_field_ = true;
  }

  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    const ConstMatrixView<Real> w = matrix(p);
    // after a pass on a device the field is the model's, at the inputs that the device had
    parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, in.rows());
      if (!has_field_) {
        propagate(in, w, c);
        if (fused_) platform::take_moduli(detection_, rows_of(out, c), rows_of(field(in.rows()), c));
      }
      platform::detect_backward(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(dy, c),
                                rows_of(field_gradient(in.rows()), c));
      if (dx.rows() > 0)
        rows_of(dx, c).noalias() = rows_of(std::as_const(*this).field_gradient(in.rows()), c) * w;
    });
    MatrixView<Real> dw = view(expands_ ? expanded_gradient_ : g.weights[physical_]);
    parallel_for(chunks_of(column_chunk, dw.cols()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, column_chunk, dw.cols());
      dw.middleCols(c.begin, c.count).noalias() =
          field_gradient(in.rows()).transpose() * in.middleCols(c.begin, c.count);
    });
    if (expands_) platform::fold_complex(view(std::as_const(expanded_gradient_)), view(g.weights[physical_]));
  }

  void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out) override {
    runner.run(physical_, in, out);
    has_field_ = false;
  }
  void fuse_moduli(bool fused) override { fused_ = fused; }

 private:
  /// The real matrix that acts on the inputs as they come: [2N, N] on real amplitudes, [2N, 2N] on fields.
  ConstMatrixView<Real> matrix(const Parameters<Real>& p) {
    const ConstMatrixView<Real> stored = view(p.weights[physical_]);
    if (!expands_) return stored;
    platform::expand_complex(stored, view(expanded_));
    return view(std::as_const(expanded_));
  }
  void propagate(const ConstMatrixView<Real>& in, const ConstMatrixView<Real>& w, Chunk c) {
    rows_of(field(in.rows()), c).noalias() = rows_of(in, c) * w.transpose();
  }
  MatrixView<Real> field(Index rows) { return {field_.data(), rows, field_.cols()}; }
  [[nodiscard]] ConstMatrixView<Real> field(Index rows) const { return {field_.data(), rows, field_.cols()}; }
  MatrixView<Real> field_gradient(Index rows) {
    return {field_gradient_.data(), rows, field_gradient_.cols()};
  }
  [[nodiscard]] ConstMatrixView<Real> field_gradient(Index rows) const {
    return {field_gradient_.data(), rows, field_gradient_.cols()};
  }

  std::size_t physical_;
  platform::Detection detection_;
  bool expands_, has_field_ = false, fused_ = false;
  Matrix<Real> field_, field_gradient_;        ///< [max_batch, 2N]
  Matrix<Real> expanded_, expanded_gradient_;  ///< [2N, 2N] where fields enter
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_mesh(const Layer& layer, Index max_batch) {
  return std::make_unique<Mesh<Real>>(layer, max_batch);
}
template std::unique_ptr<LayerOp<float>> make_mesh(const Layer&, Index);
template std::unique_ptr<LayerOp<double>> make_mesh(const Layer&, Index);

}  // namespace pnn::network
