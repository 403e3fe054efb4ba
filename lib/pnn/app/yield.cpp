#include "pnn/app/yield.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/comparison.hpp"
#include "pnn/study/intervals.hpp"
#include "pnn/study/yield.hpp"

namespace pnn::app {

void YieldSettings::describe(Options& o) {
  o.numbers("yield", levels, "LEVELS",
            "also tell which share of the devices reaches this accuracy, or R² (%), as 95 or 90,95: at each "
            "condition and at all of them, with intervals, quantiles over devices and the share of all dies "
            "that is shown",
            {0, 100, true})
      .later = true;
  Option& sure = o.number("confidence", confidence, "C", "of the intervals and statements of --yield (%)",
                          Limits::between(50, 99.9999));
  sure.later = true;
  sure.idle = [this] { return levels.empty() ? "it is that of --yield" : ""; };
}

study::Yield asked_yield(const YieldSettings& settings, const Evaluation& e,
                         const std::vector<std::size_t>& indices, const std::string& target) {
  study::Yield yield;
  if (settings.levels.empty()) return yield;
  if (e.model)
    throw UsageError("--yield: acts on nothing here; " + target +
                     " is a model, and a yield is a share of devices (pnn-fabricate --count)");
  const network::TaskTraits& traits = network::traits_of(e.params.front().value.task);
  if (!traits.scored)
    throw UsageError("--yield: acts on an accuracy or R² in %; these networks are told by their " +
                     std::string(traits.metric.title));
  std::vector<std::size_t> sorted = indices;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    throw UsageError("--yield: device " + std::to_string(*twice) +
                     " stands twice in --index; a share is one of different devices");
  for (const double level : settings.levels) yield.levels.push_back(level / 100);
  yield.confidence = settings.confidence / 100;
  return yield;
}

namespace {

using Numbers = Array<double>;

/// Numbers of a yield for one row of its table.
class Row {
 public:
  Row(const study::Yield& yield, const study::Method& method, std::size_t condition,
      const network::Metric& metric)
      : yield_(yield), method_(method), condition_(condition), metric_(metric) {}

  /// "85 [62.1, 96.8]" of one training, "85 ± 3 (80)" of several, with the worst of them.
  [[nodiscard]] std::string share(std::size_t level) const {
    const auto of = [&](const Numbers& n) { return values(n, yield_.levels.size(), level); };
    const std::vector<double> shares = of(yield_.share);
    return shares.size() == 1 ? enclosed(100, shares[0], of(yield_.share_low)[0], of(yield_.share_high)[0])
                              : averaged(100, shares) + " (" +
                                    text(100, *std::min_element(shares.begin(), shares.end())) + ")";
  }
  /// Of the worst training.
  [[nodiscard]] std::string at_least(std::size_t level) const {
    const std::vector<double> bounds = values(yield_.at_least, yield_.levels.size(), level);
    return text(100, *std::min_element(bounds.begin(), bounds.end()));
  }
  [[nodiscard]] std::string quantile(std::size_t q) const {
    const auto of = [&](const Numbers& n) { return values(n, yield_.probabilities.size(), q); };
    const std::vector<double> own = of(yield_.quantile);
    return own.size() == 1
               ? enclosed(metric_.factor(), own[0], of(yield_.quantile_low)[0], of(yield_.quantile_high)[0])
               : averaged(metric_.factor(), own);
  }
  [[nodiscard]] std::string worst_tenth() const {
    return averaged(metric_.factor(), values(yield_.worst_tenth, 1, 0));
  }
  [[nodiscard]] std::string worst() const {
    const std::vector<double> all = values(yield_.worst, 1, 0);
    const bool finite = std::all_of(all.begin(), all.end(), [](double v) { return std::isfinite(v); });
    return finite ? text(metric_.factor(), *std::min_element(all.begin(), all.end())) : "-";
  }

 private:
  /// One number of each training; `middle` of `size` along the axis of levels or quantiles.
  [[nodiscard]] std::vector<double> values(const Numbers& numbers, std::size_t size,
                                           std::size_t middle) const {
    std::vector<double> own;
    for (const std::size_t training : method_.trainings)
      own.push_back(numbers.data[(training * size + middle) * yield_.conditions.size() + condition_]);
    return own;
  }
  static std::string text(double factor, double value) {
    return std::isfinite(value) ? format_short(factor * value, 3) : "-";
  }
  static std::string enclosed(double factor, double value, double low, double high) {
    return text(factor, value) + " [" + text(factor, low) + ", " + text(factor, high) + "]";
  }
  static std::string averaged(double factor, const std::vector<double>& values) {
    study::Trainings trainings;
    for (const double& value : values) trainings.emplace_back(&value, 1);
    const study::Estimate e = study::estimate(trainings);
    if (e.trainings < values.size()) return "-";
    return text(factor, e.mean) +
           (std::isfinite(e.error) ? " ± " + format_short(factor * e.error, 2) : std::string());
  }

