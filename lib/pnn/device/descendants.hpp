// What has come of a command that this program started, wherever it has gone. Private to the device room.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace pnn::device {

/// Marks what descends from one command, in the environment that it hands on.
class Mark {
 public:
  /// A mark that no other command of any program has; where this program bears a mark itself, behind that.
  Mark();
  static constexpr const char* variable = "PNNTOOLS_DRIVER";
  /// Value of the variable.
  [[nodiscard]] const std::string& value() const { return value_; }
  /// Whether that value of the variable is of this command, or of one that a descendant of it started.
  [[nodiscard]] bool is_on(const std::string& other) const;

 private:
  std::string value_, own_;
};

/// From now on what loses its parent among our descendants becomes our child: it stays in sight.
void keep_in_sight();
/// A process that we have started, from now until we have waited for it.
void note_leader(pid_t leader);
void forget_leader(pid_t leader);

/// Processes that still run of what `leader` and its descendants started: its process group, what it is an
/// ancestor of, and what lost its parent and became our child, known by its mark, or since nobody else
/// started it. Dead ones of these that became our children are waited for. Without /proc, the leader's group
/// as one (−leader). What another service started at the driver's wish (a daemon that ran before, a
/// container, another machine) is no descendant, and not seen.
std::vector<pid_t> descendants(pid_t leader, const Mark& mark);

}  // namespace pnn::device
