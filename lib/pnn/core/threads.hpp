// Parallel loops whose results do not depend on the number of threads. The caller cuts the work into chunks
// whose size follows from the problem (chunks.hpp), and no two chunks write to the same place.
#pragma once

#include <cstddef>
#include <string>

namespace pnn {

/// Number of threads that this program may use, at least 1; it respects the affinity mask, the cgroup quota
/// and SLURM_CPUS_PER_TASK.
int available_threads();
/// Sets the number of threads of parallel_for; 0 or less means available_threads(), which is also the value
/// before the first call.
void set_threads(int threads);
int threads();

/// Calls body(k) once for every k in [0, chunks), on up to threads() threads. Nested calls run serially. All
/// chunks run even if some throw; the exception of the lowest chunk number is then rethrown.
template <class Body>
void parallel_for(std::size_t chunks, const Body& body);

namespace detail {
void run_parallel(std::size_t chunks, void (*call)(const void*, std::size_t), const void* body);

/// Whole processors that the cgroups of this program allow it, 0 if there is no limit. `membership` is the
/// text of /proc/self/cgroup, `mount` the folder of the hierarchies ("/sys/fs/cgroup"). It reads version 2
/// (cpu.max) and version 1 (cpu.cfs_quota_us), at every level up to the root.
int cgroup_limit(const std::string& membership, const std::string& mount);
}  // namespace detail

template <class Body>
void parallel_for(std::size_t chunks, const Body& body) {
  detail::run_parallel(
      chunks, [](const void* b, std::size_t k) { (*static_cast<const Body*>(b))(k); }, &body);
}

}  // namespace pnn
