// The interface of a device under test: set controls, send inputs, read outputs, read a sensor, as in a
// laboratory. It offers no derivatives and no ground truth, so that code which needs either does not compile.
//
// A device is the complete hardware of one network: one or more chips, and the ambient conditions around
// them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/words.hpp"
#include "pnn/platform/known_samples.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::device {

/// A device did not do what it was asked, even after retries. What was done before remains valid.
class DeviceError : public RunError {
 public:
  using RunError::RunError;
};

/// One physical layer as a device offers it.
struct LayerPort {
  platform::AnyPlan plan;
  double lower = 0, upper = 0;  ///< range of a control (mA, rad, 1)
  double safe = 0;              ///< value of every control before the first call and after the last
};

/// What determines the ambient temperature.
enum class Environment {
  exact,       ///< constant, without jitter: an idealisation for tests and for comparisons with published
               ///< simulations
  controller,  ///< thermo-electric controller: Gaussian jitter about the set point
  free,        ///< no controller: an Ornstein-Uhlenbeck walk about the set point
  trace,       ///< a recorded temperature trace is replayed
};
constexpr auto words_of(Environment) {
  using enum Environment;
  return std::to_array<Word<Environment>>({{exact, "exact", "nothing moves"},
                                           {controller, "controller", "Gaussian jitter"},
                                           {free, "free", "a random walk"},
                                           {trace, "trace"}});
}

/// An offset of responses: `common` to all elements, and a normal part of standard deviation `sigma` of each
/// element's own; Conditions::draw addresses the sample.
struct Disturbance {
  double common = 0, sigma = 0;
};

/// Conditions that an experimenter imposes on a device, as a climate chamber and a current source could.
struct Conditions {
  Environment environment = Environment::controller;
  std::optional<double> temperature_c;  ///< set point; empty: the fabrication process's reference temperature
  double drift_k = 0;                   ///< added to the set point
  platform::System system;              ///< system parameters of all layers; its temperature is ignored
  /// Offsets of the response of every element, by the name of the offset ("detuning", "phase").
  std::map<std::string, Disturbance, std::less<>> response;
  std::uint32_t draw = 0;               ///< number of the random sample
  std::optional<int> dac_bits;          ///< empty: that of the fabrication process
  std::optional<double> readout_noise;  ///< empty: that of the fabrication process
  double dt_s = 1;                      ///< time that one run call takes
  double start_s = 0;                   ///< clock at the start
  /// For Environment::trace: linear between samples, constant before the first and after the last.
  std::vector<double> trace_time_s, trace_offset_k;
  /// Whether temperature, other system parameters and response offsets act on each layer (empty: on all). The
  /// other layers stay as fabricated, at the reference temperature.
  std::vector<bool> reaches;

  [[nodiscard]] bool reach(std::size_t layer) const { return reaches.empty() || reaches[layer]; }
  /// The system parameters of a layer while the ambient temperature is `temperature_k` above the reference.
  [[nodiscard]] platform::System system_of(std::size_t layer, double temperature_k) const {
    if (!reach(layer)) return {};
    platform::System all = system;
    all.temperature_k = temperature_k;
    return all;
  }
};

/// What the conditions add to the response of each control of a layer, in the unit of its platform's response
/// offset, [controls]; empty if they add nothing. The elements' own parts are samples of `stream`.
std::vector<float> response_offsets(const Conditions& conditions, const platform::LayerPlan& plan,
                                    const platform::TransferMap<float>& map, std::size_t layer,
                                    const Stream& stream);

class Device {
 public:
  virtual ~Device() = default;
  [[nodiscard]] virtual const std::vector<LayerPort>& layers() const = 0;
  /// Sets the controls of one layer, in the order of its plan. Angles are wrapped, and all other controls
  /// clamped, into the declared range before they are sent.
  virtual void set_controls(std::size_t layer, std::span<const float> controls) = 0;
  /// Sends inputs [batch, plan.inputs()] through a layer and writes its outputs [batch, plan.outputs()], at
  /// the controls that were set last. Advances the device's clock by dt.
  virtual void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) = 0;
  /// The same for the samples numbered `first`, `first` + 1, …. On a virtual device the read-out noise is
  /// then addressed by layer, Conditions::draw and number of the sample, so that it depends neither on the
  /// other samples of the call nor on when the call is made. (With run() it is addressed by the time of the
  /// call and the row.) The temperature is that at the time of the call in either case.
  virtual void run_samples(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs,
                           std::uint64_t first) {
    static_cast<void>(first);
    run(layer, inputs, outputs);
  }
  /// Says that these samples are finite, and stay as they are for as long as the device is used: a guard then
  /// does not look at them before every call that sends some of them, and what is found of one is kept there.
  virtual void vouch(platform::KnownSamples&) {}
  /// Waits for `seconds`, for example until heaters have settled. A virtual device advances its clock by
  /// whole steps of dt and keeps the remainder for the next wait; with dt = 0 it has no clock.
  virtual void wait(double seconds) = 0;
  /// Reads a sensor: "temperature" (°C, as the device's sensor reports it), or another one that the device
  /// names.
  virtual double read(std::string_view sensor) = 0;
  /// Whether there is a sensor of this name.
  [[nodiscard]] virtual bool has_sensor(std::string_view sensor) const { return sensor == "temperature"; }
  /// Imposes conditions. Throws UsageError if they contain something that this device cannot be commanded to
  /// do.
  virtual void impose(const Conditions& conditions) = 0;
  /// After impose: advances the clock to where an earlier session left it, `calls` run calls and `waited_s`
  /// seconds of waiting later. Does nothing on a real bench, whose clock runs by itself.
  virtual void catch_up(std::uint64_t calls, double waited_s) {
    static_cast<void>(calls), static_cast<void>(waited_s);
  }
  /// Sets every control to its safe value in one step.
  virtual void make_safe();
  /// Number of run calls so far.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

 protected:
  std::uint64_t calls_ = 0;
};

/// The plans of the layers of a device.
std::vector<platform::AnyPlan> plans_of(const Device& device);

}  // namespace pnn::device
