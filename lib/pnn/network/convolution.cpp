// Convolutions as matrix products over patches, image by image: Y [out, positions] = W [out, C·K·K] P, with
// P [C·K·K, positions] made of shifted image rows. Positions are the long, contiguous side, which the
// product vectorises over however few channels there are. P is made again in the backward pass: cheaper
// than keeping it (25 times the image).
#include <algorithm>
#include <utility>

#include "pnn/core/blocks.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/reduce.hpp"
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
        height_(layer.in.height + 2 * layer.pad),
        width_(layer.in.width + 2 * layer.pad),
        physical_(layer.physical),
        offsets_(offsets) {
    const std::size_t chunks = chunks_of(image_chunk, max_batch);
    padded_.assign(chunks, Matrix<Real>::Zero(in_.channels * height_, width_));
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
        gather(in.data() + n * in.cols(), padded_[k], patches_[k]);
        MatrixView<Real> y(out.data() + n * out.cols(), rows_, positions_);
        multiply(w, patches_[k], y);
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
        gather(in.data() + n * in.cols(), padded_[k], patches_[k]);
        multiply(dyn, patches_[k].transpose(), dw, Into::add);
        if (offsets_.second >= 0) db += row_sums(dyn);
        if (dx.rows() > 0) {
          multiply(w.transpose(), dyn, patches_[k]);
          scatter(patches_[k], padded_[k], dx.data() + n * dx.cols());
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
    signals_.resize(in.rows() * positions_, cols_);
    products_.resize(in.rows() * positions_, rows_);
    parallel_for(chunks_of(image_chunk, in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      Matrix<float> padded = Matrix<float>::Zero(in_.channels * height_, width_), patches(cols_, positions_);
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        gather(in.data() + n * in.cols(), padded, patches);
        signals_.middleRows(n * positions_, positions_) = patches.transpose();
      }
    });
    runner.run(std::size_t(physical_), view(std::as_const(signals_)), view(products_));
    for (Index n = 0; n < in.rows(); ++n) {
      MatrixView<float>(out.data() + n * out.cols(), rows_, positions_) =
          products_.middleRows(n * positions_, positions_).transpose();
    }
  }

 private:
  ConstMatrixView<Real> weights(const Parameters<Real>& p) const {
    return physical_ >= 0 ? view(p.weights[std::size_t(physical_)])
                          : ConstMatrixView<Real>(p.digital.data() + offsets_.first, rows_, cols_);
  }

  /// The image with a border of zeros: the image itself where there is none. The border of `padded` stays
  /// zero.
  template <class T>
  const T* with_border(const T* image, Matrix<T>& padded) const {
    if (pad_ == 0) return image;
    for (Index row = 0; row < in_.channels * in_.height; ++row) {
      copy_row(image + row * in_.width, in_.width, padded.data() + border_offset(row));
    }
    return padded.data();
  }
  /// Where row `row` (over channels and lines) of the image starts inside the bordered one.
  [[nodiscard]] Index border_offset(Index row) const {
    return ((row / in_.height) * height_ + row % in_.height + pad_) * width_ + pad_;
  }

  /// Calls body(patch row, offset of its first tap in the bordered image) for every tap.
  template <class Body>
  void for_each_tap(const Body& body) const {
    Index row = 0;
    for (Index c = 0; c < in_.channels; ++c) {
      for (Index ky = 0; ky < kernel_; ++ky) {
        for (Index kx = 0; kx < kernel_; ++kx, ++row) body(row, (c * height_ + ky) * width_ + kx);
      }
    }
  }

  template <class T>
  void gather(const T* image, Matrix<T>& padded, Matrix<T>& patches) const {
    const T* from = with_border(image, padded);
    for_each_tap([&](Index row, Index tap) {
      T* to = patches.data() + row * positions_;
      for (Index y = 0; y < out_.height; ++y, to += out_.width) {
        const T* line = from + tap + y * stride_ * width_;
        if (stride_ == 1) {
          copy_row(line, out_.width, to);
        } else {
          for (Index x = 0; x < out_.width; ++x) to[x] = line[x * stride_];
        }
      }
    });
  }

  /// The transpose of gather: adds every tap back where it came from.
  void scatter(const Matrix<Real>& patches, Matrix<Real>& padded, Real* image) const {
    Real* to = pad_ == 0 ? image : padded.data();
    std::fill(to, to + in_.channels * height_ * width_, Real(0));
    for_each_tap([&](Index row, Index tap) {
      const Real* from = patches.data() + row * positions_;
      for (Index y = 0; y < out_.height; ++y, from += out_.width) {
        Real* line = to + tap + y * stride_ * width_;
        if (stride_ == 1) {
          add_row(from, out_.width, line);
        } else {
          for (Index x = 0; x < out_.width; ++x) line[x * stride_] += from[x];
        }
      }
    });
    if (pad_ == 0) return;
    for (Index row = 0; row < in_.channels * in_.height; ++row) {
      copy_row(to + border_offset(row), in_.width, image + row * in_.width);
    }
    padded.setZero();
  }

  Shape in_, out_;
  Index kernel_, pad_, stride_, rows_, cols_, positions_;
  Index height_, width_;  ///< of the image with its border
  int physical_;
  Offsets offsets_;
  std::vector<Matrix<Real>> padded_;   ///< a chunk: one image with its border
  std::vector<Matrix<Real>> patches_;  ///< a chunk
  Matrix<float> signals_, products_;   ///< on a device: a row a patch
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
