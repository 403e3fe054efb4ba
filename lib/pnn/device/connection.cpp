#include "pnn/device/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/printable.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"

namespace pnn::device {
namespace {

/// As much of what a driver says went wrong is passed on.
constexpr std::size_t most_words = 1000;

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

Connection::Connection(std::string command, DriverSettings settings, DriverHooks hooks)
    : command_(std::move(command)), settings_(std::move(settings)), hooks_(std::move(hooks)) {
  if (trim(command_).empty()) throw UsageError("exec: names no command; expected exec:COMMAND, a driver");
  try {
    attempts([&] { connect(std::nullopt); }, [] {});
  } catch (const DeviceError& error) {
    if (answered_) throw;
    throw UsageError(std::string(error.what()) +
                     "; it has never answered as a driver does: is it one? (scripts/README.md)");
  }
}

Connection::~Connection() {
  try {
    take_leave();
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory left to say a word with
  }
}

void Connection::hear_out() {
  if (open_) open_->heed({});
}

void Connection::connect(std::optional<std::size_t> number) {
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
  Offer offer;
  try {
    offer = offer_of(answer.fields);
  } catch (const UsageError& error) {
    throw UsageError(command_ + ": " + error.what() + "; is it a driver? (scripts/README.md)");
  }
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

Message Connection::ask(const Question& question, double seconds) {
  try {
    return exchange(question, seconds);
  } catch (const BrokenChannel& error) {
    throw BrokenChannel(std::string(error.what()) + last_words());
  }
}

void Connection::attempts(const std::function<void()>& work, const std::function<void()>& repair) {
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

Message Connection::exchange(const Question& question, double seconds) {
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
        (answered == answer->fields.end() ? std::string("without a number") : answered->dump()) + ", where " +
        std::to_string(id) + " was asked");
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

void Connection::take_leave() {
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

void Connection::end() {
  open_.reset();
  if (!child_) return;
  stuck_ = !child_->finish();
  if (!stuck_) child_.reset();
}

std::string Connection::last_words() {
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

void Connection::notice(const std::string& line) const {
  if (hooks_.notice) hooks_.notice(line);
}

}  // namespace pnn::device
