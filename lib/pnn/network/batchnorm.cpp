// Batch normalisation over channels (images) or features (vectors): y = scale·(x − μ)/sqrt(v + 1e-5) + shift.
// Ioffe and Szegedy, ICML 2015. The variance that normalises is the biased one, the running one unbiased. A
// ReLU that follows is part of the same passes over memory, which take longer than the arithmetic: y is then
// not below 0, and where it would be, no gradient goes back.
#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/reduce.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/core/two_sums.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

constexpr double epsilon = batchnorm_epsilon;

template <class Real>
class Batchnorm : public LayerOp<Real> {
 public:
  Batchnorm(const Layer& layer, const Offsets& offsets, Index max_batch, bool rectified)
      : channels_(layer.in.channels),
        positions_(layer.in.height * layer.in.width),
        offsets_(offsets),
        floor_(rectified ? Real(0) : -std::numeric_limits<Real>::infinity()),
        mean_(channels_),
        inverse_(channels_) {
    const Index chunks = Index(chunks_of(sample_chunk, max_batch));
    partial_a_.resize(chunks, channels_);
    partial_b_.resize(chunks, channels_);
  }

  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& p,
               Statistics statistics) override {
    constant_ = statistics == Statistics::running || statistics == Statistics::kept;
    if (statistics == Statistics::running) {
      for (Index c = 0; c < channels_; ++c) {
        mean_[c] = p.state[std::size_t(offsets_.mean + c)];
        inverse_[c] = Real(1 / std::sqrt(double(p.state[std::size_t(offsets_.variance + c)]) + epsilon));
      }
    } else if (statistics != Statistics::kept) {
      measure(in, p.state,
              statistics == Statistics::batch_and_update    ? batchnorm_momentum
              : statistics == Statistics::batch_and_replace ? 1.0
                                                            : 0.0);
    }
    parallel_for(chunks_of(sample_chunk, in.rows()), 2 * pass_ns(in), [&](std::size_t k) {
      const Chunk chunk = chunk_of(k, sample_chunk, in.rows());
      for (Index n = chunk.begin; n < chunk.begin + chunk.count; ++n) {
        const Real* x = in.data() + n * in.cols();
        Real* y = out.data() + n * in.cols();
        const auto floored = [](const Channel& own, Real value) {
          const Real normalised = own.normalised(value);
          return normalised < own.floor ? own.floor : normalised;
        };
        if (positions_ == 1) {
#pragma omp simd
          for (Index c = 0; c < channels_; ++c) y[c] = floored(channel(c, p), x[c]);
          continue;
        }
        for (Index c = 0; c < channels_; ++c, x += positions_, y += positions_) {
          const Channel own = channel(c, p);
#pragma omp simd
          for (Index i = 0; i < positions_; ++i) y[i] = floored(own, x[i]);
        }
      }
    });
  }

  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>& p, const Gradients<Real>& g) override {
    const std::size_t chunks = chunks_of(sample_chunk, in.rows());
    parallel_for(chunks, 2 * pass_ns(in), [&](std::size_t k) {
      const Chunk chunk = chunk_of(k, sample_chunk, in.rows());
      auto shift_gradient = partial_a_.row(Index(k));  // Σ dy
      auto scale_gradient = partial_b_.row(Index(k));  // Σ dy·(x − μ)/σ
      shift_gradient.setZero();
      scale_gradient.setZero();
      for (Index n = chunk.begin; n < chunk.begin + chunk.count; ++n) {
        const Real *x = in.data() + n * in.cols(), *d = dy.data() + n * in.cols();
        if (positions_ == 1) {
#pragma omp simd
          for (Index c = 0; c < channels_; ++c) {
            const Real passed = d[c] * channel(c, p).passes(x[c]);
            shift_gradient[c] += passed;
            scale_gradient[c] += passed * (x[c] - mean_[c]) * inverse_[c];
          }
          continue;
        }
        for (Index c = 0; c < channels_; ++c, x += positions_, d += positions_) {
          const Channel own = channel(c, p);
          const auto [of_shift, of_scale] = two_sums<Real>(positions_, [&](Index i) {
            const Real passed = d[i] * own.passes(x[i]);
            return std::pair(passed, passed * (x[i] - own.mean));
          });
          shift_gradient[c] += of_shift;
          scale_gradient[c] += inverse_[c] * of_scale;
        }
      }
    });
    VectorView<Real> scale_gradient(g.digital.data() + offsets_.first, channels_);
    VectorView<Real> shift_gradient(g.digital.data() + offsets_.second, channels_);
    shift_gradient = partial_a_.row(0).transpose();
    scale_gradient = partial_b_.row(0).transpose();
    for (Index k = 1; k < Index(chunks); ++k) {
      shift_gradient += partial_a_.row(k).transpose();
      scale_gradient += partial_b_.row(k).transpose();
    }
    if (dx.rows() == 0) return;
    // dx = scale/σ · (dy − [Σdy + x̂ Σ dy x̂]/N), the bracket absent when the statistics are constants
    const Real share = constant_ ? Real(0) : Real(1) / Real(in.rows() * positions_);
    const Real* scale = p.digital.data() + offsets_.first;
    parallel_for(chunks, 2 * pass_ns(in), [&](std::size_t k) {
      const Chunk chunk = chunk_of(k, sample_chunk, in.rows());
      for (Index n = chunk.begin; n < chunk.begin + chunk.count; ++n) {
        const Real *x = in.data() + n * in.cols(), *d = dy.data() + n * in.cols();
        Real* to = dx.data() + n * in.cols();
        if (positions_ == 1) {
#pragma omp simd
          for (Index c = 0; c < channels_; ++c) {
            const Real normal = (x[c] - mean_[c]) * inverse_[c], passed = d[c] * channel(c, p).passes(x[c]);
            to[c] =
                scale[c] * inverse_[c] * (passed - share * (shift_gradient[c] + normal * scale_gradient[c]));
          }
          continue;
        }
        for (Index c = 0; c < channels_; ++c, x += positions_, d += positions_, to += positions_) {
          const Channel own = channel(c, p);
          const Real factor = scale[c] * inverse_[c];
          const Real a = share * shift_gradient[c], b = share * scale_gradient[c] * inverse_[c];
#pragma omp simd
          for (Index i = 0; i < positions_; ++i)
            to[i] = factor * (d[i] * own.passes(x[i]) - a - b * (x[i] - own.mean));
        }
      }
    });
  }

 private:
  /// What becomes of the numbers of a channel.
  struct Channel {
    Real mean, factor, shift, floor;
    [[nodiscard]] Real normalised(Real x) const { return (x - mean) * factor + shift; }
    /// 1 where a gradient goes back past the floor, else 0.
    [[nodiscard]] Real passes(Real x) const { return normalised(x) > floor ? Real(1) : Real(0); }
  };
  [[nodiscard]] Channel channel(Index c, const Parameters<Real>& p) const {
    return {mean_[c], inverse_[c] * p.digital[std::size_t(offsets_.first + c)],
            p.digital[std::size_t(offsets_.second + c)], floor_};
  }

  /// Mean and inverse standard deviation of this batch: two passes a chunk, chunks combined pairwise
  /// (Chan, Golub, LeVeque 1979), so that a large mean costs no accuracy.
  void measure(ConstMatrixView<Real> in, std::span<Real> state, double step) {
    const std::size_t chunks = chunks_of(sample_chunk, in.rows());
    parallel_for(chunks, 2 * pass_ns(in), [&](std::size_t k) {
      const Chunk chunk = chunk_of(k, sample_chunk, in.rows());
      auto mean = partial_a_.row(Index(k));
      auto square = partial_b_.row(Index(k));
      if (positions_ == 1) {
        const ConstMatrixView<Real> x = rows_of(in, chunk);
        column_sums(x, mean.data());
        mean /= Real(chunk.count);
        square.setZero();
        for (Index n = 0; n < chunk.count; ++n) square.array() += (x.row(n) - mean).array().square();
        return;
      }
      for (Index c = 0; c < channels_; ++c) {
        const auto row = [&](Index n) {
          return ConstVectorView<Real>(in.data() + (chunk.begin + n) * in.cols() + c * positions_, positions_)
              .array();
        };
        const auto over_rows = [&](const auto& term) {  // two rows at once, added in their order
          Real total = 0;
          Index n = 0;
          for (; n + 2 <= chunk.count; n += 2) {
            const auto upper = row(n), lower = row(n + 1);
            for (const Real of_row : two_sums<Real>(
                     positions_, [&](Index i) { return std::pair(term(upper[i]), term(lower[i])); }))
              total += of_row;
          }
          for (; n < chunk.count; ++n) total += sum(row(n).unaryExpr(term));
          return total;
        };
        mean[c] = over_rows([](Real x) { return x; }) / Real(chunk.count * positions_);
        square[c] = over_rows([m = mean[c]](Real x) { return (x - m) * (x - m); });
      }
    });
    const double total = double(in.rows() * positions_);
    for (Index c = 0; c < channels_; ++c) {
      double n = 0, mean = 0, square = 0;
      for (std::size_t k = 0; k < chunks; ++k) {
        const double more = double(chunk_of(k, sample_chunk, in.rows()).count * positions_);
        const double shift = double(partial_a_(Index(k), c)) - mean;
        mean += shift * more / (n + more);
        square += double(partial_b_(Index(k), c)) + shift * shift * n * more / (n + more);
        n += more;
      }
      mean_[c] = Real(mean);
      inverse_[c] = Real(1 / std::sqrt(square / total + epsilon));
      if (step == 0) continue;
      CollectedStatistics* const collected =
          step == batchnorm_momentum ? CollectedStatistics::current() : nullptr;
      const auto move = [&](Index first, double taken_up) {
        const auto at = std::size_t(first + c);
        if (collected != nullptr) return collected->take(at, taken_up);
        state[at] = Real((1 - step) * double(state[at]) + taken_up);
      };
      move(offsets_.mean, step * mean);
      move(offsets_.variance, step * square / std::max(1.0, total - 1));
    }
  }

  Index channels_, positions_;
  Offsets offsets_;
  Real floor_;  ///< least value of the output
  Vector<Real> mean_, inverse_;
  Matrix<Real> partial_a_, partial_b_;  ///< [chunk, channel]
  bool constant_ = false;               ///< the last forward's statistics do not depend on its input
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_batchnorm(const Layer& layer, const Offsets& offsets, Index max_batch,
                                              bool rectified) {
  return std::make_unique<Batchnorm<Real>>(layer, offsets, max_batch, rectified);
}
template std::unique_ptr<LayerOp<float>> make_batchnorm(const Layer&, const Offsets&, Index, bool);
template std::unique_ptr<LayerOp<double>> make_batchnorm(const Layer&, const Offsets&, Index, bool);

}  // namespace pnn::network
