#include "pnn/device/guard.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/numbers.hpp"
#include "pnn/platform/bounds.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::device {

namespace {

void tighten(LayerPort& port, const platform::OwnersLimits& limits) {
  const double lower = std::max(port.lower, limits.lower), upper = std::min(port.upper, limits.upper);
  if (!(lower <= upper)) {
    throw UsageError("--limits: " + format_number(limits.lower) + ":" + format_number(limits.upper) +
                     " leaves nothing of the range of layer " + port.plan->name() + ", which is " +
                     format_number(port.lower) + ":" + format_number(port.upper) + " " +
                     port.plan->controls_port().unit);
  }
  platform::within(lower, upper, "--limits: layer " + port.plan->name());
  port.lower = lower, port.upper = upper;
}

class GuardedDevice final : public Device {
 public:
  GuardedDevice(std::unique_ptr<Device> device, const GuardSettings& settings, GuardTally* tally,
                std::function<bool()> stop)
      : device_(std::move(device)),
        ports_(device_->layers()),
        slew_(settings.slew),
        tally_(tally),
        stop_(std::move(stop)) {
    std::vector<platform::AnyPlan> plans;
    for (const LayerPort& port : ports_) plans.push_back(port.plan);
    for (const std::string& text : settings.limits) {
      const platform::OwnersLimits limits = platform::parse_limits(text, plans);
      for (LayerPort& port : ports_)
        if (limits.layer.empty() || limits.layer == port.plan->name()) tighten(port, limits);
    }
    for (const LayerPort& port : ports_) {
      last_.emplace_back(std::size_t(port.plan->controls()), safe_of(last_.size()));
      limited_.push_back(port.lower > device_->layers()[limited_.size()].lower ||
                         port.upper < device_->layers()[limited_.size()].upper);
      check_slew(port);
    }
  }

  [[nodiscard]] const std::vector<LayerPort>& layers() const override { return ports_; }

  void set_controls(std::size_t layer, std::span<const float> controls) override {
    if (layer >= ports_.size())
      return device_->set_controls(layer, controls);  // the device reports the error
    require(controls.size() == last_[layer].size(), "device: as many controls as the layer has");
    check_controls(ports_[layer].plan->name(), controls);
    target_.assign(controls.begin(), controls.end());
    const LayerPort& port = ports_[layer];
    const std::uint64_t clipped = platform::project(target_, port.lower, port.upper, port.plan->periodic());
    if (tally_ != nullptr && limited_[layer]) tally_->clipped += clipped;
    if (slew_) {
      steps_between(std::vector<float>(last_[layer]), target_, *slew_, [&](const std::vector<float>& step) {
        if (stop_ && stop_()) throw Interrupted("asked to stop on the way to new controls (--slew)");
        set(layer, step);
      });
    }
    set(layer, target_);
  }

  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    run_checked(layer, inputs, outputs, [&] { device_->run(layer, inputs, outputs); });
  }
  void run_samples(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs,
                   std::uint64_t first) override {
    run_checked(layer, inputs, outputs, [&] { device_->run_samples(layer, inputs, outputs, first); });
  }
  void vouch(platform::KnownSamples& samples) override {
    vouched_ = &samples;
    device_->vouch(samples);
  }
  void wait(double seconds) override { device_->wait(seconds); }
  [[nodiscard]] bool has_sensor(std::string_view sensor) const override {
    return device_->has_sensor(sensor);
  }
  double read(std::string_view sensor) override { return device_->read(sensor); }
  void impose(const Conditions& conditions) override { device_->impose(conditions); }
  void catch_up(std::uint64_t calls, double waited_s) override { device_->catch_up(calls, waited_s); }
  void make_safe() override {
    device_->make_safe();
    for (std::size_t layer = 0; layer < ports_.size(); ++layer)
      std::fill(last_[layer].begin(), last_[layer].end(), safe_of(layer));
  }

 private:
  /// The one way to a device's outputs.
  template <class Run>
  void run_checked(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs,
                   const Run& run) {
    const bool vouched = vouched_ != nullptr && vouched_->contain(inputs);
    if (layer < ports_.size() && !vouched) check_inputs(ports_[layer].plan->name(), inputs);
    run();
    calls_ = device_->calls();
    check_outputs(ports_.at(layer).plan->name(), {outputs.data(), std::size_t(outputs.size())});
  }
  [[nodiscard]] float safe_of(std::size_t layer) const {
    return safe_control(device_->layers()[layer], ports_[layer]);
  }
  void set(std::size_t layer, const std::vector<float>& controls) {
    device_->set_controls(layer, controls);
    last_[layer] = controls;
  }

  /// A step of a few distances between two floats at the far end of the range is the least that can be kept.
  void check_slew(const LayerPort& port) const {
    constexpr double steps = 4;
    const auto far = float(std::max({std::abs(port.lower), std::abs(port.upper), std::abs(port.safe)}));
    const double least =
        steps * (double(std::nextafter(far, std::numeric_limits<float>::infinity())) - double(far));
    if (slew_ && *slew_ < least)
      throw UsageError("--slew: layer " + port.plan->name() + " takes steps of " + format_number(least) +
                       " or more (controls are sent as numbers of 32 bits), found " + format_number(*slew_));
  }

  std::unique_ptr<Device> device_;
  std::vector<LayerPort> ports_;
  std::optional<double> slew_;
  GuardTally* tally_;
  std::vector<bool> limited_;  ///< by its owner, more than by itself
  std::vector<std::vector<float>> last_;
  std::vector<float> target_;
  const platform::KnownSamples* vouched_ = nullptr;
  std::function<bool()> stop_;
};

}  // namespace

void describe_limits(Options& o, std::vector<std::string>& limits) {
  o.list("limits", limits, "[LAYER=]LOWER:UPPER",
         "range of the controls of a layer, or of all, as 0:4.5 (mA, rad, 1) or LAYER=0:3.14, on a model as "
         "on a "
         "device: what is asked for beyond it, or beyond the range that the device declares, is held at its "
         "end");
}

void GuardSettings::describe(Options& o) {
  describe_limits(o, limits);
  o.number("slew", slew, "STEP",
           "largest change of a control from one setting to the next (mA, rad, 1); larger ones are made in "
           "equal steps, also from and to the safe values and when a driver was started anew",
           Limits::positive());
}

float safe_control(const LayerPort& own, const LayerPort& narrowed) {
  const bool allowed = narrowed.lower <= own.safe && own.safe <= narrowed.upper;
  const LayerPort& port = allowed ? narrowed : own;
  const platform::FloatRange range = platform::inwards(port.lower, port.upper);
  return std::clamp(float(own.safe), range.lower, std::max(range.lower, range.upper));
}

std::unique_ptr<Device> guarded(std::unique_ptr<Device> device, const GuardSettings& settings,
                                GuardTally* tally, std::function<bool()> stop) {
  return std::make_unique<GuardedDevice>(std::move(device), settings, tally, std::move(stop));
}

}  // namespace pnn::device
