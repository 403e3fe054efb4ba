// How loops that may last and that no Progress reaches learn that they should stop: readers, parsers,
// conversions, draws.
#pragma once

#include <cstddef>

#include "pnn/core/progress.hpp"

namespace pnn {

/// True once a signal or a time limit asked for an early end. False where nobody listens.
[[nodiscard]] bool stop_asked();
/// Throws Interrupted once that is so and the process has computed for longer than the grace of the listener
/// since: what is done sooner goes on to where its state is saved for --resume, on a machine that is busy
/// with others too. For work that holds nothing worth saving, never on the way to a file: what is being saved
/// after a signal has to get there. Costs a look at the clock: call it every few milliseconds.
void stop_if_asked();
/// The same without grace, for who waits and does not compute.
void stop_waiting_if_asked();

/// Writes all bytes to a descriptor; 0, or the number of the error. A reader that takes nothing is waited
/// for, and Interrupted thrown when asked to stop meanwhile.
int write_or_stop(int fd, const char* bytes, std::size_t count);

/// While it lives, the two functions above ask `progress`. One for a process, as there is one set of signals.
class StopListener {
 public:
  explicit StopListener(const Progress& progress, double grace_s = 0);
  ~StopListener();
  StopListener(const StopListener&) = delete;
  StopListener& operator=(const StopListener&) = delete;
  /// For a process that was forked: its parent decides when it ends.
  static void forget();
};

}  // namespace pnn
