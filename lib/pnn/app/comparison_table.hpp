// Tables of results: for each method and condition a mean with its error, the worst number, and the
// difference to the first method.
#pragma once

#include <string>
#include <vector>

#include "pnn/study/comparison.hpp"
#include "pnn/study/result.hpp"

namespace pnn::app {

/// Numbers and cells of a table, flat as [method, condition]. Differences are those to the first method with
/// the same deployment.
struct ComparisonTable {
  std::vector<double> mean, error, spread, worst;
  std::vector<double> growth;  ///< mean divided by that of the undisturbed condition; NaN if there is none
  std::vector<double> difference, difference_error;
  std::vector<study::Verdict> verdict;
  std::vector<std::string> cells;        ///< "93.1 ± 0.4 (91)", or "-" if no number is finite
  std::vector<std::string> differences;  ///< "-1.2 ± 0.3 worse"
  /// The same of the mean over all conditions, a number for each method.
  std::vector<study::Difference> overall;
  std::vector<study::Verdict> overall_verdict;
  std::vector<std::string> overall_differences;
};

/// "-1.2 ± 0.3 worse", "24 (one training)", or "-" where there are no numbers; numbers times `factor`.
std::string difference_text(const study::Difference& difference, study::Verdict verdict, double factor);

/// Makes the table of `numbers` of a result ([method, conditions…, device, repeat], of this metric) with
/// study::estimate, study::difference and study::verdict. Cells of errors, which fall, also show the growth
/// over the undisturbed condition.
ComparisonTable compare(const study::Result& r, const std::vector<study::Method>& methods,
                        const Array<double>& numbers, const network::Metric& metric);

/// The meaning of ± in a table, as a part of its headline: the standard error over trainings, or the spread
/// over devices for a single training.
std::string meaning_of_error(const study::Result& r, const std::vector<study::Method>& methods);

}  // namespace pnn::app
