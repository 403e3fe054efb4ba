// The errors of this library, sorted by who has to act. A message is one line and says where (file and
// dataset, or option), what was expected, what was found, and what to do. The library throws; only pnn/cli
// prints and exits.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace pnn {

/// Base of every error that this library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command line or a configuration asks for something that does not exist or does not fit. Exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// A file or a value in it cannot be used. Exit status 2.
class InputError : public Error {
 public:
  using Error::Error;
};

/// Something failed while running: a device, a disk, numbers that diverged. Exit status 1.
class RunError : public Error {
 public:
  using Error::Error;
};

/// Signals, a loss, a gradient or batch statistics of a network are not finite, or too large for another
/// step.
class DivergenceError : public RunError {
 public:
  using RunError::RunError;
};

/// A signal or a time limit asked for an early end; state has been saved. Exit status 75.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// A broken promise inside this program: a bug of ours. Exit status 70.
class InternalError : public Error {
 public:
  using Error::Error;
};

/// Collects everything that is wrong with one input, so that one message reports all of it. `where` names the
/// input.
class Complaints {
 public:
  explicit Complaints(std::string where) : where_(std::move(where)) {}
  void add(std::string what) { list_.push_back(std::move(what)); }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] const std::vector<std::string>& list() const { return list_; }
  /// Throws InputError "where: a; b; c" if there are any complaints.
  void raise() const;

 private:
  std::string where_;
  std::vector<std::string> list_;
};

/// Throws InternalError with the text `promise` if `condition` is false: an invariant of this program is
/// broken.
inline void require(bool condition, const char* promise) {
  if (!condition) throw InternalError(promise);
}

}  // namespace pnn
