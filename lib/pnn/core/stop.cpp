#include "pnn/core/stop.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>

#include "pnn/core/errors.hpp"

namespace pnn {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<const Progress*> listener{nullptr};
std::atomic<double> grace{0};            // s
std::atomic<Clock::rep> first_asked{0};  // when this was first found out; 0: not yet

}  // namespace

bool stop_asked() {
  const Progress* const asked = listener.load(std::memory_order_acquire);
  return asked != nullptr && asked->stop_requested();
}

void stop_if_asked() {
  if (!stop_asked()) return;
  const Clock::rep now = Clock::now().time_since_epoch().count();
  Clock::rep first = 0;
  if (first_asked.compare_exchange_strong(first, now)) first = now;
  if (std::chrono::duration<double>(Clock::duration(now - first)).count() >= grace)
    throw Interrupted("interrupted before anything was written; run again");
}

int write_or_stop(int fd, const char* bytes, std::size_t count) {
  constexpr int look_every_ms = 100;
  struct stat status {};
  const bool file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  // a pipe that is ready takes as much as this at once; more would be waited for where no signal is looked at
  const std::size_t piece = file ? count : PIPE_BUF;
  while (count > 0) {
    if (!file) {
      struct pollfd ready {
        fd, POLLOUT, 0
      };
      const int answer = poll(&ready, 1, look_every_ms);
      if (answer == 0 && stop_asked())
        throw Interrupted(
            "interrupted while the output waited for its reader, which has a part of it at most");
      if (answer == 0 || (answer < 0 && errno == EINTR)) continue;
    }
    const ssize_t written = write(fd, bytes, std::min(piece, count));
    if (written < 0 && errno != EINTR) return errno;
    if (written < 0) continue;
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
  return 0;
}

StopListener::StopListener(const Progress& progress, double grace_s) {
  grace = grace_s;
  first_asked = 0;
  listener.store(&progress, std::memory_order_release);
}
StopListener::~StopListener() {
  forget();
}
void StopListener::forget() {
  listener.store(nullptr, std::memory_order_release);
}

}  // namespace pnn
