// Everything that a tool prints on standard error (messages and progress), and whether it should stop.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "pnn/core/progress.hpp"

namespace pnn::cli {

/// "0.4 s", "41 s", "3 min 20 s", "2 h 5 min".
std::string format_duration(double seconds);

/// Lines are prefixed "tool: ". Progress is a bar on a terminal, and a plain line every few seconds
/// elsewhere. All functions may be called from any thread.
class Terminal final : public Progress {
 public:
  enum class Verbosity { quiet, normal, verbose };
  using Clock = std::chrono::steady_clock;

  explicit Terminal(std::string tool);
  void set_verbosity(Verbosity verbosity) { verbosity_ = verbosity; }
  void set_time_limit(double seconds);  ///< counted from construction

  void update(std::uint64_t done, std::uint64_t total, std::string_view what, std::string_view note) override;
  void say(std::string_view line) override;  ///< prints nothing if quiet
  [[nodiscard]] bool stop_requested() const override;

  void detail(std::string_view line);   ///< prints if verbose
  void message(std::string_view line);  ///< prints always; line ends within it become blanks
  void text(std::string_view block);    ///< prints always, unchanged and without prefix
  void clear_bar();
  [[nodiscard]] double elapsed_seconds() const;

 private:
  [[nodiscard]] std::string progress_line(std::uint64_t done, std::uint64_t total, std::string_view what,
                                          std::string_view note, double rate) const;
  void erase_bar();
  void print(std::string_view line);

  std::string tool_;
  Verbosity verbosity_ = Verbosity::normal;
  bool is_terminal_;
  Clock::time_point start_, last_shown_;
  std::optional<Clock::time_point> deadline_;

  std::mutex mutex_;
  bool bar_shown_ = false;
  std::string phase_;  ///< what is being counted; the rate is measured anew for each
  Clock::time_point phase_start_;
  std::uint64_t phase_first_ = 0, last_done_ = 0;
};

}  // namespace pnn::cli
