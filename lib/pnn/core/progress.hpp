// How long-running work reports its progress and learns that it should stop, without knowing who listens.
#pragma once

#include <cstdint>
#include <string_view>

namespace pnn {

/// Passed to every function that may take long. The command line implements it as a bar or as plain lines.
/// The base class prints nothing and never asks to stop; tests use it.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `done` of `total` units of `what` ("steps", "devices") are finished; `note` is shown beside the count
  /// ("loss 0.31").
  virtual void update(std::uint64_t done, std::uint64_t total, std::string_view what, std::string_view note) {
    static_cast<void>(done), static_cast<void>(total), static_cast<void>(what), static_cast<void>(note);
  }
  /// A message that deserves a line of its own.
  virtual void say(std::string_view line) { static_cast<void>(line); }
  /// True once a signal or a time limit has asked for an early end: the caller should save its state and
  /// return.
  [[nodiscard]] virtual bool stop_requested() const { return false; }
};

}  // namespace pnn
