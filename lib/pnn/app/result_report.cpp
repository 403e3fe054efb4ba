#include "pnn/app/result_report.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

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
  if (table.mean.size() == methods.size() || !methods.front().deployment.empty()) return;
  for (std::size_t m = 1; m < methods.size(); ++m)
    report.headline("mean over all conditions: " + methods[m].label + " - " + methods[0].label + " " +
                    table.overall_differences[m]);
}

std::vector<std::string> words_of_verdicts(const std::vector<study::Verdict>& verdicts) {
  std::vector<std::string> words;
  for (const study::Verdict verdict : verdicts) words.push_back(word_of(verdict));
  return words;
}

/// The methods of a table: `deployments` ways to deploy each of the trained ones, which follow each other.
struct Layout {
  std::size_t trained, deployments;
  [[nodiscard]] std::size_t at(std::size_t training, std::size_t deployment) const {
    return training * deployments + deployment;
  }
};

Layout layout_of(const std::vector<study::Method>& methods) {
  const auto same = [&](const study::Method& m) { return m.trained == methods.front().trained; };
  const auto count = std::size_t(std::count_if(methods.begin(), methods.end(), same));
  return {methods.size() / count, count};
}

/// What adjustments cost: mean over evaluations. The array is one of Result::spent_samples, …
double mean_cost(const study::Result& r, const Array<double>& cost, const std::vector<study::Method>& methods,
                 std::optional<std::size_t> condition) {
  std::vector<double> all;
  for (const study::Method& method : methods)
    for (const std::span<const double> part :
         condition ? study::trainings_at(r, cost, method, *condition) : study::trainings_of(cost, method))
      all.insert(all.end(), part.begin(), part.end());
  const study::Summary s = study::summarise(all);
  return s.count > 0 ? s.mean : std::nan("");
}

/// The methods that are deployed in this way.
std::vector<study::Method> deployed_as(const std::vector<study::Method>& methods, const Layout& layout,
                                       std::size_t deployment) {
  std::vector<study::Method> some;
  for (std::size_t t = 0; t < layout.trained; ++t) some.push_back(methods[layout.at(t, deployment)]);
  return some;
}

/// Samples, device calls and times, as cells.
std::vector<std::string> cost_cells(const study::Result& r, const std::vector<study::Method>& methods,
                                    std::size_t condition) {
  std::vector<std::string> cells;
  for (const Array<double>* cost : {&r.spent_samples, &r.spent_calls, &r.adjusted}) {
    const double mean = mean_cost(r, *cost, methods, condition);
    cells.push_back(std::isnan(mean) ? "-" : format_short(mean, 6));
  }
  return cells;
}

/// What the columns of costs mean; of a single deployment what it costs.
void report_costs(const study::Result& r, const std::vector<study::Method>& methods, const Layout& layout,
                  cli::Report& report) {
  if (r.deployments.empty()) return;
  if (layout.deployments > 1) {
    report.headline(
        "samples, calls: training samples shown (each pass of one) and device calls that an adjustment "
        "takes, "
        "mean over devices and methods; times: how often it was made until then");
  } else {
    report.headline("adjusted on each device (" + r.deployments.front() + ") with " +
                    format_short(mean_cost(r, r.spent_samples, methods, {}), 6) + " samples shown and " +
                    format_short(mean_cost(r, r.spent_calls, methods, {}), 6) +
                    " device calls, mean over devices");
  }
  std::vector<double> samples, calls, times;
  std::vector<std::string> deployments;
  for (const study::Method& method : methods) {
    samples.push_back(mean_cost(r, r.spent_samples, {method}, {}));
    calls.push_back(mean_cost(r, r.spent_calls, {method}, {}));
    const study::Trainings counts = study::trainings_of(r.adjusted, method);
    double most = 0;
    for (const std::span<const double> part : counts) most = std::max(most, study::summarise(part).best);
    times.push_back(most);
    deployments.push_back(r.deployments[method.trainings.front()]);
  }
  report.value("deployments", deployments);
  report.value("deployment_samples", samples);
  report.value("deployment_calls", calls);
  report.value("deployment_times", times);
}

