#include "pnn/platforms/mrr/lab/row_optics.hpp"

#include <algorithm>
#include <cmath>

namespace pnn::platforms::mrr::lab {
namespace {

/// A full bus has as many channels as fit the FSR, so that its last column neighbours the first.
bool within_reach(std::size_t a, std::size_t b, const Process& process) {
  const double cols = process.chip_cols;
  double distance = std::abs(double(a) - double(b));
  if (cols >= std::floor(process.fsr_nm / process.channel_spacing_nm))
    distance = std::min(distance, cols - distance);
  return distance <= process.reach;
}

}  // namespace

RowTerms row_terms(std::span<const RowRing> row, std::size_t col, const Process& process) {
  // light left on the bus before and after the ring, and what the rings on either side have dropped of it
  double before = 1, after = 1, dropped_before = 0, dropped_after = 0;
  for (std::size_t m = 0; m < row.size(); ++m) {
    if (m == col || !within_reach(m, col, process)) continue;
    const double to_channel = (double(col) - double(m)) * process.channel_spacing_nm;
    const RingSlopes ring = ring_slopes(row[m].detuning_nm + to_channel, process.fsr_nm, row[m].r, process.a);
    double& light = m < col ? before : after;
    (m < col ? dropped_before : dropped_after) += light * ring.drop;
    light *= ring.thru;
  }
  return {dropped_before, before, before * (after - dropped_after)};
}

}  // namespace pnn::platforms::mrr::lab
