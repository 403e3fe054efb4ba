// A reading of a device, and a function that provides readings: measured now, or from the log of an earlier
// session.
#pragma once

#include <functional>
#include <vector>

namespace pnn::study {

/// One reading.
struct Reading {
  double mean = 0;
  double error = 0;  ///< standard error of the mean; 0 (unknown) for a single average
};

/// Returns `count` readings: those of `measure`, or those that an earlier session logged.
using Take = std::function<std::vector<Reading>(std::size_t count,
                                                const std::function<std::vector<Reading>()>& measure)>;

}  // namespace pnn::study
