// A program that runs beside this one, with its standard input and output in our hands.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace pnn::device {

/// A command of the shell in a process group of its own, so that Ctrl-C at the terminal ends us, and its
/// input, but not the program itself. Its standard error is ours. Nobody else holds the pipes: it reads the
/// end of its input as soon as we are gone, however we went.
class Child {
 public:
  /// Throws DeviceError where no process can be made.
  explicit Child(const std::string& command);
  /// finish() with one second.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int input() const { return input_; }    ///< write here what it reads; never blocks
  [[nodiscard]] int output() const { return output_; }  ///< read here what it writes; never blocks

  /// Ends its input and waits; where it stays, asks it to end after `grace_s`, and ends it after as much
  /// again.
  void finish(double grace_s);
  /// How it ended, once it has: its exit status, or 128 and the number of the signal. Waits up to `seconds`.
  std::optional<int> status(double seconds);

 private:
  void close_pipes();

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  std::optional<int> status_;
};

}  // namespace pnn::device
