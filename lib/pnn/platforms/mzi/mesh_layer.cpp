#include "pnn/platforms/mzi/mesh_layer.hpp"

#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platforms::mzi {
namespace {

template <class Real>
class FieldTransmission final : public Transmission<Real> {
 public:
  FieldTransmission(const MeshLayer& layer, Index max_batch)
      : detection_(layer.detection),
        expands_(layer.field_input),
        field_(max_batch, 2 * layer.mesh.out),
        field_gradient_(max_batch, 2 * layer.mesh.out) {
    if (expands_) {
      expanded_.resize(2 * layer.mesh.out, 2 * layer.mesh.in);
      expanded_gradient_.resize(2 * layer.mesh.out, 2 * layer.mesh.in);
    }
  }

  void forward(ConstMatrixView<Real> weights, const DirectWay<Real>* way, ConstMatrixView<Real> in,
               MatrixView<Real> out) override {
    has_field_ = true;
    if (way != nullptr) {
      way->map->propagate(way->at, signals(in), field(in.rows()));
      parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
        const Chunk c = chunk_of(k, product_chunk, in.rows());
        detect(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(out, c));
      });
      return;
    }
    panels_.arrange(strided(matrix(weights).transpose()));
    parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, in.rows());
      propagate(in, c);
      detect(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(out, c));
    });
  }

  void backward(ConstMatrixView<Real> weights, const DirectWay<Real>* way, ConstMatrixView<Real> in,
                ConstMatrixView<Real> out, ConstMatrixView<Real> dy, MatrixView<Real> dx,
                MatrixView<Real> by_weights, bool) override {
    if (way != nullptr) {
      pull_signals(*way, in, dy, dx);
      return;
    }
    const ConstMatrixView<Real> w = matrix(weights);
    if (!has_field_) panels_.arrange(strided(w.transpose()));
    if (dx.rows() > 0) back_panels_.arrange(strided(w));
    // after a pass on a device the field is the model's, at the inputs that the device had
    parallel_for(chunks_of(product_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, in.rows());
      if (!has_field_) {
        propagate(in, c);
        if (fused_) take_moduli(detection_, rows_of(out, c), rows_of(field(in.rows()), c));
      }
      detect_backward(detection_, rows_of(std::as_const(*this).field(in.rows()), c), rows_of(dy, c),
                      rows_of(field_gradient(in.rows()), c));
      if (dx.rows() > 0) multiply(rows_of(field_gradient(in.rows()), c), back_panels_, rows_of(dx, c));
    });
    MatrixView<Real> dw = expands_ ? view(expanded_gradient_) : by_weights;
    parallel_for(chunks_of(column_chunk, dw.cols()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, column_chunk, dw.cols());
      multiply(field_gradient(in.rows()).transpose(), in.middleCols(c.begin, c.count),
               dw.middleCols(c.begin, c.count));
    });
    if (expands_) fold_complex<Real>(view(std::as_const(expanded_gradient_)), by_weights);
  }

  void ran_elsewhere() override { has_field_ = false; }
  void fuse_moduli(bool fused) override { fused_ = fused; }

 private:
  /// The real matrix that acts on the inputs as they come: [2N, N] on real amplitudes, [2N, 2N] on fields.
  ConstMatrixView<Real> matrix(const ConstMatrixView<Real>& stored) {
    if (!expands_) return stored;
    expand_complex<Real>(stored, view(expanded_));
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
  /// The way back through the map; real inputs take the real part of what comes back.
  void pull_signals(const DirectWay<Real>& way, const ConstMatrixView<Real>& in,
                    const ConstMatrixView<Real>& dy, MatrixView<Real>& dx) {
    require(has_field_, "light goes back the way it came");
    const Index rows = in.rows();
    parallel_for(chunks_of(product_chunk, rows), [&](std::size_t k) {
      const Chunk c = chunk_of(k, product_chunk, rows);
      detect_backward(detection_, rows_of(std::as_const(*this).field(rows), c), rows_of(dy, c),
                      rows_of(field_gradient(rows), c));
    });
    const ConstMatrixView<Real> out = std::as_const(*this).field(rows);
    const ConstMatrixView<Real> by_out = std::as_const(*this).field_gradient(rows);
    const ConstMatrixView<Real> from =
        expands_ ? in : ConstMatrixView<Real>(signals_.data(), rows, signals_.cols());
    if (expands_ || dx.rows() == 0) {
      way.map->pull_signals(way.at, from, out, by_out, *way.gradient,
                            dx.rows() == 0 ? MatrixView<Real>(nullptr, 0, from.cols()) : dx);
      return;
    }
    if (signal_gradient_.rows() < rows) signal_gradient_.resize(rows, from.cols());
    MatrixView<Real> by_in(signal_gradient_.data(), rows, from.cols());
    way.map->pull_signals(way.at, from, out, by_out, *way.gradient, by_in);
    dx = by_in.leftCols(in.cols());
  }
  void propagate(const ConstMatrixView<Real>& in, Chunk c) {
    multiply(rows_of(in, c), panels_, rows_of(field(in.rows()), c));
  }
  MatrixView<Real> field(Index rows) { return {field_.data(), rows, field_.cols()}; }
  [[nodiscard]] ConstMatrixView<Real> field(Index rows) const { return {field_.data(), rows, field_.cols()}; }
  MatrixView<Real> field_gradient(Index rows) {
    return {field_gradient_.data(), rows, field_gradient_.cols()};
  }
  [[nodiscard]] ConstMatrixView<Real> field_gradient(Index rows) const {
    return {field_gradient_.data(), rows, field_gradient_.cols()};
  }

  Detection detection_;
  bool expands_, has_field_ = false, fused_ = false;
  Matrix<Real> field_, field_gradient_;        ///< [max_batch, 2N]
  Panels<Real> panels_, back_panels_;          ///< the matrix as the ways there and back read it
  Matrix<Real> expanded_, expanded_gradient_;  ///< [2N, 2N] where fields enter
  Matrix<Real> signals_, signal_gradient_;     ///< [batch, 2N] where real amplitudes go through the map
};

}  // namespace

