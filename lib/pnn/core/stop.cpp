#include "pnn/core/stop.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <ctime>

#include "pnn/core/errors.hpp"

namespace pnn {
namespace {

std::atomic<const Progress*> listener{nullptr};
std::atomic<double> grace{0};  // s
std::atomic<double> first_asked{
    -1};  // processor time at which a request was first seen, s; negative: not yet

double processor_seconds() {
  struct timespec used {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return double(used.tv_sec) + 1e-9 * double(used.tv_nsec);
}

}  // namespace

bool stop_asked() {
  const Progress* const asked = listener.load(std::memory_order_acquire);
  return asked != nullptr && asked->stop_requested();
}

void stop_waiting_if_asked() {
  if (stop_asked()) throw Interrupted("interrupted before anything was written; run again");
}

void stop_if_asked() {
  if (!stop_asked()) return;
  const double now = processor_seconds();
  double first = -1;
  if (first_asked.compare_exchange_strong(first, now)) first = now;
  if (now - first >= grace) stop_waiting_if_asked();
}

int write_or_stop(int fd, const char* bytes, std::size_t count) {
  constexpr int look_every_ms = 100;
  struct stat status {};
  const bool file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  // a ready pipe accepts this much at once; a larger write would block and not notice signals
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
  first_asked = -1;
  listener.store(&progress, std::memory_order_release);
}
StopListener::~StopListener() {
  forget();
}
void StopListener::forget() {
  listener.store(nullptr, std::memory_order_release);
}

}  // namespace pnn
