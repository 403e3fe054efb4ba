#include "pnn/platform/transmission.hpp"

#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/d2nn_batch.hpp"
#include "pnn/platform/row_product.hpp"

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
  if (plan.d2nn() != nullptr)
    return D2nnBatch<float>(*plan.d2nn(), inputs.rows(), 0).forward(weights, inputs, outputs);
  const MeshLayer* mesh = plan.mesh();
  Matrix<float> expanded;
  if (mesh != nullptr && mesh->field_input) {
    expanded.resize(weights.rows(), 2 * weights.cols());
    expand_complex(weights, view(expanded));
  }
  const RowProduct product(expanded.size() > 0 ? view(std::as_const(expanded)) : weights);
  parallel_for(chunks_of(batch_chunk, inputs.rows()), [&](std::size_t k) {
    const Chunk chunk = chunk_of(k, batch_chunk, inputs.rows());
    MatrixView<float> out = rows_of(outputs, chunk);
    if (mesh == nullptr) {
      product(rows_of(inputs, chunk), out);
      return;
    }
    Matrix<float> field(chunk.count, weights.rows());
    product(rows_of(inputs, chunk), view(field));
    detect(mesh->detection, view(std::as_const(field)), out);
  });
}

void transmit_back(const LayerPlan& plan, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                   ConstMatrixView<float> by_outputs, MatrixView<float> by_weights) {
  if (plan.d2nn() != nullptr) {
    return D2nnBatch<float>(*plan.d2nn(), inputs.rows(), 0)
        .pullback(weights, inputs, by_outputs, by_weights, MatrixView<float>(nullptr, 0, 0),
                  AxialGradient::yes);
  }
  const MeshLayer* mesh = plan.mesh();
  if (mesh == nullptr) {
    by_weights.noalias() = by_outputs.transpose() * inputs;
    return;
  }
  Matrix<float> acting = weights;
  if (mesh->field_input) {
    acting.resize(weights.rows(), 2 * weights.cols());
    expand_complex(weights, view(acting));
  }
  const Matrix<float> field = inputs * acting.transpose();
  Matrix<float> by_field(field.rows(), field.cols());
  detect_backward(mesh->detection, view(field), by_outputs, view(by_field));
  if (!mesh->field_input) {
    by_weights.noalias() = by_field.transpose() * inputs;
    return;
  }
  const Matrix<float> by_acting = by_field.transpose() * inputs;
  fold_complex(view(by_acting), by_weights);
}

template void expand_complex(ConstMatrixView<float>, MatrixView<float>);
template void expand_complex(ConstMatrixView<double>, MatrixView<double>);
template void fold_complex(ConstMatrixView<float>, MatrixView<float>);
template void fold_complex(ConstMatrixView<double>, MatrixView<double>);

}  // namespace pnn::platform
