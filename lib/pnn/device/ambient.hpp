// The ambient temperature of a virtual device as a function of time: set point, drift, and what the
// temperature controller, the room or a recorded trace adds. Private to the device room.
#pragma once

#include <cstdint>

#include "pnn/device/device.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace pnn::device {

/// A clock that counts calls, and the ambient temperature at its present time. The random part is a pure
/// function of (seed, device, time index), where the time index is start/dt plus the number of calls since;
/// it does not depend on what was read before.
class Ambient {
 public:
  Ambient(const platform::Climate& climate, std::uint64_t seed, std::uint32_t device);
  /// Takes new conditions, which must have been checked, and sets the clock to their start.
  void restart(const Conditions& conditions);
  /// Advances the clock by dt.
  void tick();
  /// Advances the clock by the whole multiples of dt in `seconds` plus the remainder of earlier waits.
  void wait(double seconds);
  /// Reference temperature of the fabrication process, °C.
  [[nodiscard]] double reference_c() const { return climate_.reference_temperature_c; }
  /// Ambient temperature minus the reference temperature, K.
  [[nodiscard]] double offset_k() const;
  /// The time index, which addresses the noise of the present call.
  [[nodiscard]] std::uint32_t time_index() const { return std::uint32_t(index_); }

 private:
  [[nodiscard]] double walk_normal(std::uint64_t index) const;
  [[nodiscard]] double trace_offset() const;

  const platform::Climate climate_;
  const std::uint64_t seed_;
  const std::uint32_t device_;
  Conditions conditions_;
  std::uint64_t first_ = 0, index_ = 0;
  double left_over_s_ = 0;        ///< remainder of waits, less than dt
  double memory_ = 0, walk_ = 0;  ///< Ornstein-Uhlenbeck: correlation over one step; present value in σ
};

}  // namespace pnn::device
