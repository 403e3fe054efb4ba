#include "pnn/app/result_report.hpp"

#include <algorithm>

#include "pnn/app/comparison_table.hpp"
#include "pnn/app/yield.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::app {

void report_overflow(const study::SweepOutcome& outcome, cli::Context& context) {
  const std::vector<double>& lost = outcome.result.overflowed.data;
  const auto count = std::count(lost.begin(), lost.end(), 1.0);
  context.report().value("overflowed", std::int64_t(count));
  if (count == 0) return;
  const std::string what = outcome.overflow.empty() ? "" : ": " + outcome.overflow;
  if (std::size_t(count) == lost.size())
    throw RunError("no evaluation gave finite numbers" + what +
                   "; are these the parameters, and the conditions, that you mean?");
  context.warn(std::to_string(count) + " of " + std::to_string(lost.size()) +
               " evaluations gave no finite numbers and are left out (/overflowed says which)" + what);
}

namespace {

/// Numbers that stand beside the score.
struct Beside {
  std::string name, title, what;  ///< in JSON, in the title of a column, in the headline
  network::Metric metric;
  Array<double> numbers;
};

std::vector<Beside> beside_score(const study::Result& r) {
  std::vector<Beside> all;
  if (!r.frechet.data.empty())
    all.push_back({"frechet",
                   "F",
                   " and squared Fréchet distance F",
                   {"frechet", "squared Fréchet distance", "F", false, false},
                   r.frechet});
  for (std::size_t t = 0; t < r.targets.size() && !r.rms_error.data.empty(); ++t)
    all.push_back({network::rms_error.name + std::string(r.targets.size() > 1 ? "_" + std::to_string(t) : ""),
                   "rms error of " + r.targets[t], t == 0 ? " and rms error" : "", network::rms_error,
                   study::rms_error_of(r, t)});
  return all;
}

/// What the differences between methods are, or why there are none, and those over all conditions.
void report_differences(const std::vector<study::Method>& methods, const ComparisonTable& table,
                        cli::Report& report) {
  const auto count = [](const study::Method& m) { return m.trainings.size(); };
  const auto [fewest, most] = std::minmax_element(
      methods.begin(), methods.end(), [&](const auto& a, const auto& b) { return count(a) < count(b); });
  if (count(*most) == 1) {
    report.headline("no verdict on methods: one training of each (pnn-train --seed, under one --label)");
    return;
  }
  report.headline(
      "differences: on the same devices, ± standard error over trainings" +
      std::string(count(*fewest) == count(*most) ? " in pairs" : ", in pairs where both have as many") +
      "; better, worse or not told apart by Student's test, 5 % in each comparison");
  if (table.mean.size() == methods.size()) return;
  for (std::size_t m = 1; m < methods.size(); ++m)
    report.headline("mean over all conditions: " + methods[m].label + " - " + methods[0].label + " " +
                    table.overall_differences[m]);
}

std::vector<std::string> words_of_verdicts(const std::vector<study::Verdict>& verdicts) {
  std::vector<std::string> words;
  for (const study::Verdict verdict : verdicts) words.push_back(word_of(verdict));
  return words;
}

}  // namespace

void report_result(const study::Result& r, cli::Report& report) {
  const network::Metric& metric = network::traits_of(r.task).metric;
  const std::vector<Beside> beside = beside_score(r);
  const std::vector<study::Method> methods = study::methods_of(r);
  const bool several = methods.size() < r.methods.size();
  std::string what = metric.header();
  for (const Beside& b : beside) what += b.what;
  report.headline(what + meaning_of_error(r, methods) +
                  (!metric.rises && study::undisturbed_condition(r.axes) ? ", × the undisturbed" : "") +
                  ", " + std::to_string(r.images) + " samples");
  std::vector<std::string> titles, labels;
  std::vector<double> trainings;
  for (const auto& axis : r.axes) titles.push_back(axis.name + (axis.unit == "1" ? "" : " / " + axis.unit));
  if (r.axes.empty()) titles.emplace_back("");
  for (const study::Method& method : methods) {
    labels.push_back(method.label);
    trainings.push_back(double(method.trainings.size()));
    titles.push_back(method.label);
    for (const Beside& b : beside) titles.push_back(method.label + ", " + b.title);
  }
  for (std::size_t m = 1; several && m < methods.size(); ++m)
    titles.push_back(methods[m].label + " - " + methods[0].label);
  const ComparisonTable numbers = compare(r, methods, study::measure(r), metric);
  if (methods.size() > 1) report_differences(methods, numbers, report);
  report.columns(titles);
  std::vector<ComparisonTable> others;
  for (const Beside& b : beside) others.push_back(compare(r, methods, b.numbers, b.metric));
  const std::size_t conditions = numbers.mean.size() / methods.size();
  for (std::size_t c = 0; c < conditions; ++c) {
    std::vector<std::string> row(std::max<std::size_t>(1, r.axes.size()));
    std::size_t flat = c;
    for (std::size_t a = r.axes.size(); a-- > 0;) {
      row[a] = format_short(r.axes[a].values[flat % r.axes[a].values.size()], 6);
      flat /= r.axes[a].values.size();
    }
    for (std::size_t m = 0; m < methods.size(); ++m) {
      row.push_back(numbers.cells[m * conditions + c]);
      for (const ComparisonTable& other : others) row.push_back(other.cells[m * conditions + c]);
    }
    for (std::size_t m = 1; several && m < methods.size(); ++m)
      row.push_back(numbers.differences[m * conditions + c]);
    report.row(row);
  }
  report.value("methods", labels);
  report.value("trainings", trainings);
  report.value("training_labels", r.methods);  // of what is told of each training, as its heater power
  for (const auto& axis : r.axes) report.value("axis " + axis.name, axis.values);
  report.value("devices", r.devices);
  report.value("images", std::int64_t(r.images));
  const auto tell = [&](const std::string& name, const ComparisonTable& table) {
    report.value(name + "_mean", table.mean);
    report.value(name + "_standard_error", table.error);
    report.value(name + "_deviation", table.spread);
    report.value(name + "_worst", table.worst);
    report.value(name + "_difference", table.difference);
    report.value(name + "_difference_standard_error", table.difference_error);
    report.value(name + "_verdict", words_of_verdicts(table.verdict));
    std::vector<double> overall, overall_error;
    for (const study::Difference& d : table.overall) {
      overall.push_back(d.mean);
      overall_error.push_back(d.error);
    }
    report.value(name + "_overall_difference", overall);
    report.value(name + "_overall_difference_standard_error", overall_error);
    report.value(name + "_overall_verdict", words_of_verdicts(table.overall_verdict));
  };
  const auto tell_all = [&](const std::string& name, const network::Metric& of,
                            const ComparisonTable& table) {
    tell(name, table);
    if (!of.rises) report.value(name + "_growth", table.growth);
  };
  tell_all(metric.name, metric, numbers);
  for (std::size_t k = 0; k < beside.size(); ++k) tell_all(beside[k].name, beside[k].metric, others[k]);
  if (!r.targets.empty()) report.value("targets", r.targets);
  std::vector<double> mean_mw, largest_mw, energy_uj;
  for (const platform::HeaterUse& use : study::heater_uses(r)) {
    mean_mw.push_back(use.mean_mw);
    largest_mw.push_back(use.largest_mw);
    energy_uj.push_back(use.energy_uj);
  }
  report.value("heater_power_mean_mw", mean_mw);
  report.value("heater_power_largest_mw", largest_mw);
  report.value("heater_energy_uj", energy_uj);
  report_yield(r, report);
}

}  // namespace pnn::app
