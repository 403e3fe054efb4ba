// What a lab can do with a chip: set controls, send inputs, read outputs, read a sensor. No derivative,
// no hidden truth, by type.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::device {

/// A device did not do what it was asked, and asking again did not help. What was done before stands.
class DeviceError : public RunError {
 public:
  using RunError::RunError;
};

/// One physical layer as a device offers it.
struct LayerPort {
  platform::LayerPlan plan;
  double lower = 0, upper = 0;  ///< range of a control (mA, rad, 1)
  double safe = 0;              ///< what every control is at before the first call, and after the last
};

/// What holds the temperature.
enum class Environment {
  exact,       ///< no jitter at all (not of this world; for tests and published comparisons)
  controller,  ///< thermo-electric controller: Gaussian jitter about the set point
  free,        ///< none: an Ornstein-Uhlenbeck walk about the set point
  trace,       ///< replay of a temperature trace
};

/// Conditions imposed on a device from outside, as a climate chamber and a current source could.
struct Conditions {
  Environment environment = Environment::controller;
  std::optional<double> temperature_c;  ///< set point; default: the process's reference
  double drift_k = 0;                   ///< added to the set point
  platform::System misalignment;        ///< of optics and masks (its temperature does not count)
  double detuning_nm = 0;               ///< common to all rings
  double detuning_sigma_nm = 0;         ///< individual: one Gaussian draw a ring, addressed by `draw`
  double phase_rad = 0;                 ///< common to all phases of meshes and masks
  double phase_sigma_rad = 0;           ///< individual: one Gaussian draw a phase, addressed by `draw`
  std::uint32_t draw = 0;
  std::optional<int> dac_bits;
  std::optional<double> readout_noise;
  double dt_s = 1;     ///< time that one run call takes
  double start_s = 0;  ///< clock at the start
  /// For Environment::trace: linear between samples, held outside.
  std::vector<double> trace_time_s, trace_offset_k;
  /// Layers that temperature, misalignment, detuning and phase reach (empty: all); the others stay as they
  /// are built, at the reference temperature.
  std::vector<bool> reaches;

  [[nodiscard]] bool reach(std::size_t layer) const { return reaches.empty() || reaches[layer]; }
  /// What a layer stands in while it is `temperature_k` above the reference around it.
  [[nodiscard]] platform::System system_of(std::size_t layer, double temperature_k) const {
    if (!reach(layer)) return {};
    platform::System system = misalignment;
    system.temperature_k = temperature_k;
    return system;
  }
};

/// What the conditions add to the response of each control of a layer: a detuning (nm) on rings, a phase
/// (rad) on meshes and masks; empty if nothing. Individual parts are one draw of `stream` an element.
std::vector<float> response_offsets(const Conditions& conditions, const platform::LayerPlan& plan,
                                    const platform::TransferMap<float>& map, std::size_t layer,
                                    const Stream& stream);

class Device {
 public:
  virtual ~Device() = default;
  [[nodiscard]] virtual const std::vector<LayerPort>& layers() const = 0;
  /// Controls of one layer, in the order of its plan; angles are wrapped, the rest clamped into the declared
  /// range before they leave.
  virtual void set_controls(std::size_t layer, std::span<const float> controls) = 0;
  /// inputs [batch, plan.inputs()] → outputs [batch, plan.outputs()] at the controls last set. Advances the
  /// device's clock by dt.
  virtual void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) = 0;
  /// The same for samples that have numbers, `first` and those after it: on a virtual device the noise of a
  /// read-out then belongs to the layer, the conditions' draw and the number of its sample, whatever else the
  /// call holds and whenever it is made. (With run() it belongs to the time of the call and the row.) The
  /// temperature is that of the time of the call either way.
  virtual void run_samples(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs,
                           std::uint64_t first) {
    static_cast<void>(first);
    run(layer, inputs, outputs);
  }
  /// Lets `seconds` pass, as after a change of heaters. A virtual device advances its clock in whole steps of
  /// dt and keeps the rest for the next wait; with dt = 0 it has no clock.
  virtual void wait(double seconds) = 0;
  /// "temperature" (°C, as the device's sensor sees it) or another named sensor.
  virtual double read(std::string_view sensor) = 0;
  /// Throws UsageError where the conditions ask for something that cannot be commanded on this device.
  virtual void impose(const Conditions& conditions) = 0;
  /// After impose: takes the clock to where an earlier session left it, `calls` run calls and `waited_s` of
  /// waiting later. Does nothing on a device whose time is the world's.
  virtual void catch_up(std::uint64_t calls, double waited_s) {
    static_cast<void>(calls), static_cast<void>(waited_s);
  }
  /// Every control to its safe value, at once.
  virtual void make_safe();
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

 protected:
  std::uint64_t calls_ = 0;
};

}  // namespace pnn::device
