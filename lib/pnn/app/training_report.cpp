#include "pnn/app/training_report.hpp"

#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::app {

void report_training(const train::Params& params, cli::Context& context) {
  const train::History& h = params.history;
  const network::TaskTraits& traits = network::traits_of(params.task);
  const network::Metric& metric = traits.metric;
  const platform::HeaterUse use = study::heater_use(params);
  cli::Report& report = context.report();
  if (traits.against == network::Against::targets) report.headline(metric.title);
  report.columns({"method", "epochs", "gradients", traits.scored ? "training" : "training loss", "validation",
                  "test", "heater power at a time, mean (largest)", "heater energy a sample",
                  "device calls"});
  report.row({params.label, format_short(h.epoch.back(), 5), format_short(h.gradients.back(), 7),
              metric.text(h.train_score.back()), metric.text(h.validation_score.back()),
              metric.text(h.test_score.back()),
              format_short(use.mean_mw / 1000, 4) + " (" + format_short(use.largest_mw / 1000, 4) + ") W",
              format_short(use.energy_uj, 4) + " uJ", std::to_string(params.optimizer.device_calls)});
  report.value("method", params.method);
  report.value("label", params.label);
  if (!params.sampled_around.empty()) report.value("sampled_around", params.sampled_around);
  report.value("epochs", h.epoch.back());
  report.value("gradients", h.gradients.back());
  report.value("device_calls", h.device_calls.back());
  report.value("loss", h.loss.back());
  report.value("validation", h.validation_score.back());
  report.value("test", h.test_score.back());
  if (!h.never_predicted.empty() && h.never_predicted.back() > 0) {
    report.value("never_predicted", h.never_predicted.back());
    context.warn(
        format_short(h.never_predicted.back(), 4) +
        (h.never_predicted.back() == 1 ? " of the classes is" : " of the classes are") +
        " predicted for no validation sample (where there are none, no test sample); "
        "where "
        "that is because an output stays dark it has no gradient: train with a lower --lr or radius, or from "
        "another --seed");
  }
  report.value("heater_power_mean_mw", use.mean_mw);
  report.value("heater_power_largest_mw", use.largest_mw);
  report.value("heater_energy_uj", use.energy_uj);
  context.account("gradients", std::uint64_t(std::llround(h.gradients.back())));
  context.account("device calls", params.optimizer.device_calls);
}

}  // namespace pnn::app
