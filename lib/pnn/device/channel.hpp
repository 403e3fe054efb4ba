// Lines and blocks of bytes over a pair of file descriptors, with a time limit.
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

/// The other side is gone, late, or does not keep to the form; nothing more can be said over this channel.
class BrokenChannel : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

class Channel {
 public:
  using Clock = std::chrono::steady_clock;

  /// Does not own the descriptors. `stop` is asked a few times a second while waiting; once it says yes,
  /// two seconds of silence break the channel.
  Channel(int input, int output, std::function<bool()> stop = {});

  /// All that follows has to be done `seconds` from now, or throws BrokenChannel; without, it may take
  /// forever.
  void limit(std::optional<double> seconds);

  /// Another `stop`; with none only the limit counts.
  void heed(std::function<bool()> stop) { stop_ = std::move(stop); }

  /// All bytes, or BrokenChannel. A closed pipe raises no signal.
  /// Where the other side is gone the bytes are dropped: the next read tells what it said before, or its end.
  void write(std::string_view bytes);
  /// The next line without its end, or nothing where the other side ended before it began one. Throws
  /// BrokenChannel where it ends within the line, or the line is longer than `most`.
  std::optional<std::string> read_line(std::size_t most);
  /// As many bytes, or BrokenChannel.
  void read(std::span<std::byte> bytes);

 private:
  /// Waits until the descriptor is ready. Throws where time runs out.
  void wait_for(int fd, short events);
  std::size_t receive(char* to, std::size_t most);

  int input_, output_;
  std::function<bool()> stop_;
  std::optional<double> seconds_;
  std::optional<Clock::time_point> deadline_;
  std::string buffer_;    ///< received beyond what was asked for
  std::size_t read_ = 0;  ///< of it, given away
};

}  // namespace pnn::device
