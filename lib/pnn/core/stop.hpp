// How long loops to which no Progress is passed (readers, parsers, conversions, sampling) learn that they
// should stop.
#pragma once

#include <cstddef>

#include "pnn/core/progress.hpp"

namespace pnn {

/// True once a signal or a time limit has asked for an early end. False if there is no StopListener.
[[nodiscard]] bool stop_asked();
/// Throws Interrupted once stop_asked() is true and this program has used more processor time since then than
/// the listener's grace. Work that finishes within the grace goes on to where its state is saved for
/// --resume, even on a busy machine. Use it in work that holds nothing worth saving, and never while writing
/// a file: what is being saved after a signal has to reach the disk. It reads the clock, so call it every few
/// milliseconds at most.
void stop_if_asked();
/// The same without a grace, for loops that wait and do not compute.
void stop_waiting_if_asked();

/// Writes all bytes to a file descriptor; returns 0, or the errno of the failure. If the other end of a pipe
/// takes nothing it waits, and throws Interrupted when asked to stop meanwhile.
int write_or_stop(int fd, const char* bytes, std::size_t count);

/// While it lives, the functions above ask `progress`. At most one may exist in a program. `grace_s`:
/// processor time, in s.
class StopListener {
 public:
  explicit StopListener(const Progress& progress, double grace_s = 0);
  ~StopListener();
  StopListener(const StopListener&) = delete;
  StopListener& operator=(const StopListener&) = delete;
  /// Call in a forked child, whose parent decides when it ends: nothing asks it to stop any more.
  static void forget();
};

}  // namespace pnn
