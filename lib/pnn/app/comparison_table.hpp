// What does a table say of each method at each condition: a mean with its error, a worst, a difference?
#pragma once

#include <string>
#include <vector>

#include "pnn/study/comparison.hpp"
#include "pnn/study/result.hpp"

namespace pnn::app {

/// The numbers of a table and its cells, flat as [method, condition]. Differences are those to the first
/// method.
struct ComparisonTable {
  std::vector<double> mean, error, spread, worst;
  std::vector<double> growth;  ///< mean over that of the undisturbed condition; NaN where there is none
  std::vector<double> difference, difference_error;
  std::vector<std::string> cells;        ///< "93.1 ± 0.4 (91)", "-" where no number is finite
  std::vector<std::string> differences;  ///< "-1.2 ± 0.3"
};

/// The table of `numbers` of a result (accuracy, loss or frechet: [method, conditions…, device, repeat]) by
/// study::estimate and study::difference. `classify`: numbers are fractions, the more the better, and cells
/// are in percent; otherwise they are errors, and cells also say the growth over the undisturbed condition.
ComparisonTable compare(const study::Result& r, const std::vector<study::Method>& methods,
                        const Array<double>& numbers, bool classify);

/// What ± is in a table, as a part of its headline: the standard error over trainings, or the spread over
/// devices of a single one.
std::string meaning_of_error(const study::Result& r, const std::vector<study::Method>& methods);

}  // namespace pnn::app
