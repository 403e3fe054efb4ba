#include "pnn/study/criterion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/yield.hpp"

namespace pnn::study {

double mean_score(const Array<double>& scores) {
  double sum = 0;
  for (const double score : scores.data) sum += score;
  return sum / double(scores.size());
}

std::vector<double> chip_means(const Array<double>& scores) {
  std::vector<double> means(scores.dim(1), 0.0);
  for (std::size_t k = 0; k < scores.size(); ++k) means[k % means.size()] += scores.data[k];
  for (double& mean : means) mean /= double(scores.dim(0));
  return means;
}

double Criterion::of(const Array<double>& scores) const {
  const std::vector<double>& all = scores.data;
  if (std::any_of(all.begin(), all.end(), [](double value) { return std::isnan(value); }))
    return std::numeric_limits<double>::quiet_NaN();
  switch (kind) {
    case Kind::mean:
      return mean_score(scores);
    case Kind::quantile: {
      std::vector<double> means = chip_means(scores);
      std::sort(means.begin(), means.end());
      return quantile_of(means, level / 100);
    }
    case Kind::worst:
      return *std::min_element(all.begin(), all.end());
    case Kind::yield:
      break;
  }
  std::vector<double> lowest(scores.dim(1), std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < all.size(); ++k) {
    double& own = lowest[k % lowest.size()];
    own = std::min(own, all[k]);
  }
  return double(passing(lowest, level / 100)) / double(lowest.size());
}

std::string Criterion::title() const {
  switch (kind) {
    case Kind::mean:
      return "mean over chips";
    case Kind::quantile:
      return format_number(level) + " % quantile of chips";
    case Kind::worst:
      return "worst chip";
    case Kind::yield:
      break;
  }
  return "chips that reach " + format_number(level) + " %";
}

Criterion parse_criterion(const std::string& text, network::Task task) {
  if (text == "mean") return {Criterion::Kind::mean};
  if (text == "worst") return {Criterion::Kind::worst};
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || (name != "quantile" && name != "yield"))
    throw UsageError("--criterion: expected mean, worst, quantile=PERCENT or yield=PERCENT, found \"" + text +
                     "\"");
  const double level = parse_number(text.substr(equals + 1), "--criterion " + name);
  if (!(level >= 0 && level <= 100))
    throw UsageError("--criterion " + name + ": expected a percentage between 0 and 100, found " +
                     format_number(level));
  if (name == "quantile") return {Criterion::Kind::quantile, level};
  if (!network::traits_of(task).scored)
    throw UsageError("--criterion yield: the score of --task " + word_of(task) +
                     " is its loss, of which no percentage is reached; take mean, quantile or worst");
  return {Criterion::Kind::yield, level};
}

}  // namespace pnn::study
