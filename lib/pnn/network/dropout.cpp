// Dropout (Srivastava et al., J. Mach. Learn. Res. 15, 1929, 2014): in training each number is 0 with
// probability p, and divided by 1 − p otherwise; elsewhere it stays what it is.
#include <optional>

#include "pnn/core/random.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/network/layer_op.hpp"

namespace pnn::network {
namespace {

template <class Real>
class Dropout : public LayerOp<Real> {
 public:
  Dropout(const Layer& layer, Index number, Index max_batch)
      : number_(std::uint16_t(number)), rate_(layer.power), factor_(max_batch, layer.in.size()) {}

  void set_drop(const std::optional<Stream>& stream) override { stream_ = stream; }
  void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>&, Statistics) override {
    drops_ = stream_.has_value();
    if (!drops_) {
      out = in;
      return;
    }
    const Real kept = Real(1 / (1 - rate_));
    const Real threshold = Real(2 * rate_ - 1);  // of a number that is uniform in (−1, 1)
    parallel_for(chunks_of(sample_chunk, in.rows()), pass_ns(in), [&](std::size_t k) {
      const Chunk c = chunk_of(k, sample_chunk, in.rows());
      for (Index n = c.begin; n < c.begin + c.count; ++n) {
        const auto count = std::size_t(in.cols());
        Real* factor = factor_.data() + n * in.cols();
        Stream stream = *stream_;
        stream.stream = number_;
        stream.device += std::uint32_t(n);  // the sample within its batch
        fill_symmetric(stream, std::span(factor, count));
        const Real* x = in.data() + n * in.cols();
        Real* y = out.data() + n * in.cols();
        for (std::size_t i = 0; i < count; ++i) {
          factor[i] = factor[i] < threshold ? Real(0) : kept;
          y[i] = x[i] * factor[i];
        }
      }
    });
  }
  void backward(ConstMatrixView<Real>, ConstMatrixView<Real>, ConstMatrixView<Real> dy, MatrixView<Real> dx,
                const Parameters<Real>&, const Gradients<Real>&) override {
    if (dx.rows() == 0) return;
    if (drops_) {
      dx.array() = dy.array() * factor_.topRows(dy.rows()).array();
    } else {
      dx = dy;
    }
  }

 private:
  std::uint16_t number_;  ///< of the layer, for its random numbers
  double rate_;
  Matrix<Real> factor_;  ///< [sample, number]: 0, or 1/(1 − rate)
  std::optional<Stream> stream_;
  bool drops_ = false;  ///< whether the last forward pass dropped anything
};

}  // namespace

template <class Real>
std::unique_ptr<LayerOp<Real>> make_dropout(const Layer& layer, Index number, Index max_batch) {
  return std::make_unique<Dropout<Real>>(layer, number, max_batch);
}
template std::unique_ptr<LayerOp<float>> make_dropout(const Layer&, Index, Index);
template std::unique_ptr<LayerOp<double>> make_dropout(const Layer&, Index, Index);

}  // namespace pnn::network
