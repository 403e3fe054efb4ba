// Parallel loops whose results do not depend on the number of threads: the caller cuts the work in
// chunks whose size is fixed by the problem, and no two chunks write the same place.
#pragma once

#include <cstddef>

namespace pnn {

/// Threads that this process may use: affinity mask, cgroup quota and SLURM_CPUS_PER_TASK respected.
int available_threads();
/// Sets how many threads parallel_for uses from now on; 0 means available_threads(). Also pins
/// Eigen's idea of the cache sizes, so that its blocking, and with it every bit, is the same everywhere.
void set_threads(int threads);
int threads();

/// Calls body(k) for k in [0, chunks), each once, on up to threads() threads. Nested calls run serially.
/// The first exception by chunk number is rethrown.
template <class Body>
void parallel_for(std::size_t chunks, const Body& body);

namespace detail {
void run_parallel(std::size_t chunks, void (*call)(const void*, std::size_t), const void* body);
}

template <class Body>
void parallel_for(std::size_t chunks, const Body& body) {
  detail::run_parallel(
      chunks, [](const void* b, std::size_t k) { (*static_cast<const Body*>(b))(k); }, &body);
}

}  // namespace pnn
