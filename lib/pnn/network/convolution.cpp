// Convolutions as matrix products over patches, image by image: Y [out, positions] = W [out, C·K·K] P, with
// P [C·K·K, positions] made of shifted image rows. Positions are the long, contiguous side, which the
// product vectorises over however few channels there are. P is made again in the backward pass: cheaper
// than keeping it (25 times the image).
#include <cstring>
#include <utility>

#include "pnn/core/threads.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

constexpr Index image_chunk = 8;  ///< images of one chunk; their weight gradients are added in order

template <class Real>
class Convolution : public LayerOp<Real> {
 public:
  Convolution(const Layer& layer, const Offsets& offsets, Index max_batch)
      : in_(layer.in),
        out_(layer.out),
        kernel_(layer.kernel),
        pad_(layer.pad),
        stride_(layer.stride),
        rows_(layer.matrix_rows),
        cols_(layer.matrix_cols),
        positions_(layer.out.height * layer.out.width),
        physical_(layer.physical),
        offsets_(offsets) {
    const std::size_t chunks = chunks_of(image_chunk, max_batch);
    patches_.resize(chunks);
    partial_.resize(chunks);
    for (std::size_t k = 0; k < chunks; ++k) {
      patches_[k].resize(cols_, positions_);
      partial_[k].resize(rows_, cols_ + 1);
    }
  }

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    const ConstMatrixView<Real> w = weights(p);
    parallel_for(chunks_of(image_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        gather(in.data() + n * in.cols(), patches_[k]);
        MatrixView<Real> y(out.data() + n * out.cols(), rows_, positions_);
        y.noalias() = w * patches_[k];
        if (offsets_.second >= 0)
          y.colwise() += ConstVectorView<Real>(p.digital.data() + offsets_.second, rows_);
      }
    });
  }

  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    const ConstMatrixView<Real> w = weights(p);
    const std::size_t chunks = chunks_of(image_chunk, in.rows());
    parallel_for(chunks, [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      auto dw = partial_[k].leftCols(cols_);
      auto db = partial_[k].col(cols_);
      partial_[k].setZero();
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        const ConstMatrixView<Real> dyn(dy.data() + n * dy.cols(), rows_, positions_);
        gather(in.data() + n * in.cols(), patches_[k]);
        dw.noalias() += dyn * patches_[k].transpose();
        if (offsets_.second >= 0) db += dyn.rowwise().sum();
        if (dx.rows() > 0) {
          patches_[k].noalias() = w.transpose() * dyn;
          scatter(patches_[k], dx.data() + n * dx.cols());
        }
      }
    });
    MatrixView<Real> dw = physical_ >= 0 ? view(g.weights[std::size_t(physical_)])
                                         : MatrixView<Real>(g.digital.data() + offsets_.first, rows_, cols_);
    dw = partial_[0].leftCols(cols_);
    for (std::size_t k = 1; k < chunks; ++k) dw += partial_[k].leftCols(cols_);
    if (offsets_.second >= 0) {
      VectorView<Real> db(g.digital.data() + offsets_.second, rows_);
      db = partial_[0].col(cols_);
      for (std::size_t k = 1; k < chunks; ++k) db += partial_[k].col(cols_);
    }
  }

  void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out) override {
    // Every patch becomes one signal: rows (image, position), as a time-multiplexed bank meets them.
    Matrix<float> signals(in.rows() * positions_, cols_), products(in.rows() * positions_, rows_);
    parallel_for(chunks_of(image_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      Matrix<float> patches(cols_, positions_);
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        gather(in.data() + n * in.cols(), patches);
        signals.middleRows(n * positions_, positions_) = patches.transpose();
      }
    });
    runner.run(std::size_t(physical_), view(std::as_const(signals)), view(products));
    for (Index n = 0; n < in.rows(); ++n) {
      MatrixView<float>(out.data() + n * out.cols(), rows_, positions_) =
          products.middleRows(n * positions_, positions_).transpose();
    }
  }

 private:
  ConstMatrixView<Real> weights(const Parameters<Real>& p) const {
    return physical_ >= 0 ? view(p.weights[std::size_t(physical_)])
                          : ConstMatrixView<Real>(p.digital.data() + offsets_.first, rows_, cols_);
  }

  /// Columns x of an output row whose tap at kernel column kx falls inside the image: [first, last).
  std::pair<Index, Index> inside(Index k, Index extent, Index outputs) const {
    const Index first = std::max<Index>(0, (pad_ - k + stride_ - 1) / stride_);
    const Index last = std::min(outputs, (extent - 1 + pad_ - k) / stride_ + 1);
    return {std::min(first, outputs), std::max(last, std::min(first, outputs))};
  }

  template <class T>
  void gather(const T* image, Matrix<T>& patches) const {
    Index row = 0;
    for (Index c = 0; c < in_.channels; ++c) {
      for (Index ky = 0; ky < kernel_; ++ky) {
        const auto [y0, y1] = inside(ky, in_.height, out_.height);
        for (Index kx = 0; kx < kernel_; ++kx, ++row) {
          const auto [x0, x1] = inside(kx, in_.width, out_.width);
          T* to = patches.data() + row * positions_;
          if (y0 > 0 || y1 < out_.height || x0 > 0 || x1 < out_.width) std::fill(to, to + positions_, T(0));
          for (Index y = y0; y < y1; ++y) {
            const T* from = image + (c * in_.height + y * stride_ + ky - pad_) * in_.width + kx - pad_;
            T* line = to + y * out_.width;
            if (stride_ == 1) {
              std::memcpy(line + x0, from + x0, std::size_t(x1 - x0) * sizeof(T));
            } else {
              for (Index x = x0; x < x1; ++x) line[x] = from[x * stride_];
            }
          }
        }
      }
    }
  }

  void scatter(const Matrix<Real>& patches, Real* image) const {
    std::fill(image, image + in_.size(), Real(0));
    Index row = 0;
    for (Index c = 0; c < in_.channels; ++c) {
      for (Index ky = 0; ky < kernel_; ++ky) {
        const auto [y0, y1] = inside(ky, in_.height, out_.height);
        for (Index kx = 0; kx < kernel_; ++kx, ++row) {
          const auto [x0, x1] = inside(kx, in_.width, out_.width);
          const Real* from = patches.data() + row * positions_;
          for (Index y = y0; y < y1; ++y) {
            Real* to = image + (c * in_.height + y * stride_ + ky - pad_) * in_.width + kx - pad_;
            const Real* line = from + y * out_.width;
            if (stride_ == 1) {
              for (Index x = x0; x < x1; ++x) to[x] += line[x];
            } else {
              for (Index x = x0; x < x1; ++x) to[x * stride_] += line[x];
            }
          }
        }
      }
    }
  }

  Shape in_, out_;
  Index kernel_, pad_, stride_, rows_, cols_, positions_;
  int physical_;
  Offsets offsets_;
  std::vector<Matrix<Real>> patches_;  ///< a chunk
  std::vector<Matrix<Real>> partial_;  ///< weight and bias gradient of a chunk
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_convolution(const Layer& layer, const Offsets& offsets, Index max_batch) {
  return std::make_unique<Convolution<Real>>(layer, offsets, max_batch);
}
template std::unique_ptr<LayerOp<float>> make_convolution(const Layer&, const Offsets&, Index);
template std::unique_ptr<LayerOp<double>> make_convolution(const Layer&, const Offsets&, Index);

}  // namespace pnn::network
