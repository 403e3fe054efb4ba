// The plan of one physical layer, which its platform makes: what enters and leaves the layer, its controls,
// its chip, and the hardware around the chip. Second part of the contract in platform.hpp.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/chip_model.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/platform/system.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "pnn/platform/transmission.hpp"
#include "pnn/platform/truth.hpp"

namespace pnn::platform {

class Platform;
class Process;

/// How an array of a layer (its controls, its weights) is stored in a file.
struct Port {
  std::vector<std::size_t> shape;
  std::vector<std::string> axes;  ///< names of the axes
  std::string unit = "1";
  std::string description = {};
};

/// Names, units and design values of the parameters that a model has for each element.
struct Design {
  std::vector<std::string> parameters, units;
  std::vector<double> values;
};

/// The ambient temperature around a chip: its reference, and how it moves.
struct Climate {
  double reference_temperature_c = 22;
  double jitter_k = 0.01;                        ///< with a controller: standard deviation of the jitter
  double walk_time_s = 600, walk_sigma_k = 0.8;  ///< without one: Ornstein-Uhlenbeck walk
};

/// Heater power of the layers while one sample is computed.
struct Heat {
  double always_mw = 0;  ///< of heaters that stay on while other layers compute
  /// Energy of heaters that are on only while their own part of a sample is computed.
  double changing_mw_us = 0;
  double largest_part_mw = 0;  ///< the largest power of the latter at any moment
  double time_us = 0;          ///< time that a sample takes
};

/// Settings of a random start.
struct StartSettings {
  double spread = 0.3;  ///< standard deviation of weights, or of phases (rad)
  /// Which of two controls that give the same weight is taken: lower, upper or both.
  std::string flank = "both";
};

/// The matrix of another network's layer that controls are to reproduce, and what is known about it.
struct StartTarget {
  ConstMatrixView<float> matrix = ConstMatrixView<float>(nullptr, 0, 0);  ///< the matrix as stored
  const class LayerPlan* plan = nullptr;  ///< plan of the layer that had the matrix; null if it was digital
  Index kept = 0;                         ///< number of outputs of this layer that its network uses
  bool squared_next = false;              ///< whether the other network squares the product
  std::string name;                       ///< name of the other layer
};

/// How well a matrix was reproduced.
struct StartOutcome {
  bool fits = false;   ///< whether the sizes agree; if not, nothing was done
  float scale = 1;     ///< output of this layer divided by that of the other one
  bool linear = true;  ///< whether the output is a multiple of the product, so that a bias can follow
  std::vector<std::string> remarks = {};
};

/// One call of a layer on a device: its map and operating point, the signals as modulated, and its full
/// scale.
struct Call {
  TransferMap<float>& map;
  OperatingPoint<float> at;
  ConstMatrixView<float> inputs;
  double full_scale;
  std::atomic<double>* sizes = nullptr;  ///< [sample]: where KnownSamples keeps them, or null
};

/// One layer on a platform. A plan is constant after it was made.
class LayerPlan {
 public:
  virtual ~LayerPlan() = default;

  // What the layer is
  [[nodiscard]] virtual const Platform& platform() const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;  ///< "WORD1": the platform's word and a number
  /// Outputs × inputs; of fields, the amplitudes are counted.
  [[nodiscard]] virtual std::pair<Index, Index> size() const = 0;
  /// Number of real values of an input signal.
  [[nodiscard]] virtual Index inputs() const { return size().second; }
  /// Number of real values behind the detectors.
  [[nodiscard]] virtual Index outputs() const { return size().first; }
  /// Whether inputs below 0 are possible.
  [[nodiscard]] virtual bool takes_negative_inputs() const { return true; }
  /// Whether the outputs pass on as light (Detection::field).
  [[nodiscard]] virtual bool gives_field() const { return false; }
  /// Name of its chip. Layers with equal keys share one chip.
  [[nodiscard]] virtual std::string chip_key() const { return name(); }
  [[nodiscard]] virtual Port controls_port() const = 0;
  [[nodiscard]] virtual Port weights_port() const = 0;  ///< the map's matrix, as stored
  [[nodiscard]] virtual Index controls() const = 0;     ///< number of control parameters
  /// Whether controls are angles, of which whole turns do not matter.
  [[nodiscard]] virtual bool periodic() const { return false; }
  /// Number of inputs that an output sums, for the initial value of the gain behind the layer.
  [[nodiscard]] virtual double fan_in() const { return double(size().second); }
  [[nodiscard]] virtual bool equals(const LayerPlan& other) const = 0;

