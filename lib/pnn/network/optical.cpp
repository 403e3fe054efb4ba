// Layers on fields and powers of light: the electro-optic activation, the normalisation of the power, and the
// choice of outputs.
#include <cmath>
#include <numbers>

#include "pnn/core/reduce.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

template <class Real, class Body>
void for_each_row(const ConstMatrixView<Real>& in, const Body& body) {
  parallel_for(chunks_of(sample_chunk, in.rows()), 20 * pass_ns(in), [&](std::size_t k) {
    const Chunk c = chunk_of(k, sample_chunk, in.rows());
    for (Index n = c.begin; n < c.begin + c.count; ++n) body(n);
  });
}

/// f(z) = sqrt(1 − α) z e^{−ip} cos p, p = g|z|²/2 + φ_b/2: a tapped share α of the power drives a modulator
/// (Williamson et al., IEEE J. Sel. Top. Quantum Electron. 26, 7700412, 2020). α 0.1, g 0.05π, φ_b π.
template <class Real>
class ElectroOptic : public LayerOp<Real> {
 public:
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    const Index modes = in.cols() / 2;
    for_each_row(in, [&](Index n) {
      const Real* re = in.data() + n * 2 * modes;
      const Real* im = re + modes;
      Real* to = out.data() + n * 2 * modes;
      for (Index m = 0; m < modes; ++m) {
        const Phase p(re[m] * re[m] + im[m] * im[m]);
        to[m] = amplitude * (re[m] * p.f_re - im[m] * p.f_im);
        to[m + modes] = amplitude * (re[m] * p.f_im + im[m] * p.f_re);
      }
    });
  }
  void backward(ConstMatrixView<Real> in, ConstMatrixView<Real>, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    const Index modes = in.cols() / 2;
    for_each_row(in, [&](Index n) {
      const Real* re = in.data() + n * 2 * modes;
      const Real* im = re + modes;
      const Real* g_re = dy.data() + n * 2 * modes;
      const Real* g_im = g_re + modes;
      Real* to = dx.data() + n * 2 * modes;
      for (Index m = 0; m < modes; ++m) {
        const Phase p(re[m] * re[m] + im[m] * im[m]);
        // y = A z f(s), s = |z|²: ∂L/∂z = A conj(f) G + 2 z Re(conj(G) A z f′), f′ = −i (g/2) e^{−2ip}
        const Real turn_re = -half_gain * p.sine, turn_im = -half_gain * p.cosine;
        const Real zf_re = re[m] * turn_re - im[m] * turn_im, zf_im = re[m] * turn_im + im[m] * turn_re;
        const Real through = 2 * amplitude * (g_re[m] * zf_re + g_im[m] * zf_im);
        to[m] = amplitude * (p.f_re * g_re[m] + p.f_im * g_im[m]) + through * re[m];
        to[m + modes] = amplitude * (p.f_re * g_im[m] - p.f_im * g_re[m]) + through * im[m];
      }
    });
  }

 private:
  static constexpr double alpha = 0.1, gain = 0.05 * std::numbers::pi, bias = std::numbers::pi;
  inline static const Real amplitude = Real(std::sqrt(1 - alpha));
  static constexpr Real half_gain = Real(gain / 2);
  /// e^{−ip} cos p = (1 + e^{−2ip})/2, with 2p = g s + φ_b.
  struct Phase {
    Real cosine, sine, f_re, f_im;
    explicit Phase(Real s)
        : cosine(std::cos(Real(gain) * s + Real(bias))),
          sine(std::sin(Real(gain) * s + Real(bias))),
          f_re((1 + cosine) / 2),
          f_im(-sine / 2) {}
  };
};

/// y = sqrt(P) x / ‖x‖; a signal of nothing stays nothing, with derivative 0.
template <class Real>
class Normalize : public LayerOp<Real> {
 public:
  Normalize(const Layer& layer, Index max_batch)
      : root_(Real(std::sqrt(layer.power))), factor_(std::size_t(max_batch)) {}
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    for_each_row(in, [&](Index n) {
      const Real size = norm(in.row(n));
      factor_[std::size_t(n)] = size > 0 ? root_ / size : Real(0);
      out.row(n) = in.row(n) * factor_[std::size_t(n)];
    });
  }
  void backward(ConstMatrixView<Real>, ConstMatrixView<Real> out, ConstMatrixView<Real> dy,
                MatrixView<Real> dx, const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    for_each_row(dy, [&](Index n) {
      const Real along = dot(dy.row(n), out.row(n)) / (root_ * root_);
      dx.row(n) = (dy.row(n) - out.row(n) * along) * factor_[std::size_t(n)];
    });
  }

 private:
  Real root_;
  std::vector<Real> factor_;
};

template <class Real>
class Keep : public LayerOp<Real> {
 public:
  explicit Keep(Index kept) : kept_(kept) {}
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    out = in.leftCols(kept_);
  }
  void backward(ConstMatrixView<Real>, ConstMatrixView<Real>, ConstMatrixView<Real> dy, MatrixView<Real> dx,
                const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    dx.leftCols(kept_) = dy;
    dx.rightCols(dx.cols() - kept_).setZero();
  }

 private:
  Index kept_;
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_electro_optic() {
  return std::make_unique<ElectroOptic<Real>>();
}
template <class Real>
std::unique_ptr<LayerOp<Real>> make_normalize(const Layer& layer, Index max_batch) {
  return std::make_unique<Normalize<Real>>(layer, max_batch);
}
template <class Real>
std::unique_ptr<LayerOp<Real>> make_keep(const Layer& layer) {
  return std::make_unique<Keep<Real>>(layer.out.channels);
}
template std::unique_ptr<LayerOp<float>> make_electro_optic();
template std::unique_ptr<LayerOp<double>> make_electro_optic();
template std::unique_ptr<LayerOp<float>> make_normalize(const Layer&, Index);
template std::unique_ptr<LayerOp<double>> make_normalize(const Layer&, Index);
template std::unique_ptr<LayerOp<float>> make_keep(const Layer&);
template std::unique_ptr<LayerOp<double>> make_keep(const Layer&);

}  // namespace pnn::network
