// A program that runs beside this one, with its standard input and output in our hands.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "pnn/device/descendants.hpp"

namespace pnn::device {

/// A command of the shell in a process group of its own, so that Ctrl-C at the terminal ends us, and its
/// input, but not the program itself. Its standard error is ours. Nobody else holds the pipes: it reads the
/// end of its input as soon as we are gone, however we went.
///
/// It counts as ended when nothing is left that it started (descendants.hpp), in its group or out of it: a
/// shell that has ended says nothing of the program that it ran.
class Child {
 public:
  /// `grace_s`: what it has from SIGTERM, on which a driver brings its device to the safe state, to SIGKILL.
  /// Throws DeviceError where no process can be made.
  explicit Child(const std::string& command, double grace_s = 10);
  /// finish().
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int input() const { return input_; }    ///< write here what it reads; never blocks
  [[nodiscard]] int output() const { return output_; }  ///< read here what it writes; never blocks

  /// Ends its input, and waits two seconds (or the grace time, if that is less) for all of it to be gone;
  /// asks what is left to end (SIGTERM), and after the grace time ends it (SIGKILL). Returns at once when
  /// nothing is left, and false where even so something stayed: the system keeps what waits for a device that
  /// does not answer, or what belongs to somebody else.
  bool finish();
  /// How the shell ended, once it has: its exit status, or 128 and the number of the signal. Waits up to
  /// `seconds`.
  std::optional<int> status(double seconds);

 private:
  void close_pipes();
  /// Whether all of it is gone, within this time.
  bool gone(double seconds);
  void signal(int number);

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  double grace_s_;
  Mark mark_;
  std::optional<int> status_;
};

}  // namespace pnn::device
