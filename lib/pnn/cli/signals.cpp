#include "pnn/cli/signals.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <initializer_list>

namespace pnn::cli {
namespace {

std::atomic<int> pending{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch only what needs no lock");

extern "C" void note_signal(int number) {
  pending.store(number, std::memory_order_relaxed);
}

/// Nanoseconds of the monotonic clock at which an early end was first asked for; 0: it was not.
std::atomic<std::int64_t> first_end_ns{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

/// A second SIGINT or SIGTERM ends the tool at once, unless it comes within a quarter of a second: schedulers
/// and timeout(1) send one to the process and one to its group, and mean the same.
extern "C" void note_end(int number) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // POSIX lets a handler call it
  const std::int64_t now_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec + 1;
  std::int64_t first_ns = 0;
  if (!first_end_ns.compare_exchange_strong(first_ns, now_ns) && now_ns - first_ns > 250'000'000) {
    std::signal(number, SIG_DFL);
    std::raise(number);  // it is delivered when this handler returns
    return;
  }
  note_signal(number);
}
// A handler rather than SIG_IGN: handlers do not outlive exec, so a driver that we start dies of its
// closed pipe as it should.
extern "C" void pass_over_signal(int) {}

void handle(int number, void (*handler)(int), int flags) {
  struct sigaction old {};
  if (sigaction(number, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

void catch_signals() {
  // SA_RESTART: an interrupted write is continued; the flag is checked between steps.
  for (int number : {SIGINT, SIGTERM}) handle(number, note_end, SA_RESTART);
  // SIGHUP comes twice when a connection is lost, from the terminal and from the shell, and SIGXCPU every
  // second.
  for (int number : {SIGHUP, SIGUSR1, SIGXCPU}) handle(number, note_signal, SA_RESTART);
  for (int number : {SIGPIPE, SIGXFSZ}) handle(number, pass_over_signal, SA_RESTART);
}

int pending_signal() {
  return pending.load(std::memory_order_relaxed);
}

}  // namespace pnn::cli
