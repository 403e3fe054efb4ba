#include "pnn/study/tune.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/extent.hpp"

namespace pnn::study {

train::TrainSettings shortened(train::TrainSettings settings, double length, const train::TrainInput& base) {
  train::LengthSettings& own = settings.length;
  const auto samples = std::size_t(base.data.train.size());
  if (length < 1) {
    if (own.budget > 0) {
      own.budget *= length;
    } else if (own.budget_epochs > 0) {
      own.budget_epochs *= length;
    } else {
      const auto whole = double(train::training_extent(settings, base.network, samples).total_steps);
      own.steps = std::max<std::uint64_t>(1, std::uint64_t(std::llround(whole * length)));
    }
    settings.perturbation.rho_warmup *= length;
    train::ScheduleSettings& schedule = settings.schedule;
    if (schedule.kind == train::Schedule::Kind::step)
      schedule.step_every = std::max(1, int(std::lround(double(schedule.step_every) * length)));
  }
  own.evaluate_every = own.checkpoint_every = std::numeric_limits<int>::max();
  train::training_extent(settings, base.network, samples);  // refuses a budget without a step
  return settings;
}

double planned_gradients(const train::TrainSettings& settings, const train::TrainInput& base) {
  const std::uint64_t steps =
      train::training_extent(settings, base.network, std::size_t(base.data.train.size())).total_steps;
  constexpr std::uint64_t of_devices = 0;  // methods whose cost depends on the number of parameters need one
  train::Cost cost = train::Estimator::cost_of_steps(settings, 0, steps, of_devices);
  cost.evaluations += train::evaluations_at_end(settings, base.network);
  return double(cost.gradients) + double(cost.evaluations) / 3;
}

device::DeviceSet validation_chips(const network::Resolved& network, const platform::Process& process,
                                   std::size_t count, std::uint64_t seed) {
  return device::fabricate(network.plans(), process, count, seed, Purpose::validation_chip);
}

std::vector<Axis> perturbed_conditions(const std::vector<std::string>& perturb) {
  const std::map<std::string, double> said =
      train::parse_radii(perturb, platform::system_parameter_names(), "--perturb");
  const std::size_t count = said.size() == 1 ? 5 : said.size() == 2 ? 3 : 2;
  std::vector<Axis> axes;
  for (const auto& [name, end] : said) {
    const platform::SystemParameter& parameter = *platform::find_system_parameters(name).front();
    const double begin = parameter.one_sided() ? parameter.nominal : 2 * parameter.nominal - end;
    const std::string condition = name == "temperature" ? "drift" : name;
    std::vector<std::string> values;
    for (std::size_t k = 0; k < count; ++k)
      values.push_back(format_short(begin + (end - begin) * double(k) / double(count - 1), 12));
    axes.push_back(parse_axis(condition + "=" + join(values, ",")));
  }
  return axes;
}

SweepInput judging_sweep(const Judgement& j, const train::Params& params) {
  SweepInput in{.tool = "pnn-tune", .network = j.network, .data = j.data, .seed = j.seed};
  in.params = {&params};
  in.target.devices = &j.chips;
  for (std::size_t chip = 0; chip < j.chips.count; ++chip) in.target.indices.push_back(chip);
  in.axes = j.axes;
  in.validation = true;
  in.images = j.images;
  return in;
}

Array<double> judge(const Judgement& j, const train::Params& params, Progress& progress) {
  const SweepOutcome outcome = sweep(judging_sweep(j, params), progress);
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  if (!outcome.complete) throw Interrupted("interrupted while a training was judged");
  const Array<double>& measured = measure(outcome.result);
  Array<double> scores({measured.size() / j.chips.count, j.chips.count});
  const double sign = network::traits_of(params.task).scored ? 1 : -1;
  for (std::size_t k = 0; k < scores.size(); ++k) scores.data[k] = sign * measured.data[k];
  return scores;
}

}  // namespace pnn::study
