// The physics of one physical layer: a map from controls to weights, and its gradients (pullback). Third part
// of the contract in platform.hpp. Pure computation: no I/O, no clock, no global state; the same bits for any
// number of threads.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/platform/system.hpp"

namespace pnn::platform {

/// The point at which a map is evaluated. Spans have control_count() values, in the order of the layer's
/// controls.
template <class Real>
struct OperatingPoint {
  std::span<const Real> controls;  ///< Θ, in the unit of the platform (mA, rad, 1)
  /// Added to the response of each control's element (a detuning in nm, a phase in rad, a transmission); may
  /// be empty.
  std::span<const Real> response_offset;
  System system;  ///< system parameters of the layer
};

/// Results of a pullback. Values are assigned, not added; an empty span is skipped.
template <class Real>
struct Pullback {
  std::span<Real> controls;         ///< ∂L/∂Θ through the whole map, including crosstalk
  std::span<Real> response_offset;  ///< ∂L/∂(response offset), per nm, per rad or per 1
  System system;                    ///< ∂L/∂(each system parameter)
  bool wants_system = true;         ///< false saves time on maps for which it is expensive
};

/// The map Θ → W of one physical layer. A complex matrix [out, in] is stored as real numbers [2 out, in]: the
/// rows of Re W, then those of Im W.
template <class Real>
class TransferMap {
 public:
  virtual ~TransferMap() = default;

  [[nodiscard]] virtual Index rows() const = 0;  ///< rows of the stored matrix
  [[nodiscard]] virtual Index cols() const = 0;
  [[nodiscard]] virtual Index control_count() const = 0;
  [[nodiscard]] virtual double lower() const = 0;  ///< smallest control (mA, rad, 1)
  [[nodiscard]] virtual double upper() const = 0;  ///< largest control
  /// Whether a control is an angle, of which turns of upper() − lower() do not matter. An angle may have any
  /// value in a model, and is wrapped on its way to a device.
  [[nodiscard]] virtual bool periodic() const { return false; }
  /// Narrows where each control may be. The map computes whatever it is asked; invert() stays within, and
  /// whoever moves controls asks bounds().
  void narrow(ControlBounds bounds) { narrowed_ = std::move(bounds); }
  /// Where each control may be: as narrowed, else from lower() to upper(); angles have no end then.
  [[nodiscard]] ControlBounds bounds() const {
    if (!narrowed_.empty()) return narrowed_;
    constexpr float far = std::numeric_limits<float>::infinity();
    const FloatRange range = periodic() ? FloatRange{-far, far} : inwards(lower(), upper());
    const auto count = std::size_t(control_count());
    return {std::vector<float>(count, range.lower), std::vector<float>(count, range.upper)};
  }
  /// Standard deviation of the response over devices, by process variation: in nm, rad or transmission.
  [[nodiscard]] virtual double response_spread() const = 0;
  /// The physical element of each control. On a chip that is used for several tiles in turn, several controls
  /// share one.
  [[nodiscard]] virtual std::span<const std::uint32_t> element_of_control() const = 0;
  [[nodiscard]] virtual Index element_count() const = 0;

  /// Computes W [rows, cols] at the point. Uses scratch memory of the map: one caller at a time.
  virtual void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) = 0;
  /// The same, with the same bits, at a point whose controls and response offsets are those of the last call
  /// of this map: only system parameters have changed since. A map may spare what these do not act on.
  virtual void evaluate_again(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
    evaluate(at, weights);
  }
  /// From ∂L/∂W [rows, cols], computes the gradients at the same point.
  virtual void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                        Pullback<Real>& out) = 0;
  /// Finds controls that give `weights` [rows, cols] without offsets, as closely as their limits allow. If
  /// several controls give the same weight, the one nearest to the present control is taken. Controls of maps
  /// whose every control belongs to one weight stay within their bounds(); on other maps they are found
  /// without them. `controls`: the present ones in, the new ones out. Returns the largest remaining |W −
  /// target| (of a complex W, the complex modulus).
  virtual double invert(ConstMatrixView<Real> weights, std::span<Real> controls) = 0;

  // Local derivatives, for maps in which every control belongs to one weight: of that weight by the control,
  // with all others held, so that crosstalk to other weights is left out. Spans have control_count() values.
  // Other maps throw InternalError.
  [[nodiscard]] virtual bool has_slopes() const { return false; }
  /// out[k] = ∂W/∂Θ_k of the weight to which control k belongs, the slope of its tuning curve.
  virtual void slope(const OperatingPoint<Real>& at, std::span<Real> out);
  /// out[k] = ∂²W/∂Θ_k² of that weight, which the gradient of the slope penalty needs.
  virtual void curvature(const OperatingPoint<Real>& at, std::span<Real> out);
  /// out[k] = ∂(response)/∂Θ_k, in the unit of the response offset per unit of the control.
  virtual void response_slope(const OperatingPoint<Real>& at, std::span<Real> out);

  // Direct propagation, for maps that can pass signals without forming their matrix. A signal is complex, its
  // real parts before its imaginary parts: inputs [batch, 2 · cols()], outputs [batch, rows()]. Other maps
  // throw InternalError.
  /// Largest batch for which a forward and backward pass is cheaper directly than by the matrix; 0 if there
  /// is no direct way.
  [[nodiscard]] virtual Index largest_direct_batch() const { return 0; }
  /// outputs = W applied to inputs, without forming W.
  virtual void propagate(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                         MatrixView<Real> outputs);
  /// The adjoint: from `inputs`, the `outputs` that propagate() gave for them at the same point, and
  /// ∂L/∂outputs, computes the gradients of the controls and, unless it has no rows, ∂L/∂inputs.
  virtual void pull_signals(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                            ConstMatrixView<Real> outputs, ConstMatrixView<Real> output_gradient,
                            Pullback<Real>& out, MatrixView<Real> input_gradient);

 protected:
  /// The bounds as narrowed; empty if they are not.
  [[nodiscard]] const ControlBounds& narrowed() const { return narrowed_; }

 private:
  ControlBounds narrowed_;
};

}  // namespace pnn::platform
