#include "pnn/device/channel.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "pnn/core/deadline.hpp"
#include "pnn/core/text.hpp"

namespace pnn::device {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 18;

/// While it lives, writing to a closed pipe is an error of the write in this thread, and no signal.
class QuietPipe {
 public:
  QuietPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~QuietPipe() {
    if (raised_ && sigismember(&before_, SIGPIPE) == 0) {
      const struct timespec now {};
      sigtimedwait(&pipe_, nullptr, &now);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  QuietPipe(const QuietPipe&) = delete;
  QuietPipe& operator=(const QuietPipe&) = delete;
  void raised() { raised_ = true; }

 private:
  sigset_t pipe_{}, before_{};
  bool raised_ = false;
};

}  // namespace

Channel::Channel(int input, int output, std::function<bool()> stop)
    : input_(input), output_(output), stop_(std::move(stop)) {}

void Channel::limit(std::optional<double> seconds) {
  seconds_ = seconds;
  deadline_.reset();
  if (seconds) deadline_ = deadline_after(Clock::now(), *seconds);
}

void Channel::wait_for(int fd, short events) {
  constexpr std::chrono::milliseconds slice{100};
  constexpr std::chrono::seconds last_moments{2};
  const Clock::time_point start = Clock::now();
  struct pollfd ready {
    fd, events, 0
  };
  for (bool stopping = false;;) {
    const Clock::time_point now = Clock::now();
    if (stopping && now >= start + last_moments)
      throw BrokenChannel("no answer after the run was asked to stop");
    if (deadline_ && now >= *deadline_)
      throw BrokenChannel("no answer within " + format_short(seconds_.value_or(0), 3) + " s");
    int milliseconds = int(slice.count());
    if (deadline_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - now).count();
      milliseconds = int(std::min<std::int64_t>(milliseconds, left));
    }
    const int count = poll(&ready, 1, milliseconds);
    if (count > 0) return;
    if (count < 0 && errno != EINTR) throw BrokenChannel(std::string("poll: ") + std::strerror(errno));
    stopping = stopping || (stop_ && stop_());
  }
}

void Channel::write(std::string_view bytes) {
  QuietPipe quiet;
  while (!bytes.empty()) {
    const ssize_t written = ::write(output_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(std::size_t(written));
    } else if (errno == EAGAIN) {
      wait_for(output_, POLLOUT);
    } else if (errno == EPIPE) {
      quiet.raised();
      return;  // the other side is gone; the next read returns what it sent before, or its end
    } else if (errno != EINTR) {
      throw BrokenChannel(std::string("it cannot be written to: ") + std::strerror(errno));
    }
  }
}

/// Zero at the end of the other side.
std::size_t Channel::receive(char* to, std::size_t most) {
  for (;;) {
    wait_for(input_, POLLIN);
    const ssize_t got = ::read(input_, to, most);
    if (got >= 0) return std::size_t(got);
    if (errno != EINTR && errno != EAGAIN)
      throw BrokenChannel(std::string("it cannot be read: ") + std::strerror(errno));
  }
}

std::optional<std::string> Channel::read_line(std::size_t most) {
  buffer_.erase(0, read_);
  read_ = 0;
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos && end <= most) {
      read_ = end + 1;
      return buffer_.substr(0, end);
    }
    searched = buffer_.size();
    if (searched > most)
      throw BrokenChannel("a line of more than " + std::to_string(most) + " bytes: \"" +
                          buffer_.substr(0, 40) + "…\"");
    buffer_.resize(searched + chunk_bytes);
    std::size_t got = 0;
    try {
      got = receive(buffer_.data() + searched, chunk_bytes);
    } catch (...) {
      buffer_.resize(searched);  // what was received is kept for the next call
      throw;
    }
    buffer_.resize(searched + got);
    if (got > 0) continue;
    if (buffer_.empty()) return std::nullopt;
    throw BrokenChannel("it ended within a line: \"" + buffer_.substr(0, 40) + "…\"");
  }
}

void Channel::read(std::span<std::byte> bytes) {
  const std::size_t have = std::min(bytes.size(), buffer_.size() - read_);
  std::ranges::copy(std::as_bytes(std::span(buffer_)).subspan(read_, have), bytes.begin());
  read_ += have;
  bytes = bytes.subspan(have);
  while (!bytes.empty()) {
    const std::size_t got = receive(reinterpret_cast<char*>(bytes.data()), bytes.size());
    if (got == 0)
      throw BrokenChannel("it ended " + std::to_string(bytes.size()) + " bytes before the end of an array");
    bytes = bytes.subspan(got);
  }
}

}  // namespace pnn::device
