// What a platform is to everything above it: a map from control parameters to a matrix, its pullback,
// its limits and its spread. Pure: no I/O, no clock, no global; equal for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/system.hpp"

namespace pnn::platform {

/// Where a map is evaluated. Spans are of n = control_count() values, [out, in] row-major for a bank.
template <class Real>
struct OperatingPoint {
  std::span<const Real> controls;  ///< Θ, in the platform's unit (mA, rad, 1)
  /// Empty, or what is added to the response of each control's element: a detuning (nm), a phase (rad), a
  /// transmission.
  std::span<const Real> response_offset;
  System system;  ///< offsets of what acts on the whole layer
};

/// What a pullback fills. An empty span is not wanted. Values are assigned, not added.
template <class Real>
struct Pullback {
  std::span<Real> controls;         ///< ∂L/∂Θ through the whole map, crosstalk included
  std::span<Real> response_offset;  ///< ∂L/∂(response offset), a nm, a rad, or 1
  System system;                    ///< ∂L/∂(each system parameter)
  bool wants_system = true;         ///< where it costs time of its own (free space)
};

/// Θ → W for one physical layer. A complex matrix [out, in] is stored real, [2 out, in]: the rows of Re W,
/// then those of Im W.
template <class Real>
class TransferMap {
 public:
  virtual ~TransferMap() = default;

  [[nodiscard]] virtual Index rows() const = 0;  ///< of the stored matrix
  [[nodiscard]] virtual Index cols() const = 0;
  [[nodiscard]] virtual Index control_count() const = 0;
  [[nodiscard]] virtual double lower() const = 0;  ///< smallest control (mA, rad, 1)
  [[nodiscard]] virtual double upper() const = 0;  ///< largest control
  /// Whether a control is an angle, equal after a turn of upper() − lower(): then it may stand anywhere on a
  /// model, and is wrapped on its way to a device.
  [[nodiscard]] virtual bool periodic() const { return false; }
  /// One standard deviation of the device's own response spread: detuning (nm) of rings, phase
  /// (rad), transmission.
  [[nodiscard]] virtual double response_spread() const = 0;
  /// Physical element (ring of the chip) that carries each control; several share one on a tiled chip.
  [[nodiscard]] virtual std::span<const std::uint32_t> element_of_control() const = 0;
  [[nodiscard]] virtual Index element_count() const = 0;

  /// W [rows, cols] at the point. May use scratch memory of the map: one caller at a time.
  virtual void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) = 0;
  /// Given ∂L/∂W [rows, cols], fills the gradients at the same point.
  virtual void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                        Pullback<Real>& out) = 0;
  /// Controls that give `weights` [rows, cols], at no offset, as nearly as the limits allow; of several
  /// branches the one nearest to the present controls. In: present controls; out: new ones. Returns the
  /// largest |W − target| left, of complex W where it is.
  virtual double invert(ConstMatrixView<Real> weights, std::span<Real> controls) = 0;
};

/// A map whose every weight has one control of its own (rings): its local derivatives.
template <class Real>
class WeightwiseMap : public TransferMap<Real> {
 public:
  /// out[k] = ∂W_k/∂Θ_k, the local slope (crosstalk to other weights left out): component stability.
  virtual void slope(const OperatingPoint<Real>& at, std::span<Real> out) = 0;
  /// out[k] = ∂²W_k/∂Θ_k², for the slope penalty's gradient (crosstalk left out).
  virtual void curvature(const OperatingPoint<Real>& at, std::span<Real> out) = 0;
  /// out[k] = ∂(detuning)/∂Θ_k, nm a mA (always ≤ 0: heating moves resonances to the red).
  virtual void response_slope(const OperatingPoint<Real>& at, std::span<Real> out) = 0;
};

}  // namespace pnn::platform
