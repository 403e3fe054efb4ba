#include "pnn/platform/transmission.hpp"

#include "pnn/core/chunks.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platform {
namespace {

/// Rows of a batch in one chunk of the product.
constexpr Index batch_chunk = 128;

}  // namespace

template <class Real>
void expand_complex(ConstMatrixView<Real> stored, MatrixView<Real> expanded) {
  const Index out = stored.rows() / 2, in = stored.cols();
  expanded.topLeftCorner(out, in) = stored.topRows(out);
  expanded.topRightCorner(out, in) = -stored.bottomRows(out);
  expanded.bottomLeftCorner(out, in) = stored.bottomRows(out);
  expanded.bottomRightCorner(out, in) = stored.topRows(out);
}

template <class Real>
void fold_complex(ConstMatrixView<Real> gradient, MatrixView<Real> stored) {
  const Index out = stored.rows() / 2, in = stored.cols();
  stored.topRows(out) = gradient.topLeftCorner(out, in) + gradient.bottomRightCorner(out, in);
  stored.bottomRows(out) = gradient.bottomLeftCorner(out, in) - gradient.topRightCorner(out, in);
}

void transmit(const LayerPlan& plan, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
              MatrixView<float> outputs) {
  const MeshLayer* mesh = plan.mesh();
  Matrix<float> expanded;
  if (mesh != nullptr && mesh->field_input) {
    expanded.resize(weights.rows(), 2 * weights.cols());
    expand_complex(weights, view(expanded));
  }
  const ConstMatrixView<float> w =
      expanded.size() > 0 ? ConstMatrixView<float>(expanded.data(), expanded.rows(), expanded.cols())
                          : weights;
  parallel_for(chunks_of(batch_chunk, inputs.rows()), [&](std::size_t k) {
    const Chunk chunk = chunk_of(k, batch_chunk, inputs.rows());
    MatrixView<float> out = rows_of(outputs, chunk);
    if (mesh == nullptr) {
      out.noalias() = rows_of(inputs, chunk) * w.transpose();
      return;
    }
    const Matrix<float> field = rows_of(inputs, chunk) * w.transpose();
    detect(mesh->detection, view(field), out);
  });
}

template void expand_complex(ConstMatrixView<float>, MatrixView<float>);
template void expand_complex(ConstMatrixView<double>, MatrixView<double>);
template void fold_complex(ConstMatrixView<float>, MatrixView<float>);
template void fold_complex(ConstMatrixView<double>, MatrixView<double>);

}  // namespace pnn::platform
