// A mesh of interferometers and its detectors: field = W x of complex amplitudes, then what is detected of
// it.
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/product.hpp"
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
    has_field_ = true;
    if (SignalRoute<Real>* route = p.route(physical_)) {
      route->forward(signals(in), field(in.rows()));
      parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
        const Chunk c = chunk_of(k, product_chunk, in.rows());
        platform::detect(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(out, c));
      });
      return;
    }
    const ConstMatrixView<Real> w = matrix(p);
    parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, in.rows());
      propagate(in, w, c);
      platform::detect(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(out, c));
    });
  }

  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    if (SignalRoute<Real>* route = p.route(physical_)) {
      pull_signals(*route, in, dy, dx);
      return;
    }
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
        multiply_rows<Real>(rows_of(std::as_const(*this).field_gradient(in.rows()), c), w, rows_of(dx, c));
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
  /// Complex signals of the inputs: themselves, or with imaginary parts of zero.
  ConstMatrixView<Real> signals(const ConstMatrixView<Real>& in) {
    if (expands_) return in;
    if (signals_.rows() < in.rows()) signals_.setZero(in.rows(), 2 * in.cols());
    MatrixView<Real> to(signals_.data(), in.rows(), signals_.cols());
    to.leftCols(in.cols()) = in;
    return {signals_.data(), in.rows(), signals_.cols()};
  }
  /// The way back of a route; real inputs take the real part of what comes back.
  void pull_signals(SignalRoute<Real>& route, const ConstMatrixView<Real>& in,
                    const ConstMatrixView<Real>& dy, MatrixView<Real>& dx) {
    require(has_field_, "a route goes back the way it came");
    const Index rows = in.rows();
    parallel_for(chunks_of(product_chunk, rows), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, rows);
      platform::detect_backward(detection_, rows_of(std::as_const(*this).field(rows), c), rows_of(dy, c),
                                rows_of(field_gradient(rows), c));
    });
    const ConstMatrixView<Real> out = std::as_const(*this).field(rows);
    const ConstMatrixView<Real> by_out = std::as_const(*this).field_gradient(rows);
    const ConstMatrixView<Real> from =
        expands_ ? in : ConstMatrixView<Real>(signals_.data(), rows, signals_.cols());
    if (expands_ || dx.rows() == 0) {
      route.backward(from, out, by_out, dx.rows() == 0 ? MatrixView<Real>(nullptr, 0, from.cols()) : dx);
      return;
    }
    if (signal_gradient_.rows() < rows) signal_gradient_.resize(rows, from.cols());
    MatrixView<Real> by_in(signal_gradient_.data(), rows, from.cols());
    route.backward(from, out, by_out, by_in);
    dx = by_in.leftCols(in.cols());
  }
  void propagate(const ConstMatrixView<Real>& in, const ConstMatrixView<Real>& w, Chunk c) {
    multiply_rows<Real>(rows_of(in, c), w.transpose(), rows_of(field(in.rows()), c));
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
  Matrix<Real> signals_, signal_gradient_;     ///< [batch, 2N] of a route where amplitudes enter
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_mesh(const Layer& layer, Index max_batch) {
  return std::make_unique<Mesh<Real>>(layer, max_batch);
}
template std::unique_ptr<LayerOp<float>> make_mesh(const Layer&, Index);
template std::unique_ptr<LayerOp<double>> make_mesh(const Layer&, Index);

}  // namespace pnn::network
