#include "pnn/device/driven_device.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "pnn/core/deadline.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/device/numbers.hpp"

namespace pnn::device {
namespace {

/// The calls of a device as questions, and what has to be said again to a driver that was started anew.
class DrivenDevice final : public Device {
 public:
  DrivenDevice(Connection& connection, std::size_t number, std::vector<platform::AnyPlan> plans,
               std::vector<ControlConversion> conversions)
      : connection_(connection),
        number_(number),
        slew_(connection.settings().guard.slew),
        conversions_(std::move(conversions)) {
    connection_.attempts([&] { connection_.connect(number_); }, [] {});
    const Offer& offer = connection_.offer();
    for (std::size_t k = 0; k < plans.size(); ++k) {
      const LayerOffer& layer = offer.layers.at(k);
      const auto own = [&](double value) { return converts(k) ? conversions_[k].from_driver(value) : value; };
      ports_.push_back({std::move(plans[k]), own(layer.lower), own(layer.upper), own(layer.safe)});
    }
    set_.resize(ports_.size());
    at_.resize(ports_.size());
    unsure_.resize(ports_.size());
    narrow(ports_);
    if (offer.clock) imposed_ = Json::object();  // the conditions of a newly opened device
  }

  ~DrivenDevice() override {
    if (!connection_.is_open()) return;  // the destructor of the connection ends the driver
    try {
      connection_.hear_out();
      ramp_down();
      static_cast<void>(connection_.ask({Json{{"do", "safe"}}}, connection_.settings().grace_s));
    } catch (...) {  // NOLINT(bugprone-empty-catch): the channel is closed now, and bye tries again
    }
  }
  DrivenDevice(const DrivenDevice&) = delete;
  DrivenDevice& operator=(const DrivenDevice&) = delete;

  [[nodiscard]] const std::vector<LayerPort>& layers() const override { return ports_; }

  /// The range of its owner, in which it stays also where it moves on its own.
  void narrow(const std::vector<LayerPort>& ports) {
    safe_.clear();
    for (std::size_t k = 0; k < ports_.size(); ++k) safe_.push_back(safe_control(ports_[k], ports[k]));
  }

  void set_controls(std::size_t layer, std::span<const float> controls) override {
    const std::size_t number = at(layer);
    if (std::equal(controls.begin(), controls.end(), set_[number].begin(), set_[number].end())) return;
    persist([&] { send_controls(number, controls); });
    set_[number].assign(controls.begin(), controls.end());
    since_set_s_ = 0;
  }

  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    run(layer, inputs, outputs, std::nullopt);
  }
  void run_samples(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs,
                   std::uint64_t first) override {
    run(layer, inputs, outputs, first);
  }

  /// `first`: number of the first sample, which a bench has no use for.
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs,
           std::optional<std::uint64_t> first) {
    const platform::LayerPlan& plan = ports_[at(layer)].plan;
    require(
        inputs.cols() == plan.inputs() && outputs.cols() == plan.outputs() && inputs.rows() == outputs.rows(),
        "device: inputs [batch, in] and outputs [batch, out] of the layer");
    const std::vector<std::size_t> sent{std::size_t(inputs.rows()), std::size_t(inputs.cols())},
        expected{std::size_t(outputs.rows()), std::size_t(outputs.cols())};
    if (outputs.size() == 0) return;
    check_inputs(plan.name(), inputs);
    Json fields{{"do", "run"}, {"layer", layer}};
    if (first && connection_.offer().clock) fields["first"] = *first;
    const Question question{std::move(fields), sent, {inputs.data(), std::size_t(inputs.size())}, expected};
    persist([&] {
      const Message answer = connection_.ask(question);
      check_outputs(plan.name(), answer.values);
      std::copy(answer.values.begin(), answer.values.end(), outputs.data());
    });
    ++calls_;
    ++ticks_;
  }

  void wait(double seconds) override {
    if (!(seconds >= 0) || !std::isfinite(seconds)) {
      throw UsageError("wait: expected a time of 0 s or more, found " + format_number(seconds));
    }
    if (connection_.offer().clock) {
      persist([&] { send_wait(seconds); });
      waited_s_ += seconds;
    } else {
      settle(seconds);
      since_set_s_ += seconds;
    }
  }