  // What acts on the layer
  /// Names of the system parameters that change its matrix.
  [[nodiscard]] virtual std::vector<std::string> followed() const = 0;
  /// Complaints about values of `system` that are impossible for this layer; empty when fine.
  [[nodiscard]] virtual std::vector<std::string> complaints_about(const System&) const { return {}; }
  /// Reasons why no chip of this process can carry the layer, each with what to do; empty when fine.
  [[nodiscard]] virtual std::vector<std::string> complaints_about(const Process&) const { return {}; }

  // Its chip: the hidden values of a device, and the map with the full physics (crosstalk, loss, fabrication
  // errors)
  /// Number of values that its chip has of each field of Platform::truth_fields().
  [[nodiscard]] virtual std::vector<std::size_t> truth_sizes() const = 0;
  /// The chip as designed, without spread.
  [[nodiscard]] virtual Truth nominal_truth(const Process& process) const = 0;
  [[nodiscard]] virtual Truth draw_truth(const Process& process, const DrawAddress& address) const = 0;
  virtual void make_device_map(const Process& process, const Truth& truth,
                               std::unique_ptr<TransferMap<float>>& map) const = 0;
  virtual void make_device_map(const Process& process, const Truth& truth,
                               std::unique_ptr<TransferMap<double>>& map) const = 0;
  /// Replaces the chip of a device map by another one sampled from the process, without allocating map
  /// memory.
  virtual void redraw(TransferMap<float>& map, const Process& process, const DrawAddress& address) const = 0;

  // What a model knows of the chip
  /// Names of the chip's elements, in their order.
  [[nodiscard]] virtual std::vector<std::string> element_names() const = 0;
  [[nodiscard]] virtual Design design(const Process& process) const = 0;
  virtual void make_model_map(const Process& process, const ChipModel& chip, std::size_t device,
                              std::unique_ptr<TransferMap<float>>& map) const = 0;
  virtual void make_model_map(const Process& process, const ChipModel& chip, std::size_t device,
                              std::unique_ptr<TransferMap<double>>& map) const = 0;

  // The hardware around the chip
  /// The source that drives the controls; `bits` replaces the resolution of the process.
  [[nodiscard]] virtual Source source(const Process& process, std::optional<double> bits) const = 0;
  /// Full scale of the detectors: the largest output of a sample that uses the full range of its modulators.
  /// A calibration fixes it once for each device, and later signals do not change it. `map` is the map of the
  /// device, whose last evaluation is lost.
  [[nodiscard]] virtual double full_scale(TransferMap<float>& map) const = 0;
  /// Writes to `shown` the inputs as the modulators show them to the chip; returns false, and writes nothing,
  /// if they show them unchanged.
  virtual bool modulate(const Process&, const Truth&, ConstMatrixView<float>, MatrixView<float>) const {
    return false;
  }
  /// Standard deviation of the read-out noise on each output of a call, into `sigma` [batch, outputs];
  /// returns false if there is no noise. `noise` replaces the read-out noise of the process (a fraction of
  /// full scale).
  ///
  /// The caller scales every sample to the full range of the modulators and scales the detectors' outputs
  /// back (adaptive block floating point: Basumallik et al., arXiv 2205.06287). The noise is therefore that
  /// fraction of full_scale() times the size of the sample, and does not depend on the other samples of the
  /// call.
  virtual bool readout_sigma(const Process& process, std::optional<double> noise, const Call& call,
                             MatrixView<float> sigma) const = 0;
  /// Number of read-outs for a sample, if its inputs have both signs or not.
  [[nodiscard]] virtual int readouts(bool /*both_signs*/) const { return 1; }
  /// Adds the heater power of the controls at nominal values, for a sample that is read `readouts` times.
  virtual void add_heat(const Process&, std::span<const float> /*controls*/, int /*readouts*/, Heat&) const {}
  /// The ambient temperature around it; empty for a layer without temperature dependence.
  [[nodiscard]] virtual std::optional<Climate> climate(const Process&) const { return std::nullopt; }

  // How signals pass the layer
  /// Makes the way of signals in training: the product with the layer's matrix, unless the platform overrides
  /// it.
  virtual void make_transmission(Index max_batch, std::unique_ptr<Transmission<float>>& made) const;
  virtual void make_transmission(Index max_batch, std::unique_ptr<Transmission<double>>& made) const;
  /// On a device: inputs [batch, inputs()] → outputs [batch, outputs()], with the stored weights of its map.
  /// A row of outputs depends on its own row of inputs alone, to the bit: not on threads, on the other
  /// samples of the batch, or on their order.
  virtual void transmit(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                        MatrixView<float> outputs) const;
  /// The gradient of transmit(): from ∂L/∂outputs [batch, outputs()], ∂L/∂weights as stored.
  virtual void transmit_back(ConstMatrixView<float> weights, ConstMatrixView<float> inputs,
                             ConstMatrixView<float> by_outputs, MatrixView<float> by_weights) const;

