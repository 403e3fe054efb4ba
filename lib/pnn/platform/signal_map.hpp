// Maps that need no matrix: light goes through them signal by signal, and gradients come back the same way.
#pragma once

#include "pnn/platform/transfer_map.hpp"

namespace pnn::platform {

/// A map that also takes a batch of complex signals straight to its outputs. A signal stands as its real
/// parts before its imaginary parts: [batch, cols()·2] enter, [batch, rows()] leave.
template <class Real>
class SignalMap : public TransferMap<Real> {
 public:
  /// Largest batch for which a step (forth and back) is cheaper this way than by the matrix.
  [[nodiscard]] virtual Index largest_direct_batch() const = 0;
  /// outputs = W applied to inputs, without building W.
  virtual void propagate(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                         MatrixView<Real> outputs) = 0;
  /// The adjoint: from inputs, the outputs that propagate gave for them at the same point, and
  /// output_gradient of their shape, the gradients of the controls and, unless it has no rows, of the inputs.
  virtual void pull_signals(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                            ConstMatrixView<Real> outputs, ConstMatrixView<Real> output_gradient,
                            Pullback<Real>& out, MatrixView<Real> input_gradient) = 0;
};

}  // namespace pnn::platform
