// Sums with what an earlier layer gave (residual connections: He, Zhang, Ren and Sun, CVPR 2016).
#include <algorithm>

#include "pnn/core/short_loops.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

/// out = in + other, where `other` has the shape of the sum, or is larger and gives every S-th line and
/// column of it, in its first channels: the shortcut without parameters (option A) of the same source.
template <class Real>
class Sum : public LayerOp<Real> {
 public:
  Sum(const Layer& layer, const Shape& other) : out_(layer.out), other_(other), stride_(layer.stride) {}

  void set_other(ConstMatrixView<Real> values) override { values_ = values.data(); }
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    for_each_line(
        in.rows(),
        [&](Index at, Index there, Index count, Index step) {
          const Real *x = in.data() + at, *y = values_ + there;
          Real* to = out.data() + at;
          if (step == 1) {
#pragma omp simd
            for (Index i = 0; i < count; ++i) to[i] = x[i] + y[i];
          } else {
            for (Index i = 0; i < count; ++i) to[i] = x[i] + y[i * step];
          }
        },
        [&](Index at, Index count) { std::copy_n(in.data() + at, count, out.data() + at); });
  }
  void backward(ConstMatrixView<Real>, ConstMatrixView<Real>, ConstMatrixView<Real> dy, MatrixView<Real> dx,
                const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() > 0) dx = dy;
  }
  void add_to_other(ConstMatrixView<Real> dy, MatrixView<Real> gradient) override {
    for_each_line(
        dy.rows(),
        [&](Index at, Index there, Index count, Index step) {
          const Real* d = dy.data() + at;
          Real* to = gradient.data() + there;
          if (step == 1) {
#pragma omp simd
            for (Index i = 0; i < count; ++i) to[i] += d[i];
          } else {
            for (Index i = 0; i < count; ++i) to[i * step] += d[i];
          }
        },
        [](Index, Index) {});
  }

 private:
  /// Calls meets(place in the sum, place in the other one, numbers, step in the other one) for parts that
  /// meet, and alone(place, numbers) for the channels that only the sum has.
  template <class Meets, class Alone>
  void for_each_line(Index samples, const Meets& meets, const Alone& alone) const {
    const Index plane = out_.height * out_.width, shared = std::min(out_.channels, other_.channels);
    parallel_for(chunks_of(sample_chunk, samples), pass_ns(samples * out_.size()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, sample_chunk, samples);
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        const Index here = n * out_.size(), there = n * other_.size();
        if (stride_ == 1) {
          meets(here, there, shared * plane, Index(1));
        } else {
          for (Index line = 0; line < shared * out_.height; ++line)
            meets(here + line * out_.width,
                  there + (line / out_.height * other_.height + line % out_.height * stride_) * other_.width,
                  out_.width, stride_);
        }
        if (shared < out_.channels) alone(here + shared * plane, (out_.channels - shared) * plane);
      }
    });
  }

  Shape out_, other_;
  Index stride_;
  const Real* values_ = nullptr;  ///< [n, other_.size()]
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_sum(const Layer& layer, const Shape& other) {
  return std::make_unique<Sum<Real>>(layer, other);
}
template std::unique_ptr<LayerOp<float>> make_sum(const Layer&, const Shape&);
template std::unique_ptr<LayerOp<double>> make_sum(const Layer&, const Shape&);

}  // namespace pnn::network