  [[nodiscard]] bool has_sensor(std::string_view sensor) const override {
    const std::vector<std::string>& known = connection_.offer().sensors;
    return std::find(known.begin(), known.end(), sensor) != known.end();
  }
  double read(std::string_view sensor) override {
    const std::vector<std::string>& known = connection_.offer().sensors;
    if (!has_sensor(sensor)) {
      throw UsageError("sensor \"" + std::string(sensor) + "\": the driver has " +
                       (known.empty() ? "no sensor" : join(known, ", ")));
    }
    double value = 0;
    persist([&] {
      const Message answer = connection_.ask({Json{{"do", "read"}, {"sensor", sensor}}});
      const auto found = answer.fields.find("value");
      if (found == answer.fields.end() || !found->is_number())
        throw DeviceError("sensor " + std::string(sensor) + ": no number in the answer");
      value = found->get<double>();
      check_reading(sensor, value);
    });
    return value;
  }

  void impose(const Conditions& conditions) override {
    check_conditions(conditions, plans_of(*this));
    const Offer& offer = connection_.offer();
    const Json wanted = to_json(conditions, offer.clock), without_time = to_json(conditions, false);
    std::vector<std::string> refused;
    for (const auto& [key, value] : without_time.items()) {
      if (std::find(offer.conditions.begin(), offer.conditions.end(), key) == offer.conditions.end())
        refused.push_back(key);
    }
    if (!refused.empty())
      throw UsageError("the driver cannot impose " + join(refused, ", ") + " (it offers " +
                       (offer.conditions.empty() ? "no conditions" : join(offer.conditions, ", ")) + ")");
    if (offer.conditions.empty()) return;
    persist([&] { send_conditions(wanted); });
    imposed_ = wanted;
    dt_s_ = conditions.dt_s;
    ticks_ = 0;
    waited_s_ = 0;
  }

  void catch_up(std::uint64_t calls, double waited_s) override {
    if (!connection_.offer().clock) return;
    persist([&] {
      send_wait(double(calls) * dt_s_);
      send_wait(waited_s);
    });
    ticks_ += calls;
    waited_s_ += waited_s;
  }

  void make_safe() override {
    persist([&] { static_cast<void>(connection_.ask({Json{{"do", "safe"}}})); });
    for (auto* all : {&set_, &at_})
      for (std::vector<float>& controls : *all) controls.clear();
    unsure_.assign(ports_.size(), false);
  }

 private:
  [[nodiscard]] std::size_t at(std::size_t layer) const {
    if (layer >= ports_.size()) {
      throw UsageError("layer " + std::to_string(layer) + ": the device has " +
                       std::to_string(ports_.size()) + " layer(s)");
    }
    return layer;
  }

  void send_controls(std::size_t layer, std::span<const float> controls) {
    unsure_[layer] = true;
    const std::vector<float> converted =
        converts(layer) ? in_driver_unit(layer, controls) : std::vector<float>();
    const std::span<const float> sent = converts(layer) ? std::span<const float>(converted) : controls;
    static_cast<void>(connection_.ask({Json{{"do", "set"}, {"layer", layer}}, {sent.size()}, sent}));
    at_[layer].assign(controls.begin(), controls.end());
    unsure_[layer] = false;
  }
  void send_wait(double seconds) {
    static_cast<void>(connection_.ask({Json{{"do", "wait"}, {"seconds", seconds}}}));
  }
  void send_conditions(const Json& conditions) {
    static_cast<void>(connection_.ask({Json{{"do", "impose"}, {"conditions", conditions}}}));
  }

  template <class Work>
  void persist(const Work& work) {
    connection_.attempts(work, [&] { restore(); });
  }

  [[nodiscard]] std::vector<float> safe_controls(std::size_t layer) const {
    return std::vector<float>(std::size_t(ports_[layer].plan->controls()), safe_.at(layer));
  }

  /// Sends controls, where the guard has a slew limit in steps of it from where this driver is. `may_go_on`
  /// is asked before each.
  template <class MayGoOn>
  void move(std::size_t layer, const std::vector<float>& to, const MayGoOn& may_go_on) {
    const auto send = [&](const std::vector<float>& step) {
      if (may_go_on()) send_controls(layer, step);
    };
    const std::vector<float> from = at_[layer].empty() ? safe_controls(layer) : at_[layer];
    // a refused setting may have been applied nevertheless; either way it is one step from the setting before
    if (slew_ && unsure_[layer]) send(from);
    if (slew_) steps_between(from, to, *slew_, send);
    send(to);
  }

