#include "pnn/platform/transmission.hpp"

#include <algorithm>

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
  const auto chunks = std::size_t((inputs.rows() + batch_chunk - 1) / batch_chunk);
  parallel_for(chunks, [&](std::size_t chunk) {
    const Index first = Index(chunk) * batch_chunk, count = std::min(batch_chunk, inputs.rows() - first);
    if (mesh == nullptr) {
      outputs.middleRows(first, count).noalias() = inputs.middleRows(first, count) * w.transpose();
      return;
    }
    const Matrix<float> field = inputs.middleRows(first, count) * w.transpose();
    detect(mesh->detection, view(field),
           MatrixView<float>(outputs.data() + first * outputs.cols(), count, outputs.cols()));
  });
}

template void expand_complex(ConstMatrixView<float>, MatrixView<float>);
template void expand_complex(ConstMatrixView<double>, MatrixView<double>);
template void fold_complex(ConstMatrixView<float>, MatrixView<float>);
template void fold_complex(ConstMatrixView<double>, MatrixView<double>);

}  // namespace pnn::platform