  // Where a training starts
  /// Random controls to start from. `map` is the map of the model; `stream` addresses two streams of random
  /// numbers, its own number and the next.
  virtual void start(TransferMap<float>& map, const Process& process, const StartSettings& settings,
                     const Stream& stream, std::span<float> controls) const = 0;
  /// Controls that reproduce `target` as closely as the layer can.
  virtual StartOutcome start_from(TransferMap<float>& map, const Process& process,
                                  const StartSettings& settings, const Stream& stream,
                                  const StartTarget& target, std::span<float> controls) const = 0;
};

/// The plan of a layer on any platform, as a value that can be copied.
class AnyPlan {
 public:
  AnyPlan(std::shared_ptr<const LayerPlan> plan)  // NOLINT(google-explicit-constructor): is one
      : plan_(std::move(plan)) {}
  const LayerPlan* operator->() const { return plan_.get(); }
  const LayerPlan& operator*() const { return *plan_; }
  operator const LayerPlan&() const { return *plan_; }  // NOLINT(google-explicit-constructor): is one
  friend bool operator==(const AnyPlan& a, const AnyPlan& b) { return a.plan_->equals(*b.plan_); }

 private:
  std::shared_ptr<const LayerPlan> plan_;
};

template <class Real>
std::unique_ptr<TransferMap<Real>> make_device_map(const LayerPlan& plan, const Process& process,
                                                   const Truth& truth) {
  std::unique_ptr<TransferMap<Real>> map;
  plan.make_device_map(process, truth, map);
  return map;
}

/// Throws InternalError if the number of hidden values is not that of the plan's chip.
void check_truth(const LayerPlan& plan, const Truth& truth);

/// For each plan, the number of its chip among the distinct chips, in order of first use. It addresses random
/// samples that layers on one chip share.
std::vector<std::uint16_t> chip_numbers(const std::vector<AnyPlan>& plans);

/// Names of all conditions that act on a layer: the system parameters that it follows, and the response
/// offset of its platform. (The other conditions, of sources and read-outs, act on every layer.)
std::vector<std::string> conditions_of(const LayerPlan& plan);

/// Whether a system parameter changes the matrix of a layer.
bool acts_on(const SystemParameter& parameter, const LayerPlan& plan);
/// Throws UsageError, naming `option`, if a system parameter acts on none of the layers.
void check_system_parameter(const SystemParameter& parameter, const std::vector<AnyPlan>& plans,
                            const std::string& option);
/// Appends to `wrong` a complaint if the shifts of `system` exceed the plane of `width` × `height` pixels of
/// layer `name`.
void check_shifts(const System& system, const std::string& name, Index width, Index height,
                  std::vector<std::string>& wrong);

/// The ambient temperature of the first layer that has one. If none has, a laboratory with a temperature
/// controller is assumed.
Climate climate_of(const std::vector<AnyPlan>& plans, const Process& process);

/// The controls of each layer in `controls`, which holds those of all layers one after the other.
template <class Value>
std::vector<std::span<Value>> by_layer(const std::vector<AnyPlan>& plans, std::span<Value> controls) {
  std::vector<std::span<Value>> parts;
  for (const LayerPlan& plan : plans) {
    require(std::size_t(plan.controls()) <= controls.size(), "controls of every layer");
    parts.push_back(controls.first(std::size_t(plan.controls())));
    controls = controls.subspan(parts.back().size());
  }
  require(controls.empty(), "controls of no other layer");
  return parts;
}

/// Controls with which the chip is driven if `requested` is commanded: angles are wrapped into one turn, then
/// the source rounds and limits. Everything else that acts on a control is added afterwards (the order for
/// every platform: lib/README.md).
void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven);

/// Heater power of a network while it computes, at nominal values.
struct HeaterUse {
  double mean_mw = 0;     ///< mean over the time of a sample
  double largest_mw = 0;  ///< largest at any moment
  double energy_uj = 0;   ///< of one sample
};
/// For layers that compute one after the other. `readouts`: number of read-outs of each layer for a sample.
HeaterUse heater_use(const std::vector<AnyPlan>& plans, const Process& process,
                     const std::vector<std::span<const float>>& controls, const std::vector<int>& readouts);

std::vector<std::string> layer_names(const std::vector<AnyPlan>& plans);

/// For each of `names`, whether the comma list (--only-layers) names it; an empty list names all. Throws
/// UsageError, naming the nearest name, for an unknown one.
std::vector<bool> select_layers(const std::vector<std::string>& names, const std::string& list);

}  // namespace pnn::platform
