#include "pnn/app/training_report.hpp"

#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::app {

void report_training(const train::Params& params, cli::Context& context) {
  const train::History& h = params.history;
  const bool classify = params.task == network::Task::classify;
  const auto number = [&](double v) {
    return classify ? format_short(100 * v, 4) + " %" : format_short(v, 4);
  };
  const platform::HeaterUse use = study::heater_use(params);
  cli::Report& report = context.report();
  report.columns({"method", "epochs", "gradients", classify ? "training" : "training loss", "validation",
                  "test", "heater power, mean (largest)", "heater energy a sample", "device calls"});
  report.row({params.label, format_short(h.epoch.back(), 5), format_short(h.gradients.back(), 7),
              classify ? number(h.train_accuracy.back()) : number(h.loss.back()),
              number(h.validation_accuracy.back()), number(h.test_accuracy.back()),
              format_short(use.mean_mw / 1000, 4) + " (" + format_short(use.largest_mw / 1000, 4) + ") W",
              format_short(use.energy_uj, 4) + " uJ", std::to_string(params.optimizer.device_calls)});
  report.value("method", params.method);
  report.value("label", params.label);
  if (!params.sampled_around.empty()) report.value("sampled_around", params.sampled_around);
  report.value("epochs", h.epoch.back());
  report.value("gradients", h.gradients.back());
  report.value("device_calls", h.device_calls.back());
  report.value("loss", h.loss.back());
  report.value("validation", h.validation_accuracy.back());
  report.value("test", h.test_accuracy.back());
  report.value("heater_power_mean_mw", use.mean_mw);
  report.value("heater_power_largest_mw", use.largest_mw);
  report.value("heater_energy_uj", use.energy_uj);
  context.account("gradients", std::uint64_t(std::llround(h.gradients.back())));
  context.account("device calls", params.optimizer.device_calls);
}

}  // namespace pnn::app
