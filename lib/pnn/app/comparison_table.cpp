#include "pnn/app/comparison_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/text.hpp"
#include "pnn/study/conditions.hpp"

namespace pnn::app {
namespace {

std::string with_error(const std::string& mean, double error) {
  return mean + (std::isfinite(error) ? " ± " + format_short(error, 2) : "");
}

}  // namespace

std::string difference_text(const study::Difference& d, study::Verdict verdict, double factor) {
  if (d.trainings == 0) return "-";
  return with_error(format_short(factor * d.mean, 3), factor * d.error) + " " +
         (verdict == study::Verdict::unknown ? "(one training)" : word_of(verdict));
}

ComparisonTable compare(const study::Result& r, const std::vector<study::Method>& methods,
                        const Array<double>& numbers, const network::Metric& metric) {
  const std::size_t conditions = numbers.size() / (r.methods.size() * r.devices.size() * r.repeats);
  const auto undisturbed = study::undisturbed_condition(r.axes);
  const double factor = metric.factor();
  const int digits = metric.percent ? 3 : 4;
  ComparisonTable table;
  for (std::size_t m = 0; m < methods.size(); ++m) {
    const study::Method &method = methods[m], &reference = methods[study::reference_of(methods, m)];
    table.overall.push_back(
        study::difference(study::trainings_of(numbers, method), study::trainings_of(numbers, reference)));
    table.overall_verdict.push_back(study::verdict(table.overall.back(), metric.rises));
    table.overall_differences.push_back(
        difference_text(table.overall.back(), table.overall_verdict.back(), factor));
    const study::Estimate clean =
        study::estimate(study::trainings_at(r, numbers, method, undisturbed.value_or(0)));
    for (std::size_t c = 0; c < conditions; ++c) {
      const study::Trainings trainings = study::trainings_at(r, numbers, method, c);
      const study::Estimate e = study::estimate(trainings);
      table.mean.push_back(e.mean);
      table.error.push_back(e.error);
      table.spread.push_back(e.spread);
      table.worst.push_back(metric.rises ? e.smallest : e.largest);
      const bool grows = undisturbed && e.numbers > 0 && clean.numbers > 0 && clean.mean > 0;
      table.growth.push_back(grows ? e.mean / clean.mean : std::numeric_limits<double>::quiet_NaN());
      std::string cell = e.numbers == 0 ? "-" : format_short(factor * e.mean, digits);
      if (e.numbers > 1) {
        cell = with_error(cell, factor * (e.trainings > 1 ? e.error : e.spread));
        cell += " (" + format_short(factor * table.worst.back(), digits) + ")";
      }
      if (!metric.rises && grows && c != *undisturbed) cell += " ×" + format_short(table.growth.back(), 3);
      table.cells.push_back(cell);
      const study::Difference d = study::difference(trainings, study::trainings_at(r, numbers, reference, c));
      table.difference.push_back(d.mean);
      table.difference_error.push_back(d.error);
      table.verdict.push_back(study::verdict(d, metric.rises));
      table.differences.push_back(difference_text(d, table.verdict.back(), factor));
    }
  }
  return table;
}

std::string meaning_of_error(const study::Result& r, const std::vector<study::Method>& methods) {
  const auto plural = [](std::size_t n, const char* one) {
    return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
  };
  const std::string places =
      plural(r.devices.size(), "device") + (r.repeats > 1 ? " and " + plural(r.repeats, "repeat") : "");
  const auto [fewest, most] = std::minmax_element(
      methods.begin(), methods.end(),
      [](const study::Method& a, const study::Method& b) { return a.trainings.size() < b.trainings.size(); });
  const bool nested = r.devices.size() * r.repeats > 1;
  const std::size_t n = fewest->trainings.size();
  if (most->trainings.size() == 1)
    return nested ? ", mean ± spread over " + places + " (worst), one training"
                  : ", " + places + ", one training";
  if (n > 1 && n == most->trainings.size())
    return ", mean ± standard error over " + plural(n, "training") + " (worst), " + places + " in each";
  return ", mean ± standard error over trainings (worst), " + places + " in each" +
         (n > 1    ? ""
          : nested ? ", of one training ± spread over these"
                   : ", of one training no error");
}

}  // namespace pnn::app
