#include "pnn/core/threads.hpp"

#include <sched.h>

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include "pnn/core/errors.hpp"

namespace pnn {

namespace {

std::atomic<int> requested_threads{0};
thread_local bool inside_parallel = false;

/// The workers of this process; they sleep when there is nothing to do.
tbb::task_arena& arena() {
  static tbb::task_arena workers(1);
  return workers;
}

/// "max 100000" or "150000 100000": quota and period in µs; 0 where there is no quota.
int processors_of(double quota, double period) {
  return quota > 0 && period > 0 ? std::max(1, int(std::ceil(quota / period))) : 0;
}

int smaller_limit(int a, int b) {
  return a == 0 ? b : b == 0 ? a : std::min(a, b);
}

double first_number(const std::string& file) {
  std::ifstream in(file);
  double value = 0;
  return in >> value ? value : 0;
}

int limit_here(const std::string& folder, bool version2) {
  if (!version2) {
    return processors_of(first_number(folder + "/cpu.cfs_quota_us"),
                         first_number(folder + "/cpu.cfs_period_us"));
  }
  std::ifstream in(folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(in >> quota >> period) || quota == "max") return 0;
  double value = 0;
  const auto [end, error] = std::from_chars(quota.data(), quota.data() + quota.size(), value);
  return error == std::errc() && end == quota.data() + quota.size() ? processors_of(value, period) : 0;
}

}  // namespace

/// Prepares as many workers as were asked for. Only a loop that has use for them does so: it takes longer
/// than to read a small file.
void prepare_workers() {
  static std::mutex mutex;
  static int prepared = 0;
  // lets there be more threads than processors, as tests want
  static std::unique_ptr<tbb::global_control> limit;
  const std::lock_guard<std::mutex> lock(mutex);
  const int wanted = requested_threads;
  if (prepared == wanted) return;
  limit = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                std::size_t(wanted));
  arena().terminate();
  arena().initialize(wanted);
  prepared = wanted;
}

namespace detail {

int cgroup_limit(const std::string& membership, const std::string& mount) {
  int limit = 0;
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // "0::/user.slice" or "4:cpu,cpuacct:/job"
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version2 = controllers.empty();
    if (!version2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
    const std::string root = version2 ? mount : mount + "/" + controllers;
    // A container may not see the upper part of its path: missing folders simply hold no limit.
    for (std::string path = line.substr(second + 1);; path.erase(path.rfind('/'))) {
      limit = smaller_limit(limit, limit_here(root + path, version2));
      if (path.find('/') == std::string::npos) break;
    }
  }
  return limit;
}

void run_parallel(std::size_t chunks, void (*call)(const void*, std::size_t), const void* body) {
  std::exception_ptr failure;
  std::size_t failed_chunk = chunks;
  std::mutex guard;
  const auto run = [&](std::size_t k) {
    try {
      call(body, k);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(guard);
      if (k < failed_chunk) {
        failed_chunk = k;
        failure = std::current_exception();
      }
    }
  };
  const int count = inside_parallel ? 1 : int(std::min<std::size_t>(chunks, std::size_t(threads())));
  if (count <= 1) {
    for (std::size_t k = 0; k < chunks; ++k) run(k);
  } else {
    // Each thread, including the calling one, takes the next free chunk. If another program occupies the
    // other core, the caller does all chunks, whereas a team with a barrier would wait for its missing
    // member.
    using Range = tbb::blocked_range<std::size_t>;
    const auto work = [&] {
      tbb::parallel_for(
          Range(0, chunks, 1),
          [&](const Range& range) {
            inside_parallel = true;
            for (std::size_t k = range.begin(); k < range.end(); ++k) run(k);
            inside_parallel = false;
          },
          tbb::simple_partitioner());
    };
    try {
      prepare_workers();
      arena().execute(work);
    } catch (const std::runtime_error& error) {  // exceptions of bodies are kept above; this one means that a
                                                 // thread could not be started
      throw RunError(std::string("no threads can be started (") + error.what() +
                     "); take fewer (--threads), or raise the limits (ulimit -u, ulimit -v) and run again");
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail

int available_threads() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  int count = sched_getaffinity(0, sizeof(mask), &mask) == 0 ? CPU_COUNT(&mask) : 1;
  std::ifstream in("/proc/self/cgroup");
  std::ostringstream membership;
  membership << in.rdbuf();
  const int quota = detail::cgroup_limit(membership.str(), "/sys/fs/cgroup");
  if (quota > 0) count = std::min(count, quota);
  if (const char* slurm = std::getenv("SLURM_CPUS_PER_TASK")) {
    int granted = 0;
    const auto [end, error] = std::from_chars(slurm, slurm + std::strlen(slurm), granted);
    if (error == std::errc() && *end == 0 && granted > 0) count = std::min(count, granted);
  }
  return std::max(1, count);
}

void set_threads(int threads) {
  requested_threads = threads > 0 ? threads : available_threads();
}

int threads() {
  if (requested_threads == 0) set_threads(0);
  return requested_threads;
}

}  // namespace pnn
