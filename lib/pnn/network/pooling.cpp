// Pooling: the largest number, or the mean, of each window of a picture. Windows do not overlap; what does
// not fill a window at the right and bottom edge is left out.
#include <algorithm>

#include "pnn/core/blocks.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

template <class Body>
void for_each_image(Index images, Index pixels, const Body& body) {
  parallel_for(chunks_of(sample_chunk, images), pass_ns(images * pixels), [&](std::size_t k) {
    const Chunk c = chunk_of(k, sample_chunk, images);
    for (Index n = c.begin; n < c.begin + c.count; ++n) body(n);
  });
}

/// Of equal values the first, in row order, gets the gradient.
template <class Real>
class Maxpool : public LayerOp<Real> {
 public:
  Maxpool(const Layer& layer, Index max_batch)
      : in_(layer.in), out_(layer.out), pool_(layer.pool), best_(std::size_t(max_batch * layer.out.size())) {}

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    for_each_image(in.rows(), in_.size(), [&](Index n) {
      const Real* x = in.data() + n * in_.size();
      Real* y = out.data() + n * out_.size();
      std::int32_t* best = best_.data() + n * out_.size();
      // a window size known to the compiler makes strided loads into shuffles
      if (pool_ == 2) {
        pool<2>(x, y, best, 2);
      } else {
        pool<0>(x, y, best, pool_);
      }
    });
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    for_each_image(in.rows(), in_.size(), [&](Index n) {
      Real* to = dx.data() + n * in_.size();
      std::fill(to, to + in_.size(), Real(0));
      const Real* from = dy.data() + n * out_.size();
      const std::int32_t* best = best_.data() + n * out_.size();
      for (Index k = 0; k < out_.size(); ++k) to[best[k]] = from[k];
    });
  }

 private:
  /// One image; windows of `Size`, or of `size` where that is 0.
  template <Index Size>
  void pool(const Real* x, Real* y, std::int32_t* best, Index size) const {
    const auto step = std::int32_t(Size > 0 ? Size : size), width = std::int32_t(in_.width);
    for (Index row = 0; row < out_.channels * out_.height; ++row, y += out_.width, best += out_.width) {
      const auto first =
          std::int32_t(((row / out_.height) * in_.height + (row % out_.height) * step) * width);
      over_blocks(out_.width, [&](auto block, Index begin) {
#pragma omp simd
        for (std::int32_t c = 0; c < std::int32_t(block); ++c) {
          const std::int32_t corner = first + (std::int32_t(begin) + c) * step;
          std::int32_t place = corner;
          Real largest = x[corner];
          for (std::int32_t dy = 0; dy < step; ++dy) {
            for (std::int32_t dx = 0; dx < step; ++dx) {
              const std::int32_t at = corner + dy * width + dx;
              const bool better = x[at] > largest;
              largest = better ? x[at] : largest;
              place = better ? at : place;
            }
          }
          y[begin + c] = largest;
          best[begin + c] = place;
        }
      });
    }
  }
  Shape in_, out_;
  Index pool_;
  std::vector<std::int32_t> best_;  ///< where each output came from, within its image
};

/// The mean of each window, or of the whole picture where the size is 0.
template <class Real>
class Avgpool : public LayerOp<Real> {
 public:
  explicit Avgpool(const Layer& layer)
      : in_(layer.in),
        out_(layer.out),
        rows_(layer.pool > 0 ? layer.pool : layer.in.height),
        cols_(layer.pool > 0 ? layer.pool : layer.in.width),
        share_(Real(1) / Real(rows_ * cols_)) {}

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    for_each_image(in.rows(), in_.size(), [&](Index n) {
      const Real* image = in.data() + n * in_.size();
      Real* y = out.data() + n * out_.size();
      for_each_window([&](Index corner) {
        Real sum = 0;
        for (Index row = 0; row < rows_; ++row)
          for (Index col = 0; col < cols_; ++col) sum += image[corner + row * in_.width + col];
        *y++ = sum * share_;
      });
    });
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    for_each_image(in.rows(), in_.size(), [&](Index n) {
      Real* image = dx.data() + n * in_.size();
      std::fill_n(image, in_.size(), Real(0));
      const Real* d = dy.data() + n * out_.size();
      for_each_window([&](Index corner) {
        const Real value = *d++ * share_;
        for (Index row = 0; row < rows_; ++row) std::fill_n(image + corner + row * in_.width, cols_, value);
      });
    });
  }

 private:
  /// Calls body(place of the window's first pixel in its image) in the order of the outputs.
  template <class Body>
  void for_each_window(const Body& body) const {
    for (Index c = 0; c < out_.channels; ++c)
      for (Index row = 0; row < out_.height; ++row)
        for (Index col = 0; col < out_.width; ++col)
          body((c * in_.height + row * rows_) * in_.width + col * cols_);
  }

  Shape in_, out_;
  Index rows_, cols_;  ///< of a window
  Real share_;
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_maxpool(const Layer& layer, Index max_batch) {
  return std::make_unique<Maxpool<Real>>(layer, max_batch);
}
template <class Real>
std::unique_ptr<LayerOp<Real>> make_avgpool(const Layer& layer) {
  return std::make_unique<Avgpool<Real>>(layer);
}
template std::unique_ptr<LayerOp<float>> make_maxpool(const Layer&, Index);
template std::unique_ptr<LayerOp<double>> make_maxpool(const Layer&, Index);
template std::unique_ptr<LayerOp<float>> make_avgpool(const Layer&);
template std::unique_ptr<LayerOp<double>> make_avgpool(const Layer&);

}  // namespace pnn::network
