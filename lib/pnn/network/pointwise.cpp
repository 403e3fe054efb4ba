// Layers that act on each number alone: activations, and the gain after a bank.
#include <cmath>

#include "pnn/core/elementwise.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

/// An activation with its derivative in terms of input x and output y: of numbers where that is plain
/// arithmetic, else of arrays.
template <class Real, class Function>
class Activation : public LayerOp<Real> {
 public:
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    parallel_for(chunks_of(sample_chunk, in.rows()), pass_ns(in), [&](std::size_t k) {
      const Chunk c = chunk_of(k, sample_chunk, in.rows());
      const Index begin = c.begin * in.cols();
      elementwise(
          c.count * in.cols(), out.data() + begin, [](const auto& x) { return Function::value(x); },
          in.data() + begin);
    });
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    parallel_for(chunks_of(sample_chunk, in.rows()), pass_ns(in), [&](std::size_t k) {
      const Chunk c = chunk_of(k, sample_chunk, in.rows());
      const Index begin = c.begin * in.cols(), count = c.count * in.cols();
      const Real *d = dy.data() + begin, *x = in.data() + begin, *y = out.data() + begin;
      Real* to = dx.data() + begin;
      if constexpr (Function::plain_slope) {
#pragma omp simd
        for (Index i = 0; i < count; ++i) to[i] = d[i] * Function::slope(x[i], y[i]);
      } else {
        elementwise(
            count, to, [](const auto& g, const auto& v, const auto& w) { return g * Function::slope(v, w); },
            d, x, y);
      }
    });
  }
};

template <class Real>
struct Relu {
  static auto value(const auto& x) { return x.max(Real(0)); }
  static constexpr bool plain_slope = true;
  static Real slope(Real, Real y) { return y > 0 ? Real(1) : Real(0); }
};
template <class Real>
struct Sigmoid {
  static auto value(const auto& x) { return Real(1) / (Real(1) + (-x).exp()); }
  static constexpr bool plain_slope = true;
  static Real slope(Real, Real y) { return y * (1 - y); }
};
template <class Real>
struct Tanh {
  static auto value(const auto& x) { return x.tanh(); }
  static constexpr bool plain_slope = true;
  static Real slope(Real, Real y) { return 1 - y * y; }
};
template <class Real>
struct Softplus {  // log(1 + e^x) without overflow
  static auto value(const auto& x) { return x.max(Real(0)) + (Real(1) + (-x.abs()).exp()).log(); }
  static constexpr bool plain_slope = false;
  static auto slope(const auto& x, const auto&) { return Real(1) / (Real(1) + (-x).exp()); }
};
template <class Real>
struct Abs2 {
  static auto value(const auto& x) { return x * x; }
  static constexpr bool plain_slope = true;
  static Real slope(Real x, Real) { return 2 * x; }
};

template <class Real>
class Gain : public LayerOp<Real> {
 public:
  Gain(const Offsets& offsets, Index max_batch)
      : offset_(offsets.first), partial_(chunks_of(sample_chunk, max_batch)) {}

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    out.array() = in.array() * p.digital[std::size_t(offset_)];
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    const std::size_t chunks = chunks_of(sample_chunk, in.rows());
    parallel_for(chunks, pass_ns(in), [&](std::size_t k) {
      const Chunk c = chunk_of(k, sample_chunk, in.rows());
      partial_[k] = sum(rows_of(in, c).cwiseProduct(rows_of(dy, c)));
    });
    Real total = 0;
    for (std::size_t k = 0; k < chunks; ++k) total += partial_[k];
    g.digital[std::size_t(offset_)] = total;
    if (dx.rows() > 0) dx.array() = dy.array() * p.digital[std::size_t(offset_)];
  }

 private:
  Index offset_;
  std::vector<Real> partial_;
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_gain(const Layer&, const Offsets& offsets, Index max_batch) {
  return std::make_unique<Gain<Real>>(offsets, max_batch);
}
template <class Real>
std::unique_ptr<LayerOp<Real>> make_activation(const Layer& layer) {
  switch (layer.kind) {
    case Kind::relu:
      return std::make_unique<Activation<Real, Relu<Real>>>();
    case Kind::sigmoid:
      return std::make_unique<Activation<Real, Sigmoid<Real>>>();
    case Kind::tanh:
      return std::make_unique<Activation<Real, Tanh<Real>>>();
    case Kind::softplus:
      return std::make_unique<Activation<Real, Softplus<Real>>>();
    case Kind::abs2:
      return std::make_unique<Activation<Real, Abs2<Real>>>();
    default:
      throw InternalError("not an activation: " + layer.name);
  }
}
template std::unique_ptr<LayerOp<float>> make_gain(const Layer&, const Offsets&, Index);
template std::unique_ptr<LayerOp<double>> make_gain(const Layer&, const Offsets&, Index);
template std::unique_ptr<LayerOp<float>> make_activation(const Layer&);
template std::unique_ptr<LayerOp<double>> make_activation(const Layer&);

}  // namespace pnn::network
