// Signals that ask for an early end. The one place with process-wide state, since signals have no other.
#pragma once

namespace pnn::cli {

/// SIGINT, SIGTERM, SIGHUP (a lost connection), SIGUSR1 and SIGXCPU (the soft limit of processor time) from
/// now on ask for an early end, and a second SIGINT or SIGTERM, a quarter of a second later or more, kills at
/// once. A signal that the parent made this process ignore (nohup) stays ignored. Writing to a closed pipe,
/// or beyond the largest file that is allowed (ulimit -f), becomes an error of the write; children started
/// later get the defaults of these two back.
void catch_signals();

/// The signal that asked for an early end, or 0.
[[nodiscard]] int pending_signal();

}  // namespace pnn::cli
