#include "pnn/study/trace.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::study {

void check_times(const std::vector<double>& time_s, std::size_t samples) {
  if (time_s.size() != samples || samples < 2)
    throw InputError("--trace: needs two samples or more, with a time each");
  for (std::size_t k = 1; k < time_s.size(); ++k) {
    if (!(time_s[k] > time_s[k - 1]))
      throw InputError("--trace: times must ascend; sample " + std::to_string(k + 1) + " does not (" +
                       format_number(time_s[k]) + ")");
  }
}

Trace temperature_trace(std::vector<double> time_s, const std::vector<double>& temperature) {
  check_times(time_s, temperature.size());
  Trace trace;
  trace.time_s = std::move(time_s);
  for (double t : temperature) trace.drift_k.push_back(t - temperature.front());
  return trace;
}

}  // namespace pnn::study
