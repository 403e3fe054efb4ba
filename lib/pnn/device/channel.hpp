// Sends and receives lines and blocks of bytes over a pair of file descriptors, with a time limit.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "pnn/device/device.hpp"

namespace pnn::device {

/// The other side is gone, too late, or violates the protocol. The channel cannot be used any more.
class BrokenChannel : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// The connection.
class Channel {
 public:
  using Clock = std::chrono::steady_clock;

  /// Does not own the descriptors. While waiting it calls `stop` a few times a second; after that has
  /// returned true, two seconds without data break the channel.
  Channel(int input, int output, std::function<bool()> stop = {});

  /// Everything from now on has to be done within `seconds`, otherwise it throws BrokenChannel. Without a
  /// value there is no limit.
  void limit(std::optional<double> seconds);

  /// Replaces `stop`; without one only the time limit counts.
  void heed(std::function<bool()> stop) { stop_ = std::move(stop); }

  /// Writes all bytes, or throws BrokenChannel. A closed pipe raises no signal: the bytes are then discarded,
  /// and the next read returns what the other side sent before it ended, or its end.
  void write(std::string_view bytes);
  /// The next line without its line end; empty if the other side ended before it. Throws BrokenChannel if the
  /// other side ends within the line, or the line is longer than `most` bytes.
  std::optional<std::string> read_line(std::size_t most);
  /// Fills `bytes`, or throws BrokenChannel.
  void read(std::span<std::byte> bytes);

 private:
  /// Waits until the descriptor is ready; throws BrokenChannel when time runs out.
  void wait_for(int fd, short events);
  std::size_t receive(char* to, std::size_t most);

  int input_, output_;
  std::function<bool()> stop_;
  std::optional<double> seconds_;
  std::optional<Clock::time_point> deadline_;
  std::string buffer_;    ///< received, including what nobody has asked for yet
  std::size_t read_ = 0;  ///< how much of buffer_ was handed out
};

}  // namespace pnn::device
