#include "pnn/device/driver.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>
#include <utility>

#include "pnn/core/deadline.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/printable.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/device/channel.hpp"
#include "pnn/device/child.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/device/messages.hpp"
#include "pnn/device/numbers.hpp"

namespace pnn::device {

namespace {

constexpr std::string_view driver_prefix = "exec:";

/// What an answer holds beside its array is small; an offer has a process, a history, numbers of devices.
constexpr std::size_t most_answer_bytes = std::size_t{1} << 20U, most_offer_bytes = std::size_t{1} << 23U;
/// As much of what a driver says went wrong is passed on.
constexpr std::size_t most_words = 1000;

struct Question {
  Json fields;
  std::vector<std::size_t> shape = {};
  std::span<const float> values = {};
  std::vector<std::size_t> expected = {};      ///< shape of the answer's array; empty: none
  std::size_t most_bytes = most_answer_bytes;  ///< of the answer, beside its array
};

/// All that a run has come to rely on.
bool same_hardware(const Offer& a, const Offer& b) {
  const Json first = to_json(a), second = to_json(b);
  return std::ranges::all_of(std::array{"layers", "sensors", "conditions", "clock", "states"},
                             [&](const char* key) { return first.at(key) == second.at(key); });
}

std::size_t numbers_in(const std::vector<std::size_t>& shape) {
  std::size_t count = shape.empty() ? 0 : 1;
  for (const std::size_t size : shape) count *= size;
  return count;
}

}  // namespace

bool is_driver(const std::string& device) {
  return device.starts_with(driver_prefix);
}

std::string driver_command(const std::string& device) {
  require(is_driver(device), "a driver is named by its command");
  return device.substr(driver_prefix.size());
}

void DriverSettings::describe(Options& o) {
  o.number("device-timeout", timeout_s, "S", "time that a driver has for an answer (s)", Limits::positive())
      .role = Option::Role::transport;
  o.integer(
       "device-retries", retries, "N",
       "how often a driver is asked again that fails, answers nonsense or does not answer; it is started "
       "anew where that is needed",
       Limits::between(0, 1000))
      .role = Option::Role::transport;
  o.number("device-grace", grace_s, "S",
           "time that a driver has to bring its device to the safe state: for its answer to bye, and from "
           "SIGTERM to SIGKILL where it does not end (s)",
           Limits::positive())
      .role = Option::Role::transport;
  guard.describe(o);
}

/// The program, the channel to it, and how to come by another one.
class Driver::Connection {
 public:
  Connection(std::string command, const DriverSettings& settings, DriverHooks hooks)
      : command_(std::move(command)), settings_(settings), hooks_(std::move(hooks)) {
    if (trim(command_).empty()) throw UsageError("exec: names no command; expected exec:COMMAND, a driver");
    try {
      attempts([&] { connect(std::nullopt); }, [] {});
    } catch (const DeviceError& error) {
      if (answered_) throw;
      throw UsageError(std::string(error.what()) +
                       "; it has never answered as a driver does: is it one? (scripts/README.md)");
    }
  }

  ~Connection() {
    try {
      take_leave();
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory left to say a word with
    }
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] const Offer& offer() const { return offer_; }
  [[nodiscard]] std::uint64_t retries() const { return retries_; }
  [[nodiscard]] double timeout_s() const { return settings_.timeout_s; }
  [[nodiscard]] double grace_s() const { return settings_.grace_s; }
  [[nodiscard]] std::optional<double> slew() const { return settings_.guard.slew; }
  [[nodiscard]] bool stop_requested() const { return hooks_.stop_requested && hooks_.stop_requested(); }
  /// What is asked from now on is asked for the last time, and heard out although the run is to stop.
  void hear_out() {
    if (open_) open_->heed({});
  }

  /// Starts the driver anew where it is not there, and says hello. Throws RunError where its offer has
  /// changed.
  void connect(std::optional<std::size_t> number) {
    number_ = number;
    if (!open_) {
      require(!child_, "a driver is started when nothing is left of the one before");
      greeted_ = false;
      child_.emplace(command_, settings_.grace_s);
      open_.emplace(child_->output(), child_->input());
      form_ = ArrayForm::base64;
    }
    open_->heed(leaving_ ? nullptr : hooks_.stop_requested);
    Json hello{{"do", "hello"},
               {"versions", {oldest_protocol, newest_protocol}},
               {"arrays", {"raw", "base64"}},
               {"client", "pnntools " + std::string(version())}};
    if (number) hello["device"] = *number;
    Question question{std::move(hello)};
    question.most_bytes = most_offer_bytes;
    const Message answer = ask(question, leaving_ ? settings_.grace_s : settings_.timeout_s);
    Offer offer = offer_of(answer.fields);
    if (!leaving_ && !offer_.layers.empty() && !same_hardware(offer, offer_))
      throw RunError(command_ + ": said another thing of its hardware when it was asked again; start anew");
    offer_ = std::move(offer);
    if (offer_.version < oldest_protocol || offer_.version > newest_protocol)
      throw UsageError(command_ + ": speaks version " + std::to_string(offer_.version) +
                       " of the driver protocol, this program " + std::to_string(oldest_protocol) + " to " +
                       std::to_string(newest_protocol) + "; bring the older of the two up to date");
    const auto form = answer.fields.find("arrays");
    form_ = form != answer.fields.end() && *form == "raw" ? ArrayForm::raw : ArrayForm::base64;
    greeted_ = true;
  }

