#include "pnn/app/process_report.hpp"

#include <algorithm>

#include "pnn/app/table_notes.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/table.hpp"
#include "pnn/study/placement.hpp"

namespace pnn::app {
namespace {

std::string with_error(const study::WithError& estimate) {
  return format_short(estimate.value, 4) + " ± " + format_short(estimate.error, 2);
}

std::string dies_text(double dies) {
  return dies > 0 ? format_short(dies, 3) : "-";
}

/// "smooth 0.4 ± 0.1" and what else is known of a value that was found; empty for one that was not.
std::string comment_on(const std::string& name, const study::ProcessFit& fit) {
  for (const study::QuantityFit& q : fit.quantities) {
    if (name == q.parameter.design) return with_error(q.fit.mean) + " " + q.unit;
    if (name == q.parameter.sigma)
      return "between dies " + with_error(q.fit.die) + ", within a die " + with_error(q.fit.within) + " " +
             q.unit;
    if (name == q.parameter.shares + ".smooth" && q.fit.length) return "over " + with_error(*q.fit.length);
    if (name == q.parameter.shares + ".die" || name == q.parameter.shares + ".smooth") return "found";
  }
  return {};
}

}  // namespace

std::vector<study::DiePosition> read_positions(const std::string& path, cli::Context& context) {
  const io::Table table = io::read_table(path);
  context.parent("positions", "csv", table.hash, {});
  tell(table.notes, table.path, context);
  const auto column = [&](const std::string& name) {
    for (std::size_t k = 0; k < table.header.size(); ++k) {
      const std::string& title = table.header[k];
      if (study::comparable_name(title.substr(0, title.find_first_of("(["))) != name) continue;
      const std::size_t begin = title.find_first_of("([");
      if (begin != std::string::npos && title.substr(begin + 1, title.size() - begin - 2) != "mm")
        throw InputError(path + ": column \"" + title + "\": expected positions in mm");
      return k;
    }
    throw InputError(path + ": no column " + name + "; expected die, x and y, as \"die,x (mm),y (mm)\"");
  };
  const std::size_t die = column("die");
  const std::vector<double> x = table.numbers(column("x")), y = table.numbers(column("y"));
  std::vector<study::DiePosition> out;
  for (std::size_t row = 0; row < table.rows(); ++row)
    out.push_back({std::string(table.cell(die, row)), {x[row], y[row]}});
  return out;
}

void report_process(const study::ProcessFit& fit, cli::Report& report) {
  report.headline(std::to_string(fit.dies.size()) + " dies");
  for (const std::string& remark : fit.remarks) report.headline("  " + remark);
  report.columns({"quantity", "unit", "mean", "between dies", "within a die", "smooth share", "length",
                  "error of a fit", "dies for 10 %"});
  report.value("dies", fit.dies);
  std::vector<std::string> names;
  for (const study::QuantityFit& q : fit.quantities) {
    const study::VarianceFit& v = q.fit;
    const std::string name = q.parameter.parameter;
    report.row({name, q.unit, with_error(v.mean), with_error(v.die), with_error(v.within),
                v.length ? with_error(v.smooth_share) : "-", v.length ? with_error(*v.length) : "none seen",
                format_short(v.measurement, 2),
                dies_text(v.dies_for_die) + " / " + dies_text(v.dies_for_within) + " / " +
                    dies_text(v.dies_for_length)});
    names.push_back(name);
    report.value(name + " unit", q.unit);
    const auto estimate = [&](const char* what, const study::WithError& e) {
      report.value(name + " " + what, std::vector<double>{e.value, e.error});
    };
    estimate("mean", v.mean);
    estimate("between_dies", v.die);
    estimate("within_die", v.within);
    if (v.length) {
      estimate("smooth_share", v.smooth_share);
      estimate("length", *v.length);
    }
    report.value(name + " error_of_a_fit", v.measurement);
    report.value(name + " dies_for_10_percent",
                 std::vector<double>{v.dies_for_die, v.dies_for_within, v.dies_for_length});
    if (v.gradient) {
      estimate("gradient_x", (*v.gradient)[0]);
      estimate("gradient_y", (*v.gradient)[1]);
      estimate("between_dies_beside_gradient", v.die_beside_gradient);
    }
  }
  report.value("quantities", names);
  report.value("remarks", fit.remarks);
  for (const auto& [name, value] : fit.values) report.value(name, value);
}

std::string configuration_of(const study::ProcessFit& fit) {
  std::string text = "# A process estimated from " + std::to_string(fit.dies.size()) +
                     " measured dies (pnn-fit --process).\n";
  text += "# Values with a comment were found, with standard errors; the others are those of the models.\n";
  for (const std::string& remark : fit.remarks) text += "# " + remark + "\n";
  text += "[process]\n";
  for (const auto& [name, value] : fit.values) {
    const platform::Quantity& quantity = platform::process_quantity(name);
    const bool word = !quantity.choices.empty();
    const std::string shown =
        word ? "\"" + platform::value_text(quantity, value) + "\"" : format_number(value);
    const std::string comment = comment_on(name, fit);
    text += "\"" + name + "\" = " + shown + (comment.empty() ? "" : "  # " + comment) + "\n";
  }
  return text;
}

}  // namespace pnn::app
