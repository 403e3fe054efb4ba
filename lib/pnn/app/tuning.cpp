#include "pnn/app/tuning.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/cells.hpp"

namespace pnn::app {

void SearchSettings::describe(Options& o) {
  o.group("Search");
  o.list(
      "search", search, "NAME=RANGE",
      "an option of trainings and where to search it: lr=1e-3:3e-2:log, draws=1:16, method=noise,drawn-sat; "
      "several are searched together. One that acts on nothing beside the others keeps its value");
  o.text(
      "criterion", criterion, "WORD",
      "which number of the validation chips decides: mean, quantile=5 (over chips, of each chip's mean over "
      "conditions), worst (chip and condition), or yield=95 (share of chips that reach 95 % at every "
      "condition)");
  o.integer("chips", chips, "K",
            "validation chips, drawn from the process of the model; no fabricated device is ever one of them",
            Limits::between(1, 100'000));
  o.list("vary", vary, "NAME=RANGE",
         "a condition under which every chip is evaluated, as drift=-1:1:0.5; several make a grid. If not "
         "given: "
         "the ranges of --perturb");
  o.integer("images", images, "N", "validation samples shown, the first of the split; 0 is all",
            Limits::non_negative());
  o.integer(
       "points", halving.points, "N",
       "settings of the first bracket, the first of which are those of this command line; each further one "
       "costs about the same",
       Limits::between(1, 100'000))
      .idle = [this] { return budget > 0 ? "--search-budget says how many settings are tried" : ""; };
  o.number("search-budget", budget, "N",
           "try as many settings as N gradient evaluations allow in all, over all trainings; 0: --points",
           Limits::non_negative());
  o.integer("rungs", halving.rungs, "R",
            "lengths of trainings, each a third of the next, of which the last is that of the other options; "
            "the better third of one goes on to the next",
            Limits::between(1, 10));
  o.integer(
      "brackets", halving.brackets, "B",
      "brackets, as in Hyperband: each further one begins a rung later with fewer settings of its own, since "
      "what is best in a short training need not be best in a long one; 0: as many as --rungs",
      Limits::between(0, 10));
  o.integer("finalists", halving.finalists, "F", "settings that are trained to the end with --final-seeds",
            Limits::between(1, 1000));
  o.integer("final-seeds", halving.final_seeds, "S",
            "trainings of each of them, with seeds --seed, --seed + 1 …, whose mean decides",
            Limits::between(1, 1000));
  o.integer("jobs", jobs, "N",
            "processes that share the work and the threads; more may be started anywhere with "
            "the same command",
            Limits::between(1, 1000))
      .role = Option::Role::transport;
  o.flag("keep", keep, "leave the folder OUTPUT.trials with every training when the search is done").role =
      Option::Role::transport;
}

Search::Search(const SearchSettings& settings, const train::TrainSettings& base,
               const train::TrainInput& input, const network::Dataset& data,
               const std::vector<WithoutEffect>& without)
    : settings_(settings),
      base_(base),
      input_(input),
      data_(data),
      searched_(study::parse_search(settings.search)),
      criterion_(study::parse_criterion(settings.criterion, base.task)) {
  if (data.validation.size() == 0)
    throw UsageError(
        "the data set has no validation samples, by which settings are chosen; make it with "
        "pnn-data --validation-fraction 0.1");
  if (input.network.plans().empty())
    throw UsageError(
        "the network has no physical layer, and so no chips that differ; train it with pnn-train");
  for (const std::string& text : settings.vary) {
    axes_.push_back(study::parse_axis(text));
    if (study::is_of_process(axes_.back()))
      throw UsageError(
          "--vary " + axes_.back().name +
          ": is a value of the process, from which the validation chips are drawn as it is; name a "
          "condition (drift, rotation …)");
  }
  if (axes_.empty()) axes_ = study::perturbed_conditions(base.system.perturb);
  study::check_axes(axes_);
  for (const study::Axis& axis : axes_)
    study::check_axis(axis, input.network.plans(), input.model.process, {}, study::RunsOn::device);
  if (settings_.budget > 0) {
    const int points = study::points_within(settings_.budget, [&](int count) {
      study::HalvingSettings halving = settings_.halving;
      halving.points = count;
      const study::Schedule schedule = study::make_schedule(halving);
      const std::vector<Point> drawn = draw(int(schedule.points()));
      return study::most_gradients(
          schedule, [&](std::size_t point, std::size_t rung) { return cost(drawn[point], rung, schedule); });
    });
    if (points < 2)
      throw UsageError(
          "--search-budget: " + format_number(settings_.budget) +
          " gradients are too few for two settings with these rungs, finalists and seeds; raise it, "
          "or shorten the trainings (--budget)");
    settings_.halving.points = points;
  }
  schedule_ = study::make_schedule(settings_.halving);
  points_ = draw(int(schedule_.points()));
  check_effects(without);
  for (const Point& point : points_)  // refuses a length without a step
    static_cast<void>(cost(point, schedule_.brackets.front().rungs.front().number, schedule_));
  chips_ =
      study::validation_chips(input.network, input.model.process, std::size_t(settings.chips), input.seed);
}

std::vector<Search::Point> Search::draw(int count) const {
  std::vector<Point> points;
  for (study::SearchPoint& values : study::search_points(searched_, std::size_t(count), input_.seed)) {
    try {
      train::TrainSettings settings = study::settings_at(base_, searched_, values);
      if (settings.on_device())
        throw UsageError("--method " + word_of(settings.method) +
                         " trains on a device; a search trains on models alone");
      points.push_back({std::move(values), std::move(settings)});
    } catch (const UsageError& error) {
      std::vector<std::string> said;
      for (std::size_t k = 0; k < searched_.size() && k < values.size(); ++k)
        said.push_back(searched_[k].name + "=" + values[k]);
      throw UsageError(std::string(error.what()) + " (" + join(said, ", ") + ", of --search)");
    }
  }
  return points;
}

double Search::cost(const Point& point, std::size_t rung, const study::Schedule& schedule) const {
  return study::planned_gradients(study::shortened(point.settings, schedule.length(rung), input_), input_);
}

double Search::most_gradients() const {
  return study::most_gradients(
      schedule_, [&](std::size_t point, std::size_t rung) { return cost(points_[point], rung, schedule_); });
}

void Search::check_effects(const std::vector<WithoutEffect>& without) const {
  for (const study::Searched& searched : searched_) {
    for (const WithoutEffect& each : without)
      if (std::find(each.options.begin(), each.options.end(), searched.name) != each.options.end())
        throw UsageError("--search " + searched.name + ": acts on nothing here; " + each.why);
    const bool acts = std::any_of(points_.begin(), points_.end(), [&](const Point& point) {
      return point.settings.idle_reason(searched.name).empty();
    });
    if (!acts)
      throw UsageError("--search " + searched.name + ": acts on nothing here; " +
                       base_.idle_reason(searched.name));
  }
}

train::TrainInput Search::input_of(const train::TrainSettings& settings, std::uint64_t seed) const {
  train::TrainInput input{input_.network, input_.model, input_.model_index, input_.data,
                          settings,       seed,         input_.initial};
  input.bounds = input_.bounds;
  input.fixed = input_.fixed;
  return input;
}

study::Judgement Search::judgement() const {
  return {input_.network, data_, chips_, axes_, Index(settings_.images), input_.seed};
}

study::Tuning Search::empty_record() const {
  study::Tuning record;
  record.network = input_.network.spec.to_string();
  record.dataset = data_.name;
  record.task = base_.task;
  record.criterion = settings_.criterion;
  for (const study::Searched& searched : searched_) {
    record.options.push_back(searched.name);
    record.ranges.push_back(searched.range);
  }
  record.axes = axes_;
  record.chips = chips_.count;
  record.images = std::size_t(network::first_samples(data_.validation, Index(settings_.images)).size());
  return record;
}

Search::Trained Search::train(const study::Task& task, const train::Params* resume, Progress& progress,
                              const std::function<void(const train::Params&)>& checkpoint) const {
  const Point& point = points_.at(task.point);
  const train::TrainSettings settings = study::shortened(point.settings, schedule_.length(task.rung), input_);
  Trained result;
  study::TuningTrial& trial = result.trial;
  trial.point = task.point, trial.rung = task.rung, trial.seed = seed_of(task);
  trial.length = schedule_.length(task.rung);
  trial.values = point.values;
  trial.chips.assign(chips_.count, std::nan(""));
  trial.gradients = study::planned_gradients(settings, input_);  // also of one that diverges
  train::TrainInput input = input_of(settings, trial.seed);
  input.resume = resume;
  try {
    result.params = train::train(input, progress, checkpoint);
  } catch (const DivergenceError&) {
    return result;
  }
  const train::OptimizerState& spent = result.params->optimizer;
  trial.gradients = double(spent.gradients) + double(spent.evaluations) / 3;
  const double sign = network::traits_of(base_.task).scored ? 1 : -1;
  trial.designed = sign * result.params->history.validation_score.back();
  const Array<double> scores = study::judge(judgement(), *result.params, progress);
  trial.criterion = criterion_.of(scores);
  trial.mean = study::mean_score(scores);
  trial.chips = study::chip_means(scores);
  return result;
}

Forecast Search::forecast(const Progress& progress) const {
  const train::TrainSettings whole = study::shortened(base_, 1, input_);
  const train::TrainInput input = input_of(whole, input_.seed);
  std::optional<train::Params> state;
  const Forecast one = train::forecast(input, progress, [&](const train::Params& params) {
    state = params;
    return Saving{};
  });
  const study::Judgement judged = judgement();
  const Forecast evaluation = study::forecast(study::judging_sweep(judged, *state), progress);
  const auto trainings = std::uint64_t(schedule_.trainings());
  const double gradients = most_gradients();
  Forecast f;
  f.counts = {{"settings", schedule_.points()},
              {"trainings", trainings},
              {"gradient evaluations", std::uint64_t(std::llround(gradients))},
              {"evaluations of chips", trainings * evaluation.count("evaluations")}};
  f.seconds = one.seconds * gradients / study::planned_gradients(whole, input_) +
              evaluation.seconds * double(trainings);
  f.rehearsed = one.rehearsed;
  f.unit = one.unit;
  f.held_bytes = one.held_bytes;
  return f;
}

}  // namespace pnn::app
