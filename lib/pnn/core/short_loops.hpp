// Parallel loops that may be too short for a second thread: to hand it a chunk takes a microsecond, or twenty
// where it sleeps, then the numbers must get to it, and then it waits for more for a tenth of a millisecond.
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/core/threads.hpp"

namespace pnn {

/// Loops of less than so many nanoseconds on one thread run on the calling one. Steps of shorter loops gained
/// a third of their time from a second processor that shared nothing with the first, and lost a quarter to
/// one that did.
inline constexpr double least_parallel_ns = 100'000;

/// parallel_for (threads.hpp) of a loop whose chunks take about `work_ns` together on one thread. Where they
/// run serially, an exception ends the loop.
template <class Body>
void parallel_for(std::size_t chunks, double work_ns, const Body& body) {
  if (work_ns >= least_parallel_ns) return parallel_for(chunks, body);
  for (std::size_t k = 0; k < chunks; ++k) body(k);
}

/// About what one pass over so many numbers, or over a batch, takes.
inline double pass_ns(Index numbers) {
  return 0.25 * double(numbers);
}
template <class Real>
double pass_ns(const ConstMatrixView<Real>& batch) {
  return pass_ns(batch.size());
}
/// About what a product of factors [rows, depth] and [depth, cols] takes.
inline double product_ns(Index rows, Index depth, Index cols) {
  return double(rows) * double(depth) * double(cols) / 100;
}

}  // namespace pnn