template <class Real>
std::unique_ptr<Transmission<Real>> make_field_transmission(const MeshLayer& layer, Index max_batch) {
  return std::make_unique<FieldTransmission<Real>>(layer, max_batch);
}
template std::unique_ptr<Transmission<float>> make_field_transmission(const MeshLayer&, Index);
template std::unique_ptr<Transmission<double>> make_field_transmission(const MeshLayer&, Index);

void transmit_field(const MeshLayer& layer, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                    MatrixView<float> outputs) {
  constexpr Index batch_chunk = 128;  // rows of a batch in one chunk of the product
  Matrix<float> expanded;
  if (layer.field_input) {
    expanded.resize(weights.rows(), 2 * weights.cols());
    expand_complex<float>(weights, view(expanded));
  }
  const ConstMatrixView<float> acting = layer.field_input ? view(std::as_const(expanded)) : weights;
  const Panels<float> panels(strided(acting.transpose()));
  parallel_for(chunks_of(batch_chunk, inputs.rows()), [&](std::size_t k) {
    const Chunk chunk = chunk_of(k, batch_chunk, inputs.rows());
    Matrix<float> field(chunk.count, weights.rows());
    multiply(rows_of(inputs, chunk), panels, field);
    detect<float>(layer.detection, view(std::as_const(field)), rows_of(outputs, chunk));
  });
}

void transmit_field_back(const MeshLayer& layer, ConstMatrixView<float> weights,
                         ConstMatrixView<float> inputs, ConstMatrixView<float> by_outputs,
                         MatrixView<float> by_weights) {
  Matrix<float> acting = weights;
  if (layer.field_input) {
    acting.resize(weights.rows(), 2 * weights.cols());
    expand_complex<float>(weights, view(acting));
  }
  Matrix<float> field(inputs.rows(), acting.rows());
  multiply_signals<float>(view(std::as_const(acting)), inputs, view(field));
  Matrix<float> by_field(field.rows(), field.cols());
  detect_backward<float>(layer.detection, view(std::as_const(field)), by_outputs, view(by_field));
  if (!layer.field_input) {
    multiply(by_field.transpose(), inputs, by_weights);
    return;
  }
  Matrix<float> by_acting(acting.rows(), acting.cols());
  multiply(by_field.transpose(), inputs, by_acting);
  fold_complex<float>(view(std::as_const(by_acting)), by_weights);
}

template <class Real>
void expand_complex(ConstMatrixView<Real> stored, MatrixView<Real> expanded) {
  const Index out = stored.rows() / 2, in = stored.cols();
  expanded.topLeftCorner(out, in) = stored.topRows(out);
  expanded.topRightCorner(out, in) = -stored.bottomRows(out);
  expanded.bottomLeftCorner(out, in) = stored.bottomRows(out);
  expanded.bottomRightCorner(out, in) = stored.topRows(out);
}

template <class Real>
void fold_complex(ConstMatrixView<Real> gradient, MatrixView<Real> stored) {
  const Index out = stored.rows() / 2, in = stored.cols();
  stored.topRows(out) = gradient.topLeftCorner(out, in) + gradient.bottomRightCorner(out, in);
  stored.bottomRows(out) = gradient.bottomLeftCorner(out, in) - gradient.topRightCorner(out, in);
}

template void expand_complex(ConstMatrixView<float>, MatrixView<float>);
template void expand_complex(ConstMatrixView<double>, MatrixView<double>);
template void fold_complex(ConstMatrixView<float>, MatrixView<float>);
template void fold_complex(ConstMatrixView<double>, MatrixView<double>);

}  // namespace pnn::platforms::mzi
