#include "pnn/train/robust.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/train/extent.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::train {
namespace {

/// Whether chips of this process differ from each other in any layer.
bool scatters(const std::vector<platform::AnyPlan>& plans, const platform::Process& process) {
  const auto on = [&](const std::string& word) {
    return std::any_of(plans.begin(), plans.end(),
                       [&](const platform::LayerPlan& plan) { return plan.platform().word() == word; });
  };
  const auto& fields = platform::process_fields();
  return std::any_of(fields.begin(), fields.end(), [&](const platform::ProcessField& field) {
    return field.spread && field.of(process) > 0 && on(field.platform);
  });
}

/// That of the most cautious platform.
platform::RobustSettings cautious(const std::vector<platform::AnyPlan>& plans) {
  platform::RobustSettings least = plans.front()->platform().robust();
  for (const platform::LayerPlan& plan : plans) {
    const platform::RobustSettings own = plan.platform().robust();
    least.rate = std::min(least.rate, own.rate);
    least.annealed_rate = std::min(least.annealed_rate, own.annealed_rate);
    least.radius = std::min(least.radius, own.radius);
    least.anneals = least.anneals || own.anneals;
  }
  return least;
}

}  // namespace

std::vector<std::string> settle_robust(TrainSettings& settings,
                                       const std::function<bool(const std::string& option)>& open,
                                       const network::Resolved& network, const platform::Process& process,
                                       std::size_t samples) {
  const std::vector<platform::AnyPlan> plans = network.plans();
  if (plans.empty()) throw UsageError("--robust: the network has no physical layer");
  Options options;
  settings.describe(options);
  std::vector<std::string> told;
  const auto settle = [&](const std::string& name, const std::string& value) {
    if (!open(name)) return;
    Option* option = options.find(name);
    require(option != nullptr, "a setting of a training");
    option->set(std::vector<std::string>{value});
    told.push_back("--" + name + (option->kind == Option::Kind::flag ? "" : " " + value));
  };
  const platform::RobustSettings of_platforms = cautious(plans);
  const bool samples_chips = scatters(plans, process);
  settle("method", word_of(samples_chips && of_platforms.radius == 0 ? Method::process : Method::drawn_sat));
  if (settings.on_device())
    throw UsageError(
        "--robust: is about trainings on a model; leave out --in-situ, or take a method without it");
  if (samples_chips && !settings.traits().draws_chips) settle("draw-process", "true");
  if (settings.traits().remembers) {
    if (of_platforms.radius > 0) settle("rho", format_number(of_platforms.radius));
    settle("sigma", "0");
  }
  const auto batch = std::min<std::size_t>(std::size_t(settings.updates.batch), samples);
  // Batch normalisation is trained as a deployed chip has it, with statistics that stand still; until then it
  // adapts to each sampled chip, so that a mean of parameters from before, or statistics of its own, fit no
  // chip.
  const bool normalises = has_statistics(network);
  const bool anneals = normalises || of_platforms.anneals;
  const std::size_t parts = batch / (anneals ? 8 : 4);
  settle("draws", std::to_string(std::max<std::size_t>(1, parts)));
  if (normalises) settle("freeze-statistics", "0.8");
  settle("lr", format_number(anneals ? of_platforms.annealed_rate : of_platforms.rate));
  settle("schedule", word_of(anneals ? Schedule::Kind::cosine : Schedule::Kind::constant));
  const double steps = double(training_extent(settings, network, samples).total_steps);
  if (settings.schedule.kind == Schedule::Kind::constant)
    settle("average", format_short(std::clamp(1 - 10 / steps, 0.9, 0.999), 4));
  if (has_flanks(plans)) settle("init-flank", word_of(Flank::both));
  return told;
}

}  // namespace pnn::train
