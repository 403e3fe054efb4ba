// What a person wants to know of a fitted model before using it.
#pragma once

#include <string>
#include <vector>

#include "pnn/model/model.hpp"

namespace pnn::model {

struct ParameterSummary {
  std::string name, unit;
  double median = 0;        ///< over elements of all devices
  double median_error = 0;  ///< of the standard errors; 0 where nothing was fitted
};

/// Over the measured elements of all devices (those without a curve have a residual of zero and no standard
/// errors).
struct ChipSummary {
  std::string element;             ///< "rings", "phase shifters", "display" or "masks"
  std::string unmeasured_because;  ///< "that no layer uses"
  double rms_median = 0, rms_max = 0;
  std::vector<ParameterSummary> parameters;  ///< χ and ℓ at the end, where they are fitted
  std::size_t unmeasured = 0;                ///< elements without a curve, of device 0
  std::vector<std::string> bad;              ///< "row 3 col 7: rms 0.08: …", of device 0
};
ChipSummary summarise(const ChipModel& chip);

/// Middle value, or the mean of the two in the middle; 0 of nothing. NaN is left out.
double median(std::vector<double> values);

}  // namespace pnn::model
