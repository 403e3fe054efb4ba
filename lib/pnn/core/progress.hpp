// How long work tells that it is alive and asks whether to stop, without knowing who listens.
#pragma once

#include <cstdint>
#include <string_view>

namespace pnn {

/// Given to every verb that takes more than a moment. The command line shows a bar or plain lines; tests
/// use the base class, which says nothing and never stops.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `done` of `total` units of `what` ("steps", "devices"); `note` is shown beside it ("loss 0.31").
  virtual void update(std::uint64_t done, std::uint64_t total, std::string_view what, std::string_view note) {
    static_cast<void>(done), static_cast<void>(total), static_cast<void>(what), static_cast<void>(note);
  }
  /// A message worth a line.
  virtual void say(std::string_view line) { static_cast<void>(line); }
  /// True once a signal or a time limit asked for an early end: save the state and return.
  [[nodiscard]] virtual bool stop_requested() const { return false; }
};

}  // namespace pnn
