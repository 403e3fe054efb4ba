// Convolutions as products with patches, image by image: Y [out, positions] = W [out, C·K·K] P, with P
// [C·K·K, positions] made of shifted image rows. Positions are the long, contiguous side, which products
// vectorise over however few channels there are. P itself is made only of strided convolutions, of small
// images with many channels, its transpose of what a device multiplies, and of gradients on their way back
// (25 times the image): otherwise taps.hpp reads it in the image.
#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "pnn/core/blocks.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/core/transpose.hpp"
#include "pnn/network/layer_op.hpp"
#include "pnn/network/taps.hpp"

namespace pnn::network {
namespace {

constexpr Index image_chunk = 8;  ///< images of one chunk; their weight gradients are added in order

/// A matrix with room before and behind it, which kernels may read and write in whole vectors.
template <class Real>
struct Roomy {
  Index rows, cols, room;
  std::vector<Real> memory;
  Roomy(Index r, Index c, Index around)
      : rows(r), cols(c), room(around), memory(std::size_t(r * c + 2 * around), Real(0)) {}
  Real* data() { return memory.data() + room; }
  MatrixView<Real> view() { return {data(), rows, cols}; }
};

template <class Real>
class Convolution : public LayerOp<Real> {
 public:
  /// `first_in` and `first_out`: where the numbers of this layer begin among those of each sample.
  Convolution(const Layer& layer, const Offsets& offsets, Index max_batch, Index first_in = 0,
              Index first_out = 0)
      : in_first_(first_in),
        out_first_(first_out),
        in_(layer.in),
        out_(layer.out),
        kernel_(layer.kernel),
        pad_(layer.pad),
        stride_(layer.stride),
        rows_(layer.matrix_rows),
        cols_(layer.matrix_cols),
        positions_(layer.out.height * layer.out.width),
        height_(layer.in.height + 2 * layer.pad),
        width_(layer.in.width + 2 * layer.pad),
        copies_(stride_ > 1 || copies_pay()),
        physical_(layer.physical),
        offsets_(offsets),
        room_(width_ + kernel_ + 2 * lane_block),
        step_((rows_ + lane_block - 1) / lane_block * lane_block),
        inside_(std::size_t(2 * room_ + width_), Real(0)) {
    const std::size_t chunks = chunks_of(image_chunk, max_batch);
    padded_.assign(chunks, Roomy<Real>(in_.channels * height_, width_, room_));
    patches_.assign(chunks, Roomy<Real>(cols_, positions_, room_));
    signals_by_row_.assign(chunks, Matrix<Real>::Zero(step_, positions_));
    signals_by_position_.resize(chunks, Matrix<Real>(positions_, step_));
    partial_.assign(chunks, Matrix<Real>(cols_, step_));
    partial_bias_.assign(chunks, Vector<Real>(rows_));
    std::fill_n(inside_.begin() + room_, out_.width, Real(1));
    for_each_tap([&](Index, Index tap) { taps_.push_back(tap); });
    for (Index y = 0; y < out_.height; ++y)
      for (Index x = 0; x < out_.width; ++x) places_.push_back((y * width_ + x) * stride_);
  }

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics) override {
    const ConstMatrixView<Real> w = weights(p);
    parallel_for(chunks_of(image_chunk, in.rows()), work_ns(in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        MatrixView<Real> y(out.data() + n * out.cols() + out_first_, rows_, positions_);
        if (copies_) {
          gather(in.data() + n * in.cols() + in_first_, padded_[k], patches_[k]);
          multiply(w, patches_[k].view(), y);
        } else {
          weigh(w.data(), with_border(in.data() + n * in.cols() + in_first_, padded_[k]), y.data());
        }
        if (offsets_.second >= 0)
          y.colwise() += ConstVectorView<Real>(p.digital.data() + offsets_.second, rows_);
      }
    });
  }

  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    const ConstMatrixView<Real> w = weights(p);
    const std::size_t chunks = chunks_of(image_chunk, in.rows());
    parallel_for(chunks, 2 * work_ns(in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      partial_[k].setZero();
      partial_bias_[k].setZero();
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        const ConstMatrixView<Real> dyn(dy.data() + n * dy.cols() + out_first_, rows_, positions_);
        correlate(with_border(in.data() + n * in.cols() + in_first_, padded_[k]), dyn, k);
        if (offsets_.second >= 0) partial_bias_[k] += row_sums(dyn);
        if (dx.rows() > 0) {
          multiply(w.transpose(), dyn, patches_[k].view());
          scatter(patches_[k], dx.data() + n * dx.cols() + in_first_);
        }
      }
    });
    for (std::size_t k = 1; k < chunks; ++k) partial_[0] += partial_[k];
    MatrixView<Real> dw = physical_ >= 0 ? view(g.weights[std::size_t(physical_)])
                                         : MatrixView<Real>(g.digital.data() + offsets_.first, rows_, cols_);
    dw = partial_[0].leftCols(rows_).transpose();
    if (offsets_.second >= 0) {
      for (std::size_t k = 1; k < chunks; ++k) partial_bias_[0] += partial_bias_[k];
      VectorView<Real>(g.digital.data() + offsets_.second, rows_) = partial_bias_[0];
    }
  }

  void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out) override {
    // Every patch becomes one signal: rows (image, position), as a time-multiplexed bank meets them.
    signals_.resize(in.rows() * positions_, cols_);
    products_.resize(in.rows() * positions_, rows_);
    parallel_for(chunks_of(image_chunk, in.rows()), work_ns(in.rows()), [&](std::size_t k) {
      const Chunk c = chunk_of(k, image_chunk, in.rows());
      Roomy<float> padded(in_.channels * height_, width_, room_);
      for (Index n = c.begin; n < c.begin + c.count; ++n)
        rows_of_patches(with_border(in.data() + n * in.cols() + in_first_, padded),
                        signals_.data() + n * positions_ * cols_);
    });
    runner.run(std::size_t(physical_), view(std::as_const(signals_)), view(products_));
    for (Index n = 0; n < in.rows(); ++n)
      transpose(products_.data() + n * positions_ * rows_, rows_, positions_, rows_,
                out.data() + n * out.cols() + out_first_, positions_);
  }

 private:
  /// About what the products of so many images take.
  [[nodiscard]] double work_ns(Index images) const {
    return 2 * product_ns(images * positions_, rows_, cols_);
  }
  /// Whether what lines of positions leave empty in vectors costs more than copies of all patches, each of
  /// whose numbers takes about as long as 16 lanes of the products. The sums are the same.
  [[nodiscard]] bool copies_pay() const {
    const auto lanes = [](Index count) { return (count + lane_block - 1) / lane_block * lane_block; };
    return rows_ * (out_.height * lanes(out_.width) - lanes(positions_)) > 16 * positions_;
  }
  ConstMatrixView<Real> weights(const Parameters<Real>& p) const {
    return physical_ >= 0 ? view(p.weights[std::size_t(physical_)])
                          : ConstMatrixView<Real>(p.digital.data() + offsets_.first, rows_, cols_);
  }

  /// out [rows, positions] = W P, a line of positions at a time.
  void weigh(const Real* weights, const Real* image, Real* out) const {
    constexpr Index size = Pack<Real>::size;
    for (Index y = 0; y < out_.height; ++y) {
      for (Index x = 0; x < out_.width; x += 2 * size) {
        const Index at = y * out_.width + x, count = out_.width - x, room = positions_ - at;
        if (count > size) {
          weigh_taps<2>(weights, rows_, taps_, image + y * width_ + x, count, out + at, positions_, room);
        } else {
          weigh_taps<1>(weights, rows_, taps_, image + y * width_ + x, count, out + at, positions_, room);
        }
      }
    }
  }

  /// partial [C·K·K, out] += P Dᵀ, for the gradient D [out, positions] of one image.
  void correlate(const Real* image, ConstMatrixView<Real> by_row, std::size_t chunk) {
    signals_by_row_[chunk].topRows(rows_) = by_row;  // the other rows stay 0
    transpose(signals_by_row_[chunk].data(), positions_, step_, positions_,
              signals_by_position_[chunk].data(), step_);
    for (Index lane = 0; lane < rows_; lane += Pack<Real>::size)
      correlate_taps<Real>(image, taps_, places_, signals_by_position_[chunk].data() + lane, step_,
                           partial_[chunk].data() + lane);
  }

  /// The image with a border of zeros, which stay.
  template <class T>
  const T* with_border(const T* image, Roomy<T>& padded) const {
    if (pad_ == 0) {
      std::copy_n(image, in_.size(), padded.data());
      return padded.data();
    }
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
  void gather(const T* image, Roomy<T>& padded, Roomy<T>& patches) const {
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

  /// The patches of a bordered image, one after the other.
  void rows_of_patches(const float* image, float* to) const {
    const auto of_lines = [&](auto kernel) {  // a constant for common kernels, whose lines are copied at once
      for (const Index place : places_)
        for (Index c = 0; c < in_.channels; ++c)
          for (Index ky = 0; ky < kernel; ++ky, to += kernel)
            std::memcpy(to, image + place + (c * height_ + ky) * width_, sizeof(float) * std::size_t(kernel));
    };
    switch (kernel_) {
      case 1:
        return of_lines(std::integral_constant<Index, 1>());
      case 3:
        return of_lines(std::integral_constant<Index, 3>());
      case 5:
        return of_lines(std::integral_constant<Index, 5>());
      default:
        return of_lines(kernel_);
    }
  }

  /// The transpose of gather: adds every tap back where it came from, at each pixel in the order of the taps.
  void scatter(Roomy<Real>& patches, Real* image) const {
    if (stride_ > 1) return scatter_strided(patches.data(), image);
    constexpr Index size = Pack<Real>::size;
    for (Index row = 0; row < in_.channels * in_.height; ++row) {
      Index x = 0;
      for (; x + 3 * size < in_.width; x += 4 * size) scatter_packs<4>(patches.data(), row, x, image);
      for (; x + size < in_.width; x += 2 * size) scatter_packs<2>(patches.data(), row, x, image);
      if (x < in_.width) scatter_packs<1>(patches.data(), row, x, image);
    }
  }
  /// Pixels [x, x + Packs packs) of a line: several packs beside each other, since a sum waits for itself.
  template <Index Packs>
  void scatter_packs(const Real* patches, Index row, Index x, Real* image) const {
    using P = Pack<Real>;
    const Index c = row / in_.height, y = row % in_.height + pad_;  // among bordered lines
    const Index first = std::max<Index>(0, y - out_.height + 1), last = std::min(y, kernel_ - 1);
    P sums[Packs];
#pragma GCC unroll 4
    for (Index p = 0; p < Packs; ++p) sums[p] = P(typename P::Lanes{});
    for (Index ky = first; ky <= last; ++ky) {
      const Real* from = patches + (c * kernel_ + ky) * kernel_ * positions_ + (y - ky) * out_.width;
      for (Index kx = 0; kx < kernel_; ++kx, from += positions_) {
        const Index at = x + pad_ - kx;  // 1 for what is inside the line, else 0
        const Real* inside = inside_.data() + room_ + at;
#pragma GCC unroll 4
        for (Index p = 0; p < Packs; ++p)
          sums[p] = add_product(sums[p], P::load(inside + p * P::size), P::load(from + at + p * P::size));
      }
    }
    Real* to = image + row * in_.width + x;
#pragma GCC unroll 4
    for (Index p = 0; p < Packs; ++p, to += P::size) {
      const Index count = in_.width - x - p * P::size;
      count >= P::size ? sums[p].store(to) : sums[p].store_part(to, count);
    }
  }
  void scatter_strided(const Real* patches, Real* image) const {
    std::fill(image, image + in_.size(), Real(0));
    for_each_tap([&](Index row, Index tap) {
      const Real* from = patches + row * positions_;
      const Index c = tap / (height_ * width_), ky = tap / width_ % height_, kx = tap % width_;
      for (Index y = 0; y < out_.height; ++y, from += out_.width) {
        const Index line = y * stride_ + ky - pad_;
        if (line < 0 || line >= in_.height) continue;
        for (Index x = 0; x < out_.width; ++x) {
          const Index at = x * stride_ + kx - pad_;
          if (at >= 0 && at < in_.width) image[(c * in_.height + line) * in_.width + at] += from[x];
        }
      }
    });
  }

  Index in_first_, out_first_;
  Shape in_, out_;
  Index kernel_, pad_, stride_, rows_, cols_, positions_;
  Index height_, width_;  ///< of the image with its border
  bool copies_;           ///< patches are copied on the way forward
  int physical_;
  Offsets offsets_;
  Index room_;                        ///< around images and patches
  Index step_;                        ///< output channels and what fills the last pack
  std::vector<Real> inside_;          ///< 1 for positions of a line, 0 for room_ before and more behind them
  std::vector<Roomy<Real>> padded_;   ///< a chunk: one image with its border
  std::vector<Roomy<Real>> patches_;  ///< a chunk
  Matrix<float> signals_, products_;  ///< on a device: a row a patch
  std::vector<Index> taps_, places_;  ///< offsets in the bordered image: of taps, and of positions
  std::vector<Matrix<Real>> signals_by_row_, signals_by_position_;  ///< a chunk: gradients [step_, positions]
  std::vector<Matrix<Real>> partial_;       ///< of a chunk: weight gradient [C·K·K, step_]
  std::vector<Vector<Real>> partial_bias_;  ///< of a chunk
};

/// A convolution whose channels are cut into groups: one convolution for each, beside one another.
template <class Real>
class GroupedConvolution : public LayerOp<Real> {
 public:
  GroupedConvolution(const Layer& layer, const Offsets& offsets, Index max_batch) {
    const Index groups = layer.groups();
    Layer part = layer;
    part.in.channels /= groups;
    part.out.channels /= groups;
    part.matrix_rows /= groups;
    for (Index g = 0; g < groups; ++g) {
      Offsets own = offsets;
      own.first += g * part.matrix_rows * part.matrix_cols;
      own.second += g * part.matrix_rows;
      parts_.push_back(
          std::make_unique<Convolution<Real>>(part, own, max_batch, g * part.in.size(), g * part.out.size()));
    }
  }
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics statistics) override {
    for (const auto& part : parts_) part->forward(in, out, p, statistics);
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    for (const auto& part : parts_) part->backward(in, out, dy, dx, p, g);
  }

 private:
  std::vector<std::unique_ptr<Convolution<Real>>> parts_;
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_convolution(const Layer& layer, const Offsets& offsets, Index max_batch) {
  if (layer.groups() > 1) return std::make_unique<GroupedConvolution<Real>>(layer, offsets, max_batch);
  return std::make_unique<Convolution<Real>>(layer, offsets, max_batch);
}
template std::unique_ptr<LayerOp<float>> make_convolution(const Layer&, const Offsets&, Index);
template std::unique_ptr<LayerOp<double>> make_convolution(const Layer&, const Offsets&, Index);

}  // namespace pnn::network
