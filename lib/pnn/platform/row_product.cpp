#include "pnn/platform/row_product.hpp"

#include <algorithm>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/add_product.hpp"

namespace pnn::platform {
namespace {

using P = Pack<float>;
constexpr Index packs = 2, width = packs * P::size;  ///< outputs of a panel
constexpr Index sums_at_once = 12;  ///< as many sums as fit into registers beside their operands

/// Multiplies `Rows` rows of x by the first `Packs` packs of a panel of weights [in, width], and stores the
/// first `count` outputs.
template <Index Rows, Index Packs>
void through_panel(const float* x, Index in, const float* panel, float* y, Index out, Index count) {
  P sums[Rows][Packs];
  for (auto& row : sums)
    for (P& sum : row) sum = P(0.0F);
  for (Index j = 0; j < in; ++j, panel += width) {
    P weights[Packs];
    for (Index k = 0; k < Packs; ++k) weights[k] = P::load(panel + k * P::size);
    for (Index n = 0; n < Rows; ++n) {
      const P signal(x[n * in + j]);
      for (Index k = 0; k < Packs; ++k) sums[n][k] = add_product(sums[n][k], signal, weights[k]);
    }
  }
  for (Index n = 0; n < Rows; ++n) {
    float* to = y + n * out;
    for (Index k = 0; k < Packs; ++k) {
      const Index left = count - k * P::size;
      if (left >= P::size) {
        sums[n][k].store(to + k * P::size);
      } else {
        sums[n][k].store_part(to + k * P::size, std::max<Index>(left, 0));
      }
    }
  }
}

/// Multiplies all rows of x by a panel: as many at once as their sums fit into registers, then one by one.
template <Index Packs>
void all_through_panel(ConstMatrixView<float> x, const float* panel, float* y, Index out, Index count) {
  constexpr Index rows = sums_at_once / Packs;
  Index n = 0;
  for (; n + rows <= x.rows(); n += rows)
    through_panel<rows, Packs>(x.data() + n * x.cols(), x.cols(), panel, y + n * out, out, count);
  for (; n < x.rows(); ++n)
    through_panel<1, Packs>(x.data() + n * x.cols(), x.cols(), panel, y + n * out, out, count);
}

}  // namespace

RowProduct::RowProduct(ConstMatrixView<float> weights) : out_(weights.rows()), in_(weights.cols()) {
  const Index count = (out_ + width - 1) / width;
  panels_.assign(std::size_t(count * in_ * width), 0.0F);
  for (Index i = 0; i < out_; ++i) {
    float* to = panels_.data() + i / width * in_ * width + i % width;
    for (Index j = 0; j < in_; ++j) to[j * width] = weights(i, j);
  }
}

void RowProduct::operator()(ConstMatrixView<float> x, MatrixView<float> y) const {
  require(x.cols() == in_ && y.cols() == out_ && x.rows() == y.rows(), "signals fit their matrix");
  for (Index i = 0; i < out_; i += width) {
    const float* panel = panels_.data() + i * in_;
    const Index count = std::min(width, out_ - i);
    if (count > P::size) {
      all_through_panel<packs>(x, panel, y.data() + i, out_, count);
    } else {
      all_through_panel<1>(x, panel, y.data() + i, out_, count);
    }
  }
}

void multiply_signals(ConstMatrixView<float> weights, ConstMatrixView<float> signals,
                      MatrixView<float> outputs) {
  constexpr Index batch_chunk = 128;  // rows of a batch in one chunk of the product
  const RowProduct product(weights);
  parallel_for(chunks_of(batch_chunk, signals.rows()), [&](std::size_t k) {
    const Chunk chunk = chunk_of(k, batch_chunk, signals.rows());
    product(rows_of(signals, chunk), rows_of(outputs, chunk));
  });
}

}  // namespace pnn::platform
