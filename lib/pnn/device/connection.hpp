// A driver as a program that is asked: the channel to it, and how to come by another one. Private to the
// device room.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pnn/device/channel.hpp"
#include "pnn/device/child.hpp"
#include "pnn/device/driver.hpp"
#include "pnn/device/messages.hpp"

namespace pnn::device {

/// What an answer holds beside its array is small; an offer has a process, a history, numbers of devices.
constexpr std::size_t most_answer_bytes = std::size_t{1} << 20U, most_offer_bytes = std::size_t{1} << 23U;

/// One question, and what its answer may hold.
struct Question {
  Json fields;
  std::vector<std::size_t> shape = {};
  std::span<const float> values = {};
  std::vector<std::size_t> expected = {};      ///< shape of the answer's array; empty: none
  std::size_t most_bytes = most_answer_bytes;  ///< of the answer, beside its array
};

/// A running driver. Every attempt is one question; attempts() says how often and after what it is asked
/// again.
class Connection {
 public:
  Connection(std::string command, DriverSettings settings, DriverHooks hooks);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] const Offer& offer() const { return offer_; }
  [[nodiscard]] std::uint64_t retries() const { return retries_; }
  [[nodiscard]] const DriverSettings& settings() const { return settings_; }
  [[nodiscard]] bool stop_requested() const { return hooks_.stop_requested && hooks_.stop_requested(); }
  /// Whether the driver is there and has answered hello.
  [[nodiscard]] bool is_open() const { return open_ && greeted_; }
  /// What is asked from now on is asked for the last time, and heard out although the run is to stop.
  void hear_out();
  /// Starts the driver anew where it is not there, and says hello. Throws RunError where its offer has
  /// changed.
  void connect(std::optional<std::size_t> number);
  /// One attempt of one question. Throws DeviceError, and BrokenChannel after which there is no channel.
  Message ask(const Question& question, double seconds);
  Message ask(const Question& question) { return ask(question, settings_.timeout_s); }
  /// Does `work` until it succeeds or nothing is left to try; `repair` goes before each further attempt.
  void attempts(const std::function<void()>& work, const std::function<void()>& repair);

 private:
  Message exchange(const Question& question, double seconds);
  /// The driver makes the device safe and ends, or is ended; what fails is told.
  void take_leave();
  /// Ends the driver with all that it started. Where that cannot be done no other may be started.
  void end();
  /// Ends the driver; how it ended, if it says anything.
  std::string last_words();
  void notice(const std::string& line) const;

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

}  // namespace pnn::device