  /// To the safe values as slowly as the guard moves. A run that is to stop has the grace time for it; then,
  /// and where the driver fails, all goes there at once.
  void ramp_down() {
    if (!slew_) return;
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::duration<double> grace(connection_.settings().grace_s);
    for (std::size_t layer = 0; layer < ports_.size(); ++layer) {
      if (at_[layer].empty() && !unsure_[layer]) continue;
      move(layer, safe_controls(layer),
           [&] { return !connection_.stop_requested() || std::chrono::steady_clock::now() - start < grace; });
    }
  }

  /// Brings a driver that was started anew to where its predecessor was, and goes on with that where it
  /// failed on the way; a virtual clock also where all is in place, since the call that failed may have moved
  /// it.
  void restore() {
    const bool clock = connection_.offer().clock;
    if (!connection_.is_open()) {
      at_.assign(ports_.size(), {});
      unsure_.assign(ports_.size(), false);
      restored_ = false;
      connection_.connect(number_);
    }
    if (restored_ && !clock) return;
    restored_ = false;
    if (!imposed_.is_null()) send_conditions(imposed_);
    for (std::size_t layer = 0; layer < ports_.size(); ++layer)
      if (!set_[layer].empty()) move(layer, set_[layer], [this] { return is_to_go_on(); });
    if (clock) {
      send_wait(double(ticks_) * dt_s_);
      send_wait(waited_s_);
    } else {
      settle(since_set_s_);
    }
    restored_ = true;
  }

  /// Lets time pass on a bench, whose clock is that of the wall; Interrupted when asked to stop meanwhile.
  void settle(double seconds) const {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds slice{100};
    const Clock::time_point end = deadline_after(Clock::now(), seconds);
    for (Clock::time_point now = Clock::now(); now < end; now = Clock::now()) {
      if (connection_.stop_requested()) throw Interrupted("asked to stop while the device settled");
      std::this_thread::sleep_for(std::min<Clock::duration>(slice, end - now));
    }
  }

  /// True, or Interrupted: the way back may be long.
  [[nodiscard]] bool is_to_go_on() const {
    if (connection_.stop_requested()) throw Interrupted("asked to stop on the way back to the controls");
    return true;
  }

  [[nodiscard]] bool converts(std::size_t layer) const {
    return !conversions_.empty() && conversions_[layer].to_driver;
  }
  /// Controls as the driver takes them: in its unit, and within its range.
  [[nodiscard]] std::vector<float> in_driver_unit(std::size_t layer, std::span<const float> controls) const {
    const LayerOffer& offer = connection_.offer().layers.at(layer);
    const platform::FloatRange range = platform::inwards(offer.lower, offer.upper);
    std::vector<float> out;
    out.reserve(controls.size());
    for (const float control : controls)
      out.push_back(
          std::clamp(float(conversions_[layer].to_driver(double(control))), range.lower, range.upper));
    return out;
  }

  Connection& connection_;
  std::size_t number_;
  std::optional<double> slew_;
  std::vector<ControlConversion> conversions_;  ///< of each layer, or none
  std::vector<LayerPort> ports_;
  std::vector<float> safe_;              ///< of every control of a layer, as it is sent
  std::vector<std::vector<float>> set_;  ///< controls as last set, empty before
  std::vector<std::vector<float>> at_;   ///< controls that this driver has taken, empty where it is safe
  std::vector<bool> unsure_;             ///< whether it has taken a setting that it did not answer well
  bool restored_ = true;                 ///< it is where its predecessor was
  Json imposed_;                         ///< null where nothing was
  double dt_s_ = Conditions{}.dt_s;
  std::uint64_t ticks_ = 0;                ///< calls since the conditions were imposed
  double waited_s_ = 0, since_set_s_ = 0;  ///< waits since then; since controls were set
};

}  // namespace

std::unique_ptr<Device> open_driven(Connection& connection, std::size_t number,
                                    std::vector<platform::AnyPlan> plans,
                                    std::vector<ControlConversion> conversions, GuardTally& tally) {
  auto device = std::make_unique<DrivenDevice>(connection, number, std::move(plans), std::move(conversions));
  DrivenDevice& behind = *device;
  auto guard = guarded(std::move(device), connection.settings().guard, &tally,
                       [&connection] { return connection.stop_requested(); });
  behind.narrow(guard->layers());
  return guard;
}

}  // namespace pnn::device
