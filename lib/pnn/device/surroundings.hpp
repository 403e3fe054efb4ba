// The temperature around a virtual chip as a function of time: set point, drift, and what the controller,
// the room or a trace adds. Private to the device room.
#pragma once

#include <cstdint>

#include "pnn/device/device.hpp"
#include "pnn/platform/hardware.hpp"

namespace pnn::device {

/// A clock that counts calls, and the temperature at its present time. The random part is a pure function of
/// (seed, device, time index), time index = start/dt + calls since: what was read before changes nothing.
class Surroundings {
 public:
  Surroundings(const platform::Climate& climate, std::uint64_t seed, std::uint32_t device);
  /// Takes new conditions (checked before) and sets the clock to their start.
  void restart(const Conditions& conditions);
  void tick();
  /// As many ticks as `seconds` and what earlier waits left over hold.
  void wait(double seconds);
  [[nodiscard]] double reference_c() const { return climate_.reference_temperature_c; }
  /// Ambient temperature minus the reference temperature, K.
  [[nodiscard]] double offset_k() const;
  /// Addresses the noise of the present call.
  [[nodiscard]] std::uint32_t time_index() const { return std::uint32_t(index_); }

 private:
  [[nodiscard]] double walk_normal(std::uint64_t index) const;
  [[nodiscard]] double trace_offset() const;

  const platform::Climate climate_;
  const std::uint64_t seed_;
  const std::uint32_t device_;
  Conditions conditions_;
  std::uint64_t first_ = 0, index_ = 0;
  double left_over_s_ = 0;        ///< waited, and less than a tick
  double memory_ = 0, walk_ = 0;  ///< Ornstein-Uhlenbeck: correlation over one step; present value in σ
};

}  // namespace pnn::device
