// Signals through a layer whose matrix is known: the product, and what its detectors make of it.
#pragma once

#include "pnn/platform/layer_plan.hpp"

namespace pnn::platform {

/// inputs [batch, plan.inputs()] → outputs [batch, plan.outputs()], with the stored matrix of a TransferMap
/// of this plan ([out, in], or [2 out, in] for a complex one). In chunks of the batch, so that threads change
/// nothing.
void transmit(const LayerPlan& plan, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
              MatrixView<float> outputs);

/// The stored matrix as a real one that acts on amplitudes [re | im]: [[Re, −Im], [Im, Re]], [2 out, 2 in].
template <class Real>
void expand_complex(ConstMatrixView<Real> stored, MatrixView<Real> expanded);
/// Its transpose: ∂L/∂expanded → ∂L/∂stored.
template <class Real>
void fold_complex(ConstMatrixView<Real> expanded_gradient, MatrixView<Real> stored_gradient);

}  // namespace pnn::platform
