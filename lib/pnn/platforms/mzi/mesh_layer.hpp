// A layer on a mesh: the mesh, the detectors behind it, and how signals pass both.
#pragma once

#include <memory>

#include "pnn/platform/detection.hpp"
#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/mzi/plan.hpp"

namespace pnn::platforms::mzi {

/// A mesh with the detectors behind it.
struct MeshLayer {
  MeshPlan mesh;
  Detection detection = Detection::intensity;
  bool field_input = false;  ///< whether inputs are complex amplitudes [re | im]; otherwise real amplitudes
  bool operator==(const MeshLayer&) const = default;
  operator platform::AnyPlan() const;  // NOLINT(google-explicit-constructor): it is the plan of a layer
};

/// Makes the way of signals in training: field = W x of complex amplitudes, then detection.
template <class Real>
std::unique_ptr<Transmission<Real>> make_field_transmission(const MeshLayer& layer, Index max_batch);

/// The same on a device (LayerPlan::transmit), and its gradient (LayerPlan::transmit_back).
void transmit_field(const MeshLayer& layer, ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                    MatrixView<float> outputs);
void transmit_field_back(const MeshLayer& layer, ConstMatrixView<float> weights,
                         ConstMatrixView<float> inputs, ConstMatrixView<float> by_outputs,
                         MatrixView<float> by_weights);

/// Converts a stored complex matrix to the real one that acts on amplitudes [re | im]: [[Re, −Im], [Im, Re]],
/// [2 out, 2 in].
template <class Real>
void expand_complex(ConstMatrixView<Real> stored, MatrixView<Real> expanded);
/// The transpose of that conversion: ∂L/∂expanded → ∂L/∂stored.
template <class Real>
void fold_complex(ConstMatrixView<Real> expanded_gradient, MatrixView<Real> stored_gradient);

}  // namespace pnn::platforms::mzi