  /// One attempt of one question. Throws DeviceError, and BrokenChannel after which there is no channel.
  Message ask(const Question& question, double seconds) {
    try {
      return exchange(question, seconds);
    } catch (const BrokenChannel& error) {
      throw BrokenChannel(std::string(error.what()) + last_words());
    }
  }

  /// Whether it is there and has answered hello.
  [[nodiscard]] bool is_open() const { return open_ && greeted_; }

  /// Does `work` until it succeeds or nothing is left to try; `repair` goes before each further attempt.
  template <class Work, class Repair>
  void attempts(const Work& work, const Repair& repair) {
    for (int attempt = 0;; ++attempt) {
      try {
        if (attempt > 0) repair();
        return work();
      } catch (const DeviceError& error) {
        if (stop_requested())
          throw Interrupted(command_ + ": " + error.what() + ", and the run was asked to stop");
        if (attempt >= settings_.retries) {
          throw DeviceError(command_ + ": " + error.what() + " (" + std::to_string(attempt + 1) +
                            (attempt == 0 ? " attempt" : " attempts") +
                            "; see --device-timeout and --device-retries)");
        }
        ++retries_;
        notice(command_ + ": " + error.what() + "; trying again");
      }
    }
  }

 private:
  Message exchange(const Question& question, double seconds) {
    if (!open_) throw BrokenChannel("it is not there");
    Json fields = question.fields;
    const std::uint64_t id = ++asked_;
    fields["id"] = id;
    open_->limit(seconds);
    send(*open_, fields, form_, question.shape, question.values);
    const std::size_t expected = numbers_in(question.expected);
    std::optional<Message> answer = receive(*open_, {expected, question.most_bytes});
    if (!answer) throw BrokenChannel("it ended without an answer");
    const auto answered = answer->fields.find("id");
    if (answered == answer->fields.end() || *answered != id)
      throw BrokenChannel(
          "an answer to question " +
          (answered == answer->fields.end() ? std::string("without a number") : answered->dump()) +
          ", where " + std::to_string(id) + " was asked");
    answered_ = true;
    if (const auto error = answer->fields.find("error"); error != answer->fields.end()) {
      const std::string text =
          printable(error->is_string() ? error->get<std::string>()
                                       : error->dump(-1, ' ', false, Json::error_handler_t::replace),
                    most_words);
      const auto kind = answer->fields.find("kind");
      if (kind != answer->fields.end() && *kind == "usage") throw UsageError(command_ + ": " + text);
      throw DeviceError(text);
    }
    if (answer->shape != question.expected)
      throw DeviceError("an array of shape " + Json(answer->shape).dump() + ", where " +
                        Json(question.expected).dump() + " belongs");
    return std::move(*answer);
  }

  /// The driver makes the device safe and ends, or is ended; what fails is told.
  void take_leave() {
    leaving_ = true;
    try {
      if (stuck_) throw RunError("a driver that cannot be ended holds it");
      hear_out();
      if (!is_open()) connect(number_);  // hello brings the device to its safe state
      static_cast<void>(ask({Json{{"do", "bye"}}}, settings_.grace_s));
    } catch (const Error& error) {
      notice("the device may not be in its safe state: " + std::string(error.what()));
    }
    end();
  }

  /// Ends the driver with all that it started. Where that cannot be done no other may be started.
  void end() {
    open_.reset();
    if (!child_) return;
    stuck_ = !child_->finish();
    if (!stuck_) child_.reset();
  }

  /// Ends the driver; how it ended, if it says anything.
  std::string last_words() {
    open_.reset();
    std::string words;
    const auto status = child_->status(0.2);
    if (status && *status != 0)
      words = *status > 128 ? ", ended by signal " + std::to_string(*status - 128)
                            : ", exit status " + std::to_string(*status);
    end();
    if (stuck_)
      throw RunError(command_ +
                     ": it does not answer, and something of it stays although it was killed; nothing is "
                     "started beside it: look for its processes, and at what they wait for");
    if (!answered_ && (status == 127 || status == 126))
      throw UsageError(command_ + ": cannot be started" + words + "; is it installed, and on PATH?");
    return words;
  }

