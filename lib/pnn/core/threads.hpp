// Parallel loops whose results do not depend on the number of threads: the caller cuts the work in
// chunks whose size is fixed by the problem, and no two chunks write the same place.
#pragma once

#include <cstddef>
#include <string>

namespace pnn {

/// Threads that this process may use, at least 1: affinity mask, cgroup quota and SLURM_CPUS_PER_TASK
/// respected.
int available_threads();
/// Sets how many threads parallel_for uses from now on; 0 (and less) means available_threads(), which is
/// also what is used before the first call. Also pins Eigen's idea of the cache sizes, so that its blocking,
/// and with it every bit, is the same everywhere.
void set_threads(int threads);
int threads();

/// Calls body(k) for k in [0, chunks), each once, on up to threads() threads. Nested calls run serially.
/// Every chunk is tried; the first exception by chunk number is rethrown.
template <class Body>
void parallel_for(std::size_t chunks, const Body& body);

namespace detail {
void run_parallel(std::size_t chunks, void (*call)(const void*, std::size_t), const void* body);

/// Whole processors that the cgroup limits of this process leave it, 0 if there is no limit. `membership` is
/// the text of /proc/self/cgroup, `mount` where the hierarchies are ("/sys/fs/cgroup"); version 2 (cpu.max)
/// and version 1 (cpu.cfs_quota_us) are read, every level up to the root.
int cgroup_limit(const std::string& membership, const std::string& mount);
}  // namespace detail

template <class Body>
void parallel_for(std::size_t chunks, const Body& body) {
  detail::run_parallel(
      chunks, [](const void* b, std::size_t k) { (*static_cast<const Body*>(b))(k); }, &body);
}

}  // namespace pnn
