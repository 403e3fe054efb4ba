// Finds all running programs that descend from a command which this program started. Private to the device
// room.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace pnn::device {

/// Marks the descendants of one command by an environment variable, which they inherit.
class Mark {
 public:
  /// Makes a mark that no other command has. If this program bears a mark itself, the new one is appended to
  /// it.
  Mark();
  static constexpr const char* variable = "PNNTOOLS_DRIVER";
  /// The value of the environment variable.
  [[nodiscard]] const std::string& value() const { return value_; }
  /// Whether a program with the value `other` descends from this command, directly or through marks of its
  /// own.
  [[nodiscard]] bool is_on(const std::string& other) const;

 private:
  std::string value_, own_;
};

/// From now on a descendant that loses its parent becomes a child of this program (a "subreaper"), so that it
/// can be found.
void keep_in_sight();
/// Registers a program that this one has started, from now until it has been waited for.
void note_leader(pid_t leader);
void forget_leader(pid_t leader);

/// The process numbers of everything that still runs of what `leader` and its descendants started: its
/// process group, all programs that it is an ancestor of, and those that lost their parent and became
/// children of this program, recognised by their mark or because nobody else can have started them. Dead ones
/// among these children are waited for. Without /proc the result is the leader's process group as one number
/// (−leader). Programs that another service started on the driver's behalf (an older daemon, a container,
/// another machine) are no descendants and are not found.
std::vector<pid_t> descendants(pid_t leader, const Mark& mark);

}  // namespace pnn::device