  const study::Yield& yield_;
  const study::Method& method_;
  std::size_t condition_;
  const network::Metric& metric_;
};

std::string percent(double share) {
  return format_short(100 * share, 6);
}

/// What the columns mean.
void report_meaning(const study::Result& r, const std::vector<study::Method>& methods,
                    const network::Metric& metric, cli::Report& report) {
  const study::Yield& y = r.yield;
  const auto single = [](const study::Method& m) { return m.trainings.size() == 1; };
  const bool some = std::any_of(methods.begin(), methods.end(), single);
  const bool several = !std::all_of(methods.begin(), methods.end(), single);
  const std::string sure = percent(y.confidence) + " %", count = std::to_string(r.devices.size());
  const auto interval = [&](const std::string& of) {
    return !some ? "" : (several ? ", of one training [" : " [") + sure + " interval of " + of + "]";
  };
  report.headline("yield: % of " + count + (r.devices.size() == 1 ? " device" : " devices") + " whose " +
                  metric.title + " reaches the level" + (r.repeats > 1 ? " in each repeat" : "") +
                  (several ? ", mean ± standard error over trainings (fewest)" : "") +
                  interval("Clopper and Pearson"));
  report.headline("shown: % of all dies of that process, with " + sure + " confidence" +
                  (several ? ", by the training with the fewest" : ""));
  report.headline("5 %, median: quantiles over devices" +
                  interval("order statistics, - for too few devices") + "; worst tenth: its mean");
  if (y.conditions.size() > 1 && y.conditions.back() == "all")
    report.headline("all: a device passes if it does in every condition, and counts by its worst");
}

}  // namespace

void report_yield(const study::Result& r, cli::Report& report) {
  const study::Yield& y = r.yield;
  if (y.levels.empty()) return;
  report.next_table();
  if (y.conditions.empty()) {
    report.headline("yield: told when the parts of all devices are merged (pnn-merge)");
    return;
  }
  const network::Metric& metric = network::traits_of(r.task).metric;
  const std::vector<study::Method> methods = study::methods_of(r);
  report_meaning(r, methods, metric, report);
  std::vector<std::string> titles;
  if (y.conditions.size() > 1) titles.emplace_back("condition");
  titles.emplace_back("method");
  for (const double level : y.levels) {
    titles.push_back("≥ " + (metric.percent ? percent(level) + " %" : format_short(level, 6)));
    titles.emplace_back("shown");
  }
  for (const double p : y.probabilities) titles.push_back(p == 0.5 ? "median" : percent(p) + " %");
  titles.insert(titles.end(), {"worst tenth", "worst"});
  report.columns(titles);
  for (std::size_t c = 0; c < y.conditions.size(); ++c) {
    for (const study::Method& method : methods) {
      const Row numbers(y, method, c, metric);
      std::vector<std::string> row;
      if (y.conditions.size() > 1) row.push_back(y.conditions[c]);
      row.push_back(method.label);
      for (std::size_t l = 0; l < y.levels.size(); ++l) {
        row.push_back(numbers.share(l));
        row.push_back(numbers.at_least(l));
      }
      for (std::size_t q = 0; q < y.probabilities.size(); ++q) row.push_back(numbers.quantile(q));
      row.push_back(numbers.worst_tenth());
      row.push_back(numbers.worst());
      report.row(row);
    }
  }
  report.value("yield_levels", y.levels);
  report.value("yield_confidence", y.confidence);
  report.value("yield_conditions", y.conditions);
  for (const auto& [name, numbers] : {std::pair{"share", &y.share},
                                      {"share_low", &y.share_low},
                                      {"share_high", &y.share_high},
                                      {"at_least", &y.at_least},
                                      {"quantile", &y.quantile},
                                      {"quantile_low", &y.quantile_low},
                                      {"quantile_high", &y.quantile_high},
                                      {"worst_tenth", &y.worst_tenth},
                                      {"worst", &y.worst}})
    report.value(std::string("yield_") + name, numbers->data);
  report.value("yield_probabilities", y.probabilities);
}

void report_yield_forecast(const study::Yield& yield, std::size_t devices, cli::Report& report) {
  if (yield.levels.empty()) return;
  const std::vector<double> shares{0.9, 0.95, 0.99};
  const std::string sure = " with " + percent(yield.confidence) + " % confidence";
  std::vector<double> wanted, with_one_failure;
  for (const double share : shares) {
    wanted.push_back(double(study::devices_wanted(share, yield.confidence)));
    with_one_failure.push_back(double(study::devices_wanted(share, yield.confidence, 1)));
    report.row({"devices to show " + percent(share) + " % of dies" + sure,
                format_number(wanted.back()) + ", " + format_number(with_one_failure.back()) +
                    " if one of them fails"});
  }
  const double most = study::share_at_least(devices, devices, yield.confidence);
  report.row({"most that " + std::to_string(devices) + " devices show" + sure,
              format_short(100 * most, 3) + " % of dies"});
  report.value("yield_shares", shares);
  report.value("yield_devices_wanted", wanted);
  report.value("yield_devices_wanted_if_one_fails", with_one_failure);
  report.value("yield_most_shown", most);
}

}  // namespace pnn::app
