#include "pnn/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pnn/cli/signals.hpp"
#include "pnn/core/deadline.hpp"
#include "pnn/core/printable.hpp"
#include "pnn/core/text.hpp"

namespace pnn::cli {
namespace {

constexpr std::chrono::milliseconds bar_interval{100};
constexpr std::chrono::seconds line_interval{5};

double seconds_between(Terminal::Clock::time_point from, Terminal::Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::size_t terminal_width() {
  struct winsize size {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// One write for one text, so that lines of a pipeline's tools do not mix. Nobody is left to tell when
/// standard error itself cannot be written.
void write_error(const std::string& text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

std::string one_line(std::string_view text) {
  return printable(trim(text));
}

/// At most `width` characters, never half of a UTF-8 one.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (begins_character(text[k]) && characters++ == width) return text.substr(0, k);
  }
  return text;
}

}  // namespace

std::string format_duration(double seconds) {
  if (seconds < 9.95) {
    // to a tenth; format_short would print 0.04 s
    const auto tenths = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0) * 10));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  }
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

Terminal::Terminal(std::string tool)
    : tool_(std::move(tool)),
      is_terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      last_shown_(start_) {}

void Terminal::set_time_limit(double seconds) {
  deadline_ = deadline_after(start_, seconds);
}

bool Terminal::stop_requested() const {
  return pending_signal() != 0 || (deadline_ && Clock::now() >= *deadline_);
}

double Terminal::elapsed_seconds() const {
  return seconds_between(start_, Clock::now());
}

void Terminal::update(std::uint64_t done, std::uint64_t total, std::string_view what, std::string_view note) {
  if (verbosity_ == Verbosity::quiet) return;
  const std::scoped_lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (what != phase_ || done < last_done_) {
    phase_ = what;
    phase_start_ = now;
    phase_first_ = done;
  }
  last_done_ = done;
  const auto interval = is_terminal_ ? Clock::duration(bar_interval) : Clock::duration(line_interval);
  if (now - last_shown_ < interval) return;
  last_shown_ = now;
  const double seconds = seconds_between(phase_start_, now);
  const double rate = seconds > 0 ? static_cast<double>(done - phase_first_) / seconds : 0;
  const std::string line = progress_line(done, total, what, note, rate);
  if (is_terminal_) {
    std::string bar = "\r";
    bar.append(cut(tool_ + ": " + line, terminal_width() - 1)).append("\x1b[K");
    write_error(bar);
    bar_shown_ = true;
  } else {
    write_error(tool_ + ": " + line + "\n");
  }
}

std::string Terminal::progress_line(std::uint64_t done, std::uint64_t total, std::string_view what,
                                    std::string_view note, double rate) const {
  std::string line;
  if (is_terminal_ && total > 0) {
    constexpr std::uint64_t cells = 20;
    const auto full = static_cast<std::size_t>(std::min(done, total) * cells / total);
    line.append("[").append(full, '#').append(cells - full, '.').append("] ");
  }
  line += std::to_string(done);
  if (total > 0) line.append("/").append(std::to_string(total));
  line.append(" ").append(what);
  if (rate > 0) {
    line.append(", ")
        .append(rate < 1000 ? format_short(rate, 3) : std::to_string(std::llround(rate)))
        .append("/s");
    if (total > done)
      line.append(", ").append(format_duration(static_cast<double>(total - done) / rate)).append(" left");
  }
  if (!note.empty()) line.append(", ").append(one_line(note));
  return line;
}

void Terminal::erase_bar() {
  if (bar_shown_) write_error("\r\x1b[K");
  bar_shown_ = false;
}

void Terminal::clear_bar() {
  const std::scoped_lock lock(mutex_);
  erase_bar();
}

void Terminal::print(std::string_view line) {
  const std::scoped_lock lock(mutex_);
  erase_bar();
  write_error(tool_ + ": " + one_line(line) + "\n");
}

void Terminal::say(std::string_view line) {
  if (verbosity_ != Verbosity::quiet) print(line);
}

void Terminal::detail(std::string_view line) {
  if (verbosity_ == Verbosity::verbose) print(line);
}

void Terminal::message(std::string_view line) {
  print(line);
}

void Terminal::text(std::string_view block) {
  const std::scoped_lock lock(mutex_);
  erase_bar();
  write_error(std::string(block));
}

}  // namespace pnn::cli
