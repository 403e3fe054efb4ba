#include "pnn/app/landscape_report.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::app {
namespace {

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return values.empty() ? 0 : std::sqrt(sum / double(values.size()));
}

}  // namespace

void report_landscapes(const study::Exploration& exploration, cli::Context& context) {
  const std::vector<study::Landscape>& found = exploration.found;
  const study::Result& r = exploration.result;
  const std::vector<double>& lost = r.overflowed.data;
  if (!lost.empty())
    context.warn(
        std::to_string(std::count(lost.begin(), lost.end(), 1.0)) + " of " + std::to_string(lost.size()) +
        " points have no finite loss and are left out (/overflowed says which); take a shorter slice");
  cli::Report& out = context.report();
  const study::Landscape& first = found.front();
  std::vector<std::string> titles{"method", "loss"};
  const network::TaskTraits& traits = network::traits_of(r.task);
  if (traits.scored) titles.emplace_back(traits.metric.word);
  if (!first.eigenvalues.empty()) titles.emplace_back("largest eigenvalue");
  if (!first.trace.empty()) titles.emplace_back("trace ± error over probes");
  if (!first.component.empty()) titles.insert(titles.end(), {"rms |dW/dTheta|", "rms |dL/dW|"});
  if (!first.loss.empty()) titles.emplace_back("largest loss of the slice");
  out.columns(titles);
  const std::vector<std::string> names = study::training_names(r.methods);
  for (std::size_t m = 0; m < found.size(); ++m) {
    const study::Landscape& f = found[m];
    std::vector<std::string> row{names[m], format_short(f.centre.loss, 4)};
    if (traits.scored) row.push_back(traits.metric.text(f.centre.score));
    if (!f.eigenvalues.empty()) row.push_back(format_short(f.eigenvalues.front(), 4));
    if (!f.trace.empty()) {
      const study::Summary s = study::summarise(f.trace);
      row.push_back(format_short(s.mean, 3) +
                    (s.count > 1 ? " ± " + format_short(s.deviation / std::sqrt(double(s.count)), 2) : ""));
    }
    if (!f.component.empty()) {
      row.push_back(format_short(root_mean_square(f.component), 3));
      row.push_back(format_short(root_mean_square(f.system), 3));
    }
    if (!f.loss.empty()) row.push_back(format_short(study::summarise(f.loss).best, 4));
    out.row(row);
  }
  out.value("methods", r.methods);
  for (const study::Axis& axis : r.axes) out.value("axis " + axis.name, axis.values);
  out.value("loss", r.loss.data);
  if (traits.scored) out.value(traits.metric.name, r.score.data);
  out.value("eigenvalues", r.eigenvalues.data);
  out.value("trace", r.trace.data);
}

}  // namespace pnn::app