  void notice(const std::string& line) const {
    if (hooks_.notice) hooks_.notice(line);
  }

  std::string command_;
  DriverSettings settings_;
  DriverHooks hooks_;
  std::optional<Child> child_;
  std::optional<Channel> open_;
  ArrayForm form_ = ArrayForm::base64;
  std::uint64_t asked_ = 0, retries_ = 0;
  bool answered_ = false;  ///< at least once, as a driver does
  bool greeted_ = false;   ///< the driver that is there now
  bool leaving_ = false;   ///< the last questions are being asked
  bool stuck_ = false;     ///< it cannot be ended
  std::optional<std::size_t> number_;
  Offer offer_;
};

/// The calls of a device as questions, and what has to be said again to a driver that was started anew.
class Driver::DrivenDevice final : public Device {
 public:
  DrivenDevice(Connection& connection, std::size_t number, std::vector<platform::AnyPlan> plans)
      : connection_(connection), number_(number) {
    connection_.attempts([&] { connection_.connect(number_); }, [] {});
    const Offer& offer = connection_.offer();
    for (std::size_t k = 0; k < plans.size(); ++k) {
      const LayerOffer& layer = offer.layers.at(k);
      ports_.push_back({std::move(plans[k]), layer.lower, layer.upper, layer.safe});
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
      static_cast<void>(connection_.ask({Json{{"do", "safe"}}}, connection_.grace_s()));
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
      const Message answer = connection_.ask(question, connection_.timeout_s());
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

  double read(std::string_view sensor) override {
    const std::vector<std::string>& known = connection_.offer().sensors;
    if (std::find(known.begin(), known.end(), sensor) == known.end()) {
      throw UsageError("sensor \"" + std::string(sensor) + "\": the driver has " +
                       (known.empty() ? "no sensor" : join(known, ", ")));
    }
    double value = 0;
    persist([&] {
      const Message answer =
          connection_.ask({Json{{"do", "read"}, {"sensor", sensor}}}, connection_.timeout_s());
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
    persist([&] { static_cast<void>(connection_.ask({Json{{"do", "safe"}}}, connection_.timeout_s())); });
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
    static_cast<void>(connection_.ask({Json{{"do", "set"}, {"layer", layer}}, {controls.size()}, controls},
                                      connection_.timeout_s()));
    at_[layer].assign(controls.begin(), controls.end());
    unsure_[layer] = false;
  }
  void send_wait(double seconds) {
    static_cast<void>(connection_.ask({Json{{"do", "wait"}, {"seconds", seconds}}}, connection_.timeout_s()));
  }
  void send_conditions(const Json& conditions) {
    static_cast<void>(
        connection_.ask({Json{{"do", "impose"}, {"conditions", conditions}}}, connection_.timeout_s()));
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
    if (connection_.slew() && unsure_[layer]) send(from);
    if (connection_.slew()) steps_between(from, to, *connection_.slew(), send);
    send(to);
  }

  /// To the safe values as slowly as the guard moves. A run that is to stop has the grace time for it; then,
  /// and where the driver fails, all goes there at once.
  void ramp_down() {
    if (!connection_.slew()) return;
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::duration<double> grace(connection_.grace_s());
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

  Connection& connection_;
  std::size_t number_;
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

Driver::Driver(std::string command, DriverSettings settings, DriverHooks hooks)
    : settings_(std::move(settings)),
      connection_(std::make_unique<Connection>(std::move(command), settings_, std::move(hooks))) {}

Driver::~Driver() = default;

const Offer& Driver::offer() const {
  return connection_->offer();
}

std::uint64_t Driver::retries() const {
  return connection_->retries();
}

std::unique_ptr<Device> Driver::open(std::size_t number, std::vector<platform::AnyPlan> plans) {
  const std::vector<std::size_t> devices = offer().devices;
  if (number == 0 && devices.size() == 1) number = devices.front();
  if (std::find(devices.begin(), devices.end(), number) == devices.end()) {
    throw UsageError("--index: the driver has " + std::to_string(devices.size()) + " device(s), from " +
                     std::to_string(devices.front()) + " to " + std::to_string(devices.back()) + "; found " +
                     std::to_string(number));
  }
  if (const std::vector<std::string> wrong = misfits(offer(), plans); !wrong.empty())
    throw InputError("the driver " + offer().name +
                     " is not the hardware of this network: " + join(wrong, "; "));
  auto device = std::make_unique<DrivenDevice>(*connection_, number, std::move(plans));
  DrivenDevice& behind = *device;
  auto guard =
      guarded(std::move(device), settings_.guard, &tally_, [this] { return connection_->stop_requested(); });
  behind.narrow(guard->layers());
  return guard;
}

}  // namespace pnn::device
