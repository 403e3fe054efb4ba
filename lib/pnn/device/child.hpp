// A child program whose standard input and output are pipes to this program. Private to the device room.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "pnn/device/descendants.hpp"

namespace pnn::device {

/// Runs a shell command in a process group of its own, so that Ctrl-C at the terminal reaches this program
/// and not the child, whose input then ends. The child's standard error is that of this program. Nobody else
/// holds the pipes: the child reads the end of its input as soon as this program is gone, for whatever
/// reason.
///
/// The child counts as ended when everything that it started has ended (descendants.hpp), inside its process
/// group or outside: that the shell has ended does not mean that the program it ran has.
class Child {
 public:
  /// `grace_s`: time in s from SIGTERM, on which a driver brings its device to the safe state, to SIGKILL.
  /// Throws DeviceError if no child program can be started.
  explicit Child(const std::string& command, double grace_s = 10);
  /// Calls finish().
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int input() const {
    return input_;
  }  ///< descriptor to write what the child reads; does not block
  [[nodiscard]] int output() const {
    return output_;
  }  ///< descriptor to read what the child writes; does not block

  /// Ends the child: closes its input, waits two seconds (or the grace time, if that is less), sends SIGTERM
  /// to what is left, and SIGKILL after the grace time. Returns true as soon as nothing is left, and false if
  /// something survives even SIGKILL: the system keeps programs that wait for hardware that does not answer,
  /// and those of other users.
  bool finish();
  /// The exit status of the shell, or 128 plus the number of the signal that ended it. Waits up to `seconds`
  /// for it; empty if it has not ended.
  std::optional<int> status(double seconds);

 private:
  void close_pipes();
  /// Waits up to `seconds` until everything has ended; returns whether it has.
  bool gone(double seconds);
  void signal(int number);

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  double grace_s_;
  Mark mark_;
  std::optional<int> status_;
};

}  // namespace pnn::device