/// Of several deployments the differences of each method in each to the first method in the first.
void report_against_first(const study::Result& r, const std::vector<study::Method>& methods,
                          const Layout& layout, cli::Report& report) {
  if (layout.deployments == 1) return;
  const network::Metric& metric = network::traits_of(r.task).metric;
  std::vector<double> mean, error;
  std::vector<study::Verdict> verdicts;
  std::vector<std::string> cells;
  for (const study::Method& method : methods) {
    const study::Difference d = study::difference(study::trainings_of(study::measure(r), method),
                                                  study::trainings_of(study::measure(r), methods.front()));
    verdicts.push_back(study::verdict(d, metric.rises));
    mean.push_back(d.mean);
    error.push_back(d.error);
    cells.push_back(difference_text(d, verdicts.back(), metric.factor()));
  }
  report.next_table();
  report.headline("difference to " + methods.front().label + " with the deployment " +
                  methods.front().deployment + ", mean over all conditions");
  std::vector<std::string> titles{"deployment"};
  for (std::size_t t = 0; t < layout.trained; ++t) titles.push_back(methods[layout.at(t, 0)].trained);
  report.columns(titles);
  for (std::size_t d = 0; d < layout.deployments; ++d) {
    std::vector<std::string> row{methods[d].deployment};
    for (std::size_t t = 0; t < layout.trained; ++t)
      row.push_back(layout.at(t, d) == 0 ? "" : cells[layout.at(t, d)]);
    report.row(row);
  }
  const std::string name = std::string(metric.name) + "_overall_difference_to_first";
  report.value(name, mean);
  report.value(name + "_standard_error", error);
  report.value(name + "_verdict", words_of_verdicts(verdicts));
}

}  // namespace

void report_result(const study::Result& r, cli::Report& report) {
  const network::Metric& metric = network::traits_of(r.task).metric;
  const std::vector<Beside> beside = beside_score(r);
  const std::vector<study::Method> methods = study::methods_of(r);
  const Layout layout = layout_of(methods);
  const bool several = methods.size() < r.methods.size();
  std::string what = metric.header();
  for (const Beside& b : beside) what += b.what;
  report.headline(what + meaning_of_error(r, methods) +
                  (!metric.rises && study::undisturbed_condition(r.axes) ? ", × the undisturbed" : "") +
                  ", " + std::to_string(r.images) + " samples");
  std::vector<std::string> titles, labels;
  std::vector<double> trainings;
  for (const auto& axis : r.axes) titles.push_back(axis.name + (axis.unit == "1" ? "" : " / " + axis.unit));
  if (layout.deployments > 1) {
    titles.insert(titles.end(), {"deployment", "samples", "calls", "times"});
  } else if (r.axes.empty()) {
    titles.emplace_back("");
  }
  for (const study::Method& method : methods) {
    labels.push_back(method.label);
    trainings.push_back(double(method.trainings.size()));
  }
  const auto trained = [&](std::size_t t) { return methods[layout.at(t, 0)].trained; };
  for (std::size_t t = 0; t < layout.trained; ++t) {
    titles.push_back(trained(t));
    for (const Beside& b : beside) titles.push_back(trained(t) + ", " + b.title);
  }
  for (std::size_t t = 1; several && t < layout.trained; ++t)
    titles.push_back(trained(t) + " - " + trained(0));
  const ComparisonTable numbers = compare(r, methods, study::measure(r), metric);
  if (methods.size() > 1) report_differences(methods, numbers, report);
  report_costs(r, methods, layout, report);
  report.columns(titles);
  std::vector<ComparisonTable> others;
  for (const Beside& b : beside) others.push_back(compare(r, methods, b.numbers, b.metric));
  const std::size_t conditions = numbers.mean.size() / methods.size();
  for (std::size_t k = 0; k < conditions * layout.deployments; ++k) {
    const std::size_t c = k / layout.deployments, d = k % layout.deployments;
    std::vector<std::string> row(std::max<std::size_t>(layout.deployments > 1 ? 0 : 1, r.axes.size()));
    std::size_t flat = c;
    for (std::size_t a = r.axes.size(); a-- > 0;) {
      row[a] = format_short(r.axes[a].values[flat % r.axes[a].values.size()], 6);
      flat /= r.axes[a].values.size();
    }
    if (layout.deployments > 1) {
      row.push_back(methods[d].deployment);
      for (const std::string& cell : cost_cells(r, deployed_as(methods, layout, d), c)) row.push_back(cell);
    }
    for (std::size_t t = 0; t < layout.trained; ++t) {
      const std::size_t at = layout.at(t, d) * conditions + c;
      row.push_back(numbers.cells[at]);
      for (const ComparisonTable& other : others) row.push_back(other.cells[at]);
    }
    for (std::size_t t = 1; several && t < layout.trained; ++t)
      row.push_back(numbers.differences[layout.at(t, d) * conditions + c]);
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
  report_against_first(r, methods, layout, report);
  report_yield(r, report);
}

}  // namespace pnn::app
