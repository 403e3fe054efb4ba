#include "pnn/study/yield.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/study/intervals.hpp"

namespace pnn::study {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double finite_or_unknown(double value) {
  return std::isfinite(value) ? value : unknown;
}

/// Whether every evaluation was made.
bool is_complete(const Result& r) {
  for (std::size_t k = 0; k < r.score.size(); ++k)
    if (std::isnan(r.score.data[k]) && (r.overflowed.data.empty() || r.overflowed.data[k] == 0)) return false;
  return !r.score.data.empty();
}

/// "drift=-1, dac-bits=4"
std::string text_of(const std::vector<Axis>& axes, std::size_t condition) {
  std::vector<std::string> parts(axes.size());
  for (std::size_t a = axes.size(); a-- > 0;) {
    const std::vector<double>& values = axes[a].values;
    parts[a] = axes[a].name + "=" + format_number(values[condition % values.size()]);
    condition /= values.size();
  }
  return join(parts, ", ");
}

/// A condition of the table: the flat indices of those that it takes together.
struct Rows {
  std::vector<std::string> names;
  std::vector<std::vector<std::size_t>> conditions;
};

Rows rows_of(const Result& r) {
  std::size_t count = 1;
  for (const Axis& axis : r.axes) count *= axis.values.size();
  Rows rows;
  if (count > 1)
    for (std::size_t c = 0; c < count; ++c) {
      rows.names.push_back(text_of(r.axes, c));
      rows.conditions.push_back({c});
    }
  if (count > 1 && std::any_of(r.axes.begin(), r.axes.end(), [](const Axis& a) { return is_of_process(a); }))
    return rows;
  rows.names.emplace_back("all");
  rows.conditions.emplace_back(count);
  std::iota(rows.conditions.back().begin(), rows.conditions.back().end(), std::size_t{0});
  return rows;
}

}  // namespace

std::vector<double> device_scores(const Result& r, std::size_t method,
                                  std::span<const std::size_t> conditions) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::size_t devices = r.devices.size(), inner = devices * r.repeats;
  const std::span<const double> own = r.score.slice(method);
  std::vector<double> smallest(devices, infinity);
  for (const std::size_t condition : conditions)
    for (std::size_t k = 0; k < inner; ++k) {
      const double score = own[condition * inner + k];
      double& least = smallest[k / r.repeats];
      least = std::isfinite(score) ? std::min(least, score) : -infinity;
    }
  return smallest;
}

std::size_t passing(std::span<const double> numbers, double level) {
  constexpr double rounding = 1e-9;
  return std::size_t(
      std::count_if(numbers.begin(), numbers.end(), [&](double v) { return v >= level - rounding; }));
}

double quantile_of(std::span<const double> rising, double p) {
  require(!rising.empty() && p >= 0 && p <= 1, "a quantile is one of some numbers");
  const double place = p * double(rising.size() - 1), below = std::floor(place);
  const double low = rising[std::size_t(below)], part = place - below;
  if (part == 0) return finite_or_unknown(low);
  return finite_or_unknown(low + part * (rising[std::size_t(below) + 1] - low));
}

double worst_tenth_of(std::span<const double> rising) {
  require(!rising.empty(), "a worst tenth is one of some numbers");
  const std::span<const double> worst = rising.first((rising.size() + 9) / 10);
  return std::isfinite(worst.front())
             ? std::accumulate(worst.begin(), worst.end(), 0.0) / double(worst.size())
             : unknown;
}

bool tell_yield(Result& r) {
  Yield& y = r.yield;
  if (y.levels.empty() || !is_complete(r)) return false;
  require(network::traits_of(r.task).scored, "a yield is one of a score");
  Rows rows = rows_of(r);
  y.conditions = std::move(rows.names);
  y.probabilities = {0.05, 0.5};
  const std::size_t methods = r.methods.size(), conditions = y.conditions.size(), devices = r.devices.size();
  for (Array<double>* shares : {&y.share, &y.share_low, &y.share_high, &y.at_least})
    *shares = Array<double>({methods, y.levels.size(), conditions});
  for (Array<double>* quantiles : {&y.quantile, &y.quantile_low, &y.quantile_high})
    *quantiles = Array<double>({methods, y.probabilities.size(), conditions}, unknown);
  for (Array<double>* ends : {&y.worst_tenth, &y.worst}) *ends = Array<double>({methods, conditions});
  std::vector<Ranks> ranks;
  for (const double p : y.probabilities) ranks.push_back(quantile_ranks(devices, p, y.confidence));
  for (std::size_t m = 0; m < methods; ++m) {
    for (std::size_t c = 0; c < conditions; ++c) {
      std::vector<double> numbers = device_scores(r, m, rows.conditions[c]);
      std::sort(numbers.begin(), numbers.end());
      for (std::size_t l = 0; l < y.levels.size(); ++l) {
        const std::size_t at = (m * y.levels.size() + l) * conditions + c;
        const std::size_t passed = passing(numbers, y.levels[l]);
        const Interval interval = share_interval(passed, devices, y.confidence);
        y.share.data[at] = double(passed) / double(devices);
        y.share_low.data[at] = interval.low;
        y.share_high.data[at] = interval.high;
        y.at_least.data[at] = share_at_least(passed, devices, y.confidence);
      }
      for (std::size_t q = 0; q < ranks.size(); ++q) {
        const std::size_t at = (m * ranks.size() + q) * conditions + c;
        y.quantile.data[at] = quantile_of(numbers, y.probabilities[q]);
        if (ranks[q].low > 0) y.quantile_low.data[at] = finite_or_unknown(numbers[ranks[q].low - 1]);
        if (ranks[q].high > 0) y.quantile_high.data[at] = finite_or_unknown(numbers[ranks[q].high - 1]);
      }
      y.worst_tenth.data[m * conditions + c] = worst_tenth_of(numbers);
      y.worst.data[m * conditions + c] = finite_or_unknown(numbers.front());
    }
  }
  return true;
}

}  // namespace pnn::study
