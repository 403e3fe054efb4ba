#include "pnn/cli/signals.hpp"

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace pnn::cli {
namespace {

std::atomic<int> pending{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch only what needs no lock");

extern "C" void note_signal(int number) {
  pending.store(number, std::memory_order_relaxed);
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
  // SA_RESTART: an unfinished write is finished, not torn; the flag is looked at between steps.
  for (int number : {SIGINT, SIGTERM})
    handle(number, note_signal, SA_RESTART | static_cast<int>(SA_RESETHAND));
  // SIGHUP comes twice when a connection is lost, from the terminal and from the shell, and SIGXCPU every
  // second.
  for (int number : {SIGHUP, SIGUSR1, SIGXCPU}) handle(number, note_signal, SA_RESTART);
  for (int number : {SIGPIPE, SIGXFSZ}) handle(number, pass_over_signal, SA_RESTART);
}

int pending_signal() {
  return pending.load(std::memory_order_relaxed);
}

}  // namespace pnn::cli
