// Signals that ask the tool to end early. This is the only global state of the library: signal handlers have
// no other.
#pragma once

namespace pnn::cli {

/// From now on SIGINT, SIGTERM, SIGHUP (a lost connection), SIGUSR1 and SIGXCPU (the soft limit of processor
/// time) ask for an early end. A second SIGINT or SIGTERM, at least a quarter of a second after the first,
/// kills the program at once. A signal that the parent program set to be ignored (nohup) stays ignored.
/// Writing to a closed pipe, or beyond the largest permitted file (ulimit -f), becomes an error of the write
/// instead of a signal; child programs started later get the default actions of these two signals back.
void catch_signals();

/// The signal that asked for an early end, or 0.
[[nodiscard]] int pending_signal();

}  // namespace pnn::cli
