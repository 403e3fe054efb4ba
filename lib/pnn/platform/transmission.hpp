// Signals through a layer whose weights are known: light or the product, and what its detectors make of it.
#pragma once

#include "pnn/platform/layer_plan.hpp"

namespace pnn::platform {

/// inputs [batch, plan.inputs()] → outputs [batch, plan.outputs()], with the weights of a TransferMap of this
/// plan as stored. A row of outputs depends on its own row of inputs alone, to the bit: neither threads nor
/// the other samples of a batch, nor their order, change it.
void transmit(const LayerPlan& plan, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
              MatrixView<float> outputs);

/// Back through the same: ∂L/∂outputs [batch, plan.outputs()] → ∂L/∂weights, as stored.
void transmit_back(const LayerPlan& plan, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                   ConstMatrixView<float> by_outputs, MatrixView<float> by_weights);

/// The stored matrix as a real one that acts on amplitudes [re | im]: [[Re, −Im], [Im, Re]], [2 out, 2 in].
template <class Real>
void expand_complex(ConstMatrixView<Real> stored, MatrixView<Real> expanded);
/// Its transpose: ∂L/∂expanded → ∂L/∂stored.
template <class Real>
void fold_complex(ConstMatrixView<Real> expanded_gradient, MatrixView<Real> stored_gradient);

}  // namespace pnn::platform
