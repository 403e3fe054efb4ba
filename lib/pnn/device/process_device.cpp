#include "pnn/device/process_device.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/device/channel.hpp"
#include "pnn/device/child.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/device/messages.hpp"

namespace pnn::device {

namespace {

constexpr std::string_view driver_prefix = "exec:";

/// A driver's last moments: it answers bye, brings its device to the safe state, and ends.
constexpr double farewell_s = 5, grace_s = 2;

struct Question {
  Json fields;
  std::vector<std::size_t> shape = {};
  std::span<const float> values = {};
  std::vector<std::size_t> expected = {};  ///< shape of the answer's array; empty: none
};

std::size_t numbers_in(const std::vector<std::size_t>& shape) {
  std::size_t count = shape.empty() ? 0 : 1;
  for (const std::size_t size : shape) count *= size;
  return count;
}

void sleep_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
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
  guard.describe(o);
}

/// The program, the channel to it, and how to come by another one.
class Driver::Connection {
 public:
  Connection(std::string command, const DriverSettings& settings, DriverHooks hooks)
      : command_(std::move(command)), settings_(settings), hooks_(std::move(hooks)) {
    attempts([&] { connect(std::nullopt); }, [] {});
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

  /// Starts the driver anew where it is not there, and says hello.
  void connect(std::optional<std::size_t> number) {
    number_ = number;
    if (!open_) {
      child_.emplace(command_);
      open_.emplace(child_->output(), child_->input(), hooks_.stop_requested);
      form_ = ArrayForm::base64;
    }
    Json hello{{"do", "hello"},
               {"versions", {oldest_protocol, newest_protocol}},
               {"arrays", {"raw", "base64"}},
               {"client", "pnntools " + std::string(version())}};
    if (number) hello["device"] = *number;
    const Message answer = ask({std::move(hello)}, settings_.timeout_s);
    offer_ = offer_of(answer.fields);
    if (offer_.version < oldest_protocol || offer_.version > newest_protocol)
      throw UsageError(command_ + ": speaks version " + std::to_string(offer_.version) +
                       " of the driver protocol, this program " + std::to_string(oldest_protocol) + " to " +
                       std::to_string(newest_protocol) + "; bring the older of the two up to date");
    const auto form = answer.fields.find("arrays");
    form_ = form != answer.fields.end() && *form == "raw" ? ArrayForm::raw : ArrayForm::base64;
  }

  /// One attempt of one question. Throws DeviceError, and BrokenChannel after which there is no channel.
  Message ask(const Question& question, double seconds) {
    try {
      return exchange(question, seconds);
    } catch (const BrokenChannel& error) {
      throw BrokenChannel(std::string(error.what()) + last_words());
    }
  }

  [[nodiscard]] bool is_open() const { return open_.has_value(); }

  /// Does `work` until it succeeds or nothing is left to try; `repair` goes before each further attempt.
  template <class Work, class Repair>
  void attempts(const Work& work, const Repair& repair) {
    for (int attempt = 0;; ++attempt) {
      try {
        if (attempt > 0) repair();
        return work();
      } catch (const DeviceError& error) {
        if (hooks_.stop_requested && hooks_.stop_requested())
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
    std::optional<Message> answer = receive(*open_, expected);
    if (!answer) throw BrokenChannel("it ended without an answer");
    const auto answered = answer->fields.find("id");
    if (answered == answer->fields.end() || *answered != id)
      throw BrokenChannel(
          "an answer to question " +
          (answered == answer->fields.end() ? std::string("without a number") : answered->dump()) +
          ", where " + std::to_string(id) + " was asked");
    if (const auto error = answer->fields.find("error"); error != answer->fields.end()) {
      const std::string text = error->is_string() ? error->get<std::string>() : error->dump();
      if (answer->fields.value("kind", "") == "usage") throw UsageError(command_ + ": " + text);
      throw DeviceError(text);
    }
    if (answer->shape != question.expected)
      throw DeviceError("an array of shape " + Json(answer->shape).dump() + ", where " +
                        Json(question.expected).dump() + " belongs");
    return std::move(*answer);
  }

  /// The driver makes the device safe and ends, or is ended; what fails is told.
  void take_leave() {
    if (!child_) return;
    try {
      if (!open_) connect(number_);  // whose hello brings the device to its safe state
      static_cast<void>(ask({Json{{"do", "bye"}}}, farewell_s));
    } catch (const Error& error) {
      notice("the device may not be in its safe state: " + std::string(error.what()));
    }
    open_.reset();
    child_->finish(grace_s);
  }

  /// Ends the driver; how it ended, if it says anything.
  std::string last_words() {
    open_.reset();
    std::string words;
    if (const auto status = child_->status(0.2); status && *status != 0)
      words = *status > 128 ? ", ended by signal " + std::to_string(*status - 128)
                            : ", exit status " + std::to_string(*status);
    child_->finish(grace_s);
    if (const auto status = child_->status(0); status == 127 || status == 126)
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
  std::optional<std::size_t> number_;
  Offer offer_;
};

/// The calls of a device as questions, and what has to be said again to a driver that was started anew.
class Driver::ProcessDevice final : public Device {
 public:
  ProcessDevice(Connection& connection, std::size_t number, std::vector<platform::LayerPlan> plans)
      : connection_(connection), number_(number) {
    connection_.attempts([&] { connection_.connect(number_); }, [] {});
    const Offer& offer = connection_.offer();
    for (std::size_t k = 0; k < plans.size(); ++k) {
      const LayerOffer& layer = offer.layers.at(k);
      ports_.push_back({std::move(plans[k]), layer.lower, layer.upper, layer.safe});
    }
    set_.resize(ports_.size());
    if (offer.clock) imposed_ = Json::object();  // as it is when it is opened
  }

  ~ProcessDevice() override {
    if (!connection_.is_open()) return;  // the connection's own end takes care
    try {
      static_cast<void>(connection_.ask({Json{{"do", "safe"}}}, connection_.timeout_s()));
    } catch (...) {  // NOLINT(bugprone-empty-catch): the channel is closed now, and bye tries again
    }
  }
  ProcessDevice(const ProcessDevice&) = delete;
  ProcessDevice& operator=(const ProcessDevice&) = delete;

  [[nodiscard]] const std::vector<LayerPort>& layers() const override { return ports_; }

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
    Json fields{{"do", "run"}, {"layer", layer}};
    if (first && connection_.offer().clock) fields["first"] = *first;
    const Question question{std::move(fields), sent, {inputs.data(), std::size_t(inputs.size())}, expected};
    persist([&] {
      const Message answer = connection_.ask(question, connection_.timeout_s());
      if (!std::all_of(answer.values.begin(), answer.values.end(),
                       [](float v) { return std::isfinite(v); })) {
        throw DeviceError("layer " + plan.name() + ": the device answered with a number that is not finite");
      }
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
      sleep_for(seconds);
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
      if (found == answer.fields.end() || !found->is_number() || !std::isfinite(found->get<double>()))
        throw DeviceError("sensor " + std::string(sensor) + ": no finite number in the answer");
      value = found->get<double>();
    });
    return value;
  }

  void impose(const Conditions& conditions) override {
    std::vector<platform::LayerPlan> plans;
    for (const LayerPort& port : ports_) plans.push_back(port.plan);
    check_conditions(conditions, plans);
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
    for (std::vector<float>& controls : set_) controls.clear();
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
    static_cast<void>(connection_.ask({Json{{"do", "set"}, {"layer", layer}}, {controls.size()}, controls},
                                      connection_.timeout_s()));
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

  /// Brings a driver that was started anew to where its predecessor was; a virtual clock also where the
  /// driver is still there, since the call that failed may have moved it.
  void restore() {
    const bool clock = connection_.offer().clock, anew = !connection_.is_open();
    if (!anew && !clock) return;
    if (anew) connection_.connect(number_);
    if (!imposed_.is_null()) send_conditions(imposed_);
    for (std::size_t layer = 0; layer < ports_.size(); ++layer)
      if (!set_[layer].empty()) send_controls(layer, set_[layer]);
    if (!clock) return sleep_for(since_set_s_);
    send_wait(double(ticks_) * dt_s_);
    send_wait(waited_s_);
  }

  Connection& connection_;
  std::size_t number_;
  std::vector<LayerPort> ports_;
  std::vector<std::vector<float>> set_;  ///< controls as last set, empty before
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

std::unique_ptr<Device> Driver::open(std::size_t number, std::vector<platform::LayerPlan> plans) {
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
  return guarded(std::make_unique<ProcessDevice>(*connection_, number, std::move(plans)), settings_.guard,
                 &tally_);
}

}  // namespace pnn::device
