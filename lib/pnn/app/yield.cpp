#include "pnn/app/yield.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "pnn/app/comparison_table.hpp"
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

/// A column of the table: numbers [method, …, condition] of each training, and what is told of several.
struct Column {
  std::string title;
  std::string name;                               ///< in JSON
  const Numbers* numbers = nullptr;               ///< [training, middle, condition]
  const Numbers *low = nullptr, *high = nullptr;  ///< their intervals, where they have some
  std::size_t size = 1, middle = 0;               ///< of the middle axis: levels or quantiles
  double factor = 100;
  enum { mean, mean_and_fewest, fewest } told = mean;
};

std::string percent(double share) {
  return format_short(100 * share, 6);
}

std::vector<Column> columns_of(const study::Yield& y, const network::Metric& metric) {
  std::vector<Column> columns;
  const std::size_t levels = y.levels.size(), quantiles = y.probabilities.size();
  const double factor = metric.factor();
  for (std::size_t l = 0; l < levels; ++l) {
    const std::string level = metric.percent ? percent(y.levels[l]) + " %" : format_short(y.levels[l], 6);
    columns.push_back({"≥ " + level, "share", &y.share, &y.share_low, &y.share_high, levels, l, 100,
                       Column::mean_and_fewest});
    columns.push_back({"shown", "at_least", &y.at_least, nullptr, nullptr, levels, l, 100, Column::fewest});
  }
  for (std::size_t q = 0; q < quantiles; ++q)
    columns.push_back({y.probabilities[q] == 0.5 ? "median" : percent(y.probabilities[q]) + " %", "quantile",
                       &y.quantile, &y.quantile_low, &y.quantile_high, quantiles, q, factor, Column::mean});
  columns.push_back(
      {"worst tenth", "worst_tenth", &y.worst_tenth, nullptr, nullptr, 1, 0, factor, Column::mean});
  columns.push_back({"worst", "worst", &y.worst, nullptr, nullptr, 1, 0, factor, Column::fewest});
  return columns;
}

/// One number of each training of a method.
std::vector<double> values_of(const Column& column, const Numbers& numbers, const study::Method& method,
                              std::size_t condition) {
  const std::size_t conditions = numbers.shape.back();
  std::vector<double> values;
  for (const std::size_t training : method.trainings)
    values.push_back(numbers.data[(training * column.size + column.middle) * conditions + condition]);
  return values;
}

bool all_known(const std::vector<double>& values) {
  return std::none_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

study::Trainings apart(const std::vector<double>& values) {
  study::Trainings trainings;
  for (const double& value : values) trainings.emplace_back(&value, 1);
  return trainings;
}

/// "85 [62.1, 96.8]" of one training, "85 ± 3 (80)" of several; "-" where a device has no number.
std::string cell(const Column& column, const study::Method& method, std::size_t condition) {
  const auto text = [&](double value) {
    return std::isnan(value) ? std::string("-") : format_short(column.factor * value, 4);
  };
  const std::vector<double> values = values_of(column, *column.numbers, method, condition);
  if (!all_known(values)) return "-";
  const double least = *std::min_element(values.begin(), values.end());
  if (column.told == Column::fewest) return text(least);
  if (values.size() == 1) {
    const auto end = [&](const Numbers& ends) { return text(values_of(column, ends, method, condition)[0]); };
    return text(least) +
           (column.low == nullptr ? "" : " [" + end(*column.low) + ", " + end(*column.high) + "]");
  }
  const study::Estimate e = study::estimate(apart(values));
  return text(e.mean) + " ± " + format_short(column.factor * e.error, 2) +
         (column.told == Column::mean_and_fewest ? " (" + text(least) + ")" : "");
}

/// The differences of a method to the first, one a condition, in the table and as they go to JSON.
struct Differences {
  std::vector<std::string> cells, verdicts;
  std::vector<double> mean, error;
};

Differences differences(const Column& column, const study::Method& method, const study::Method& first) {
  Differences all;
  for (std::size_t c = 0; c < column.numbers->shape.back(); ++c) {
    const std::vector<double> ours = values_of(column, *column.numbers, method, c);
    const std::vector<double> theirs = values_of(column, *column.numbers, first, c);
    study::Difference d{.mean = std::nan(""), .error = std::nan("")};
    if (all_known(ours) && all_known(theirs)) d = study::difference(apart(ours), apart(theirs));
    const study::Verdict verdict = study::verdict(d, true);
    all.cells.push_back(difference_text(d, verdict, column.factor));
    all.verdicts.push_back(d.trainings == 0 ? "-" : word_of(verdict));
    all.mean.push_back(d.mean);
    all.error.push_back(d.error);
  }
  return all;
}

void append(Differences& to, const Differences& from) {
  to.mean.insert(to.mean.end(), from.mean.begin(), from.mean.end());
  to.error.insert(to.error.end(), from.error.begin(), from.error.end());
  to.verdicts.insert(to.verdicts.end(), from.verdicts.begin(), from.verdicts.end());
}

/// Whether a table of every condition, as along a trace, would be longer than anybody reads.
bool all_alone(const study::Yield& y) {
  constexpr std::size_t most_rows = 20;
  return y.conditions.size() > most_rows && y.conditions.back() == "all";
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
    report.headline("all: a device passes if it does in every condition, and counts by its worst" +
                    std::string(all_alone(y) ? "; JSON and file have each condition" : ""));
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
  const std::vector<Column> columns = columns_of(y, metric);
  std::vector<std::string> titles;
  if (y.conditions.size() > 1) titles.emplace_back("condition");
  titles.emplace_back("method");
  for (const Column& column : columns) titles.push_back(column.title);
  report.columns(titles);
  const bool compared = methods.size() > 1 && methods.size() < r.methods.size();
  std::vector<std::vector<Differences>> told(methods.size());  // [method, column]
  std::map<std::string, Differences> by_name;
  for (std::size_t m = 0; m < methods.size() && compared; ++m)
    for (const Column& column : columns) {
      told[m].push_back(differences(column, methods[m], methods[study::reference_of(methods, m)]));
      if (column.told != Column::fewest) append(by_name[column.name], told[m].back());
    }
  const auto add_row = [&](std::size_t c, const std::string& title, const auto& text) {
    std::vector<std::string> row;
    if (y.conditions.size() > 1) row.push_back(y.conditions[c]);
    row.push_back(title);
    for (std::size_t k = 0; k < columns.size(); ++k) row.push_back(text(k));
    report.row(row);
  };
  for (std::size_t c = all_alone(y) ? y.conditions.size() - 1 : 0; c < y.conditions.size(); ++c) {
    for (const study::Method& method : methods)
      add_row(c, method.label, [&](std::size_t k) { return cell(columns[k], method, c); });
    for (std::size_t m = 1; m < methods.size() && compared; ++m) {
      const std::size_t reference = study::reference_of(methods, m);
      if (reference == m) continue;
      add_row(c, methods[m].label + " - " + methods[reference].label,
              [&](std::size_t k) { return columns[k].told == Column::fewest ? "" : told[m][k].cells[c]; });
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
  for (const auto& [name, all] : by_name) {
    report.value("yield_" + name + "_difference", all.mean);
    report.value("yield_" + name + "_difference_standard_error", all.error);
    report.value("yield_" + name + "_verdict", all.verdicts);
  }
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
