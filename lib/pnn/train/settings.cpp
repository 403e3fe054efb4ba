#include "pnn/train/settings.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/train/augment.hpp"

namespace pnn::train {

void InSituSettings::describe(Options& o) {
  o.flag("in-situ", enabled,
         "methods bp, noise, sat and drawn-sat: forward passes on --device, backward through the model, as "
         "pat does");
  o.flag("pat-output", pat_output,
         "in situ: read the device's final output alone, and go back through the model's own activations");
  o.flag("dat", dat,
         "in situ, with bp, noise or sat: learn a residual map of each physical layer from what the device "
         "gives, and go back through model + residual (dat is bp with it)");
  o.choice("dat-states", dat_states, "what the residual maps are fitted to");
  o.number("dat-lr", dat_lr, "X", "learning rate of the residual maps", Limits::positive());
  o.number("probe", probe, "C", "spsa, differences: step of the controls, in units of their range",
           Limits::positive());
}

void InSituSettings::check(const TrainSettings& all, std::vector<std::string>& wrong) const {
  const std::string either = methods_with([](const MethodTraits& m) { return m.runs_on == RunsOn::either; });
  if (dat && (!all.on_device() || all.model_free()))
    wrong.push_back("--dat belongs to " + either + " with --in-situ (or take --method dat)");
  if (pat_output && all.learns_residuals())
    wrong.emplace_back("--pat-output is --dat-states output for what learns residual maps");
  if (pat_output && (!all.on_device() || all.model_free()))
    wrong.push_back("--pat-output belongs to pat, or to " + either + " with --in-situ");
  if (!all.on_device()) return;

  const PerturbationSettings& moves = all.perturbation;
  if (all.traits().runs_on == RunsOn::model || moves.draw_process) {
    wrong.push_back("--in-situ: --method " +
                    (moves.draw_process ? std::string("with --draw-process") : word_of(all.method)) +
                    " works on a model alone; in situ there are " +
                    methods_with([](const MethodTraits& m) { return m.runs_on != RunsOn::model; }));
  }
  if (!all.system.perturb.empty() || moves.scale == Scale::response || moves.space == Space::weights) {
    wrong.emplace_back(
        "in situ only what a lab can set is perturbed: --perturb, --scale response and --space weights "
        "belong to a model");
  }
  if (all.statistics.perturbed == PerturbedStatistics::clean)
    wrong.emplace_back("--perturbed-statistics clean belongs to a model");
  if (moves.draws > 1 || all.statistics.freeze > 0)
    wrong.emplace_back("--draws and --freeze-statistics belong to a training on a model");
}

void AscentSettings::describe(Options& o) {
  o.choice("ascent-norm", norm, "how the ascent is normalised");
  o.integer("ascent-steps", steps, "K", "ascent steps, each 1/K of the radius", Limits::between(1, 100));
  o.number("random-start", random_start, "S",
           "start the ascent from Gaussian noise of this rms, in units of the scale", Limits::non_negative());
  o.integer("reuse-ascent", reuse, "K", "use one ascent for K steps, which saves its gradient in the others",
            Limits::between(1, 1000));
  o.number("ascent-memory", memory, "B",
           "method drawn-sat: decay a step of the mean gradient along which the next step moves; 0 is the "
           "last gradient alone",
           Limits::between(0, 0.9999));
  o.choice("ascent-sign", sign, "method drawn-sat: where the next step evaluates its gradient");
}

void AscentSettings::check(const TrainSettings& all, std::vector<std::string>& wrong) const {
  if (all.perturbation.draws > 1 && reuse > 1)
    wrong.emplace_back("--reuse-ascent keeps one ascent, and --draws makes several: give one of them");
}

void PerturbationSettings::describe_in_situ(Options& o) {
  o.number("rho", rho, "R",
           "radius of the ascent (drawn-sat: of the look-ahead), in units of the scale, rms over the "
           "perturbed parameters",
           Limits::non_negative());
  o.list("rho-group", rho_groups, "NAME=R",
         "another radius for one group: a physical layer (LAYER=0.05) or digital (default digital=0)");
  o.choice("radius", radius, "norm of the radius");
  o.choice("scale", scale, "unit of a perturbation");
  o.choice("per", per, "what is perturbed by itself");
  ascent.describe(o);
  o.number("sigma", sigma, "S", "methods noise and drawn-sat: rms of the noise, in units of the scale",
           Limits::non_negative());
}

void PerturbationSettings::describe(Options& o) {
  describe_in_situ(o);
  o.number("rho-warmup", rho_warmup, "EPOCHS", "grow the radius linearly from 0 over this many epochs",
           Limits::non_negative());
  o.choice("space", space, "method noise: where the noise acts; in weights its unit is one");
  o.number("lambda", lambda, "L", "method slope: weight of mean (range * dW/dI)^2", Limits::non_negative());
  o.flag("draw-process", draw_process,
         "any method: start each step from a chip drawn from the fabrication process");
  o.integer("draws", draws, "K",
            "cut each batch into K parts with perturbations (noise, chips, system parameters, ascents) of "
            "their own; the gradient is their mean, and costs what it did",
            Limits::between(1, 1000));
  o.text("only-layers", only_layers, "NAMES",
         "comma list of physical layers that perturbations reach (LAYER,LAYER); all if empty");
}

void PerturbationSettings::check(const TrainSettings& all, std::vector<std::string>& wrong) const {
  ascent.check(all, wrong);
  if (all.task == network::Task::generate && all.updates.batch / draws < 2)
    wrong.emplace_back("--task generate compares distributions: --batch 2 or more, in each of --draws");
  if (draws > all.updates.batch) wrong.emplace_back("--draws: more parts than --batch has samples");
}

void SystemSettings::describe(Options& o) {
  o.list(
      "perturb", perturb, "NAME=VALUE",
      "a system parameter between its nominal value and VALUE, and as far to the other side: temperature=1.0 "
      "(±1 K), rotation=2 (±2°), shift=2, shift-x, shift-y (px; shift is both), scale=1.1 (a "
      "factor as in --vary: 0.9 to 1.1)");
  o.choice("system", choice, "how the values of --perturb are chosen each step");
  o.number("system-step", step, "S", "--system differences: where the losses are taken, in radii",
           Limits{0, 1, true});
  o.integer("candidates", candidates, "K", "random candidates of --system worst", Limits::between(0, 1000));
  o.flag("candidate-ends", candidate_ends, "--system worst: also try both ends of each parameter");
}

void SystemSettings::check(const TrainSettings& all, std::vector<std::string>& wrong) const {
  if (perturb.empty() || choice != SystemChoice::gradient || all.traits().ascends_freely()) return;
  wrong.push_back("--system gradient needs the ascent of --method " +
                  methods_with([](const MethodTraits& m) { return m.ascends_freely(); }, "or") +
                  "; use random or worst");
}

void StatisticsSettings::describe(Options& o) {
  o.choice("ascent-statistics", ascent, "which passes of a step move the running statistics");
  o.choice("perturbed-statistics", perturbed, "statistics of perturbed passes");
  o.number("freeze-statistics", freeze, "F",
           "for the last fraction F of the training, normalise with the running statistics, which then stand "
           "still, as on a deployed chip",
           Limits::between(0, 1));
}

void StatisticsSettings::check(std::vector<std::string>& wrong) const {
  if (freeze > 0 && perturbed == PerturbedStatistics::clean)
    wrong.emplace_back("--freeze-statistics and --perturbed-statistics clean contradict each other");
}

void UpdateSettings::describe(Options& o) {
  o.integer("batch", batch, "B", "samples a step", Limits::between(1, 1e6));
  o.number("lr", lr, "X", "learning rate of the digital parameters", Limits::positive());
  o.number("lr-controls", lr_controls, "X",
           "learning rate of the controls, in units of their range; --lr if not given", Limits::positive());
  o.choice("optimizer", optimizer, "Adam, or stochastic gradient descent with momentum");
  o.number("momentum", momentum, "M", "momentum of sgd", Limits::between(0, 0.9999));
  o.number(
       "average", average, "B",
       "evaluate and write the running mean of the parameters, which forgets by this factor a step (0.99: "
       "about the last hundred steps), at a learning rate that stays high; 0 writes the last parameters",
       Limits::between(0, 0.99999))
      .later = true;
  o.integer(
       "average-statistics", average_statistics, "K",
       "batches, forward alone, that estimate the batch-norm statistics of that mean under the training's "
       "perturbations, at the end and for each evaluation; 0 takes those of the last parameters",
       Limits::between(0, 100000))
      .later = true;
}

void SampleSettings::describe(Options& o) {
  o.text("augment", augment, "HOW",
         "change training pictures anew in every step: crop=P moves each by up to P pixels along both axes "
         "(what comes "
         "in is 0), flip mirrors half of them left to right, as crop=4,flip")
      .later = true;
  o.number("label-smoothing", label_smoothing, "E",
           "task classify: spread this part of each label over all classes, in training",
           Limits::between(0, 0.999))
      .later = true;
}

void ScheduleSettings::describe(Options& o) {
  o.choice("schedule", kind, "learning rate over the training");
  o.integer("step-every", step_every, "EPOCHS", "schedule step: epochs between steps", Limits::at_least(1));
  o.number("step-factor", step_factor, "F", "schedule step: factor at each step", Limits::positive());
  o.number("schedule-warmup", warmup, "F",
           "schedule wsd: first part of the training, in which the rate rises from 0", Limits::between(0, 1))
      .later = true;
  o.number("schedule-decay", decay, "F",
           "schedule wsd: last part of the training, in which the rate falls to 0", Limits::between(0, 1))
      .later = true;
}

void ScheduleSettings::describe_in_situ(Options& o) {
  using enum Schedule::Kind;  // steps are told in epochs
  o.choice("schedule", kind, "learning rate over the steps", {constant, cosine});
}

void LengthSettings::describe_steps(Options& o) {
  o.integer("epochs", epochs, "N", "passes over the training set", Limits::between(1, 1e6));
  o.integer("steps", steps, "N", "stop after N updates instead of --epochs; 0 leaves it to them or a budget");
}

void LengthSettings::describe_budget(Options& o) {
  o.number(
      "budget", budget, "N",
      "stop after N gradient evaluations (a batch forward and backward; a forward pass alone counts a third) "
      "instead of --epochs, so that methods compare at equal cost",
      Limits::non_negative());
  o.number("budget-epochs", budget_epochs, "E", "the same budget, in epochs of plain backpropagation",
           Limits::non_negative());
  o.integer("evaluate-every", evaluate_every, "EPOCHS",
            "evaluate validation and test sets every so many epochs (and at the end)", Limits::at_least(1));
  o.integer("checkpoint-every", checkpoint_every, "EPOCHS", "save the unfinished state every so many epochs",
            Limits::at_least(1))
      .role = Option::Role::transport;
}

void LengthSettings::check(const TrainSettings& all, std::vector<std::string>& wrong) const {
  if ((budget > 0) + (budget_epochs > 0) + (steps > 0) > 1)
    wrong.emplace_back("--budget, --budget-epochs and --steps say the same thing twice: give one");
  if (all.traits().losses_a_parameter > 0 && (budget > 0 || budget_epochs > 0)) {
    wrong.push_back("--method " + word_of(all.method) +
                    " costs two evaluations a parameter and step: give --epochs");
  }
}

void StartSettings::describe(Options& o) {
  o.number("init-std", std, "S",
           "standard deviation of the random initial weights (cut at ±0.8), or, where a platform starts from "
           "phases, of these (rad)",
           Limits::positive());
  o.choice("init-flank", flank,
           "flank of the tuning curve on which elements start whose weights have two controls");
}

std::string TrainSettings::idle_reason(const std::string& option) const {
  const bool relative = traits().adds_noise && (option == "rho-group" || !perturbation.rho_groups.empty());
  if (relative && (option == "rho" || option == "rho-group")) return "";  // noise of a group, relative to rho
  MethodTraits parts = traits();
  parts.learns_residuals = learns_residuals();
  if (std::string why = train::idle_reason(option, parts); !why.empty()) return why;
  const bool moves = traits().ascends || traits().adds_noise || traits().remembers;
  const auto unless = [&](bool acts, std::string why) { return acts ? std::string() : std::move(why); };
  const std::string chosen_method = "--method " + word_of(method);
  if (option == "in-situ")
    return unless(!traits().on_device(), chosen_method + " runs on a device without it");
  if (option == "scale" || option == "per") {
    if (!moves) return chosen_method + " perturbs no controls";
    return unless(!moves_weights(), "perturbations of weights have a unit and an element of their own");
  }
  if (option == "only-layers") return unless(moves || !system.perturb.empty(), "nothing is perturbed");
  if (option == "ascent-statistics")
    return unless(traits().ascends || statistics.perturbed == PerturbedStatistics::clean,
                  "a step of " + chosen_method + " has one pass");
  if (option == "perturbed-statistics")
    return unless(moves || !system.perturb.empty(), "no pass is perturbed");
  const std::optional<SystemChoice> chosen = system_choice();
  if (option == "system") return unless(chosen.has_value(), "it is about --perturb, which is not given");
  if (option == "system-step")
    return unless(chosen == SystemChoice::differences, "it is about --system differences");
  if (option == "candidates" || option == "candidate-ends")
    return unless(chosen == SystemChoice::worst, "it is about --system worst");
  if (option == "augment")
    return unless(task != network::Task::generate, "--task generate shows a network no pictures");
  if (option == "label-smoothing")
    return unless(task == network::Task::classify, "--task " + word_of(task) + " has no classes");
  if (option == "momentum")
    return unless(updates.optimizer == Optimizer::Kind::sgd, "it is about --optimizer sgd");
  if (option == "step-every" || option == "step-factor")
    return unless(schedule.kind == Schedule::Kind::step, "it is about --schedule step");
  if (option == "schedule-warmup" || option == "schedule-decay")
    return unless(schedule.kind == Schedule::Kind::wsd, "it is about --schedule wsd");
  if (option == "average-statistics") {
    if (updates.average == 0) return "it is about --average, which is not given";
    return unless(statistics.freeze == 0,
                  "with --freeze-statistics the statistics are constants, and those of the mean, too");
  }
  if (option == "epochs") {
    const char* const decides = length.steps > 0           ? "--steps"
                                : length.budget > 0        ? "--budget"
                                : length.budget_epochs > 0 ? "--budget-epochs"
                                                           : nullptr;
    return decides == nullptr ? "" : std::string(decides) + " says how long the training is";
  }
  return "";
}

void TrainSettings::tell_idle(Options& o, std::size_t first) {
  for (std::size_t k = first; k < o.all().size(); ++k) {
    Option& option = o.all()[k];
    option.idle = [this, name = option.name] { return idle_reason(name); };
  }
}

void TrainSettings::describe_in_situ(Options& o) {
  const std::size_t first = o.all().size();
  o.choice("method", method, method_help());
  in_situ.describe(o);
  perturbation.describe_in_situ(o);
  updates.describe(o);
  samples.describe(o);
  schedule.describe_in_situ(o);
  tell_idle(o, first);
}

void TrainSettings::describe(Options& o) {
  const std::size_t first = o.all().size();
  o.group("Method");
  o.choice("method", method, method_help());
  in_situ.describe(o);
  o.text("label", label, "NAME", "name of this training in tables and pictures; the method if empty");
  o.choice("task", task, "what is learned, by which loss");
  o.group("Perturbation of the controls");
  perturbation.describe(o);
  o.group("System parameters (what the trainer cannot set)");
  system.describe(o);
  o.group("Batch-norm statistics under perturbation");
  statistics.describe(o);
  o.group("Optimisation");
  length.describe_steps(o);
  updates.describe(o);
  samples.describe(o);
  schedule.describe(o);
  length.describe_budget(o);
  o.group("Start");
  start.describe(o);
  tell_idle(o, first);
}

void TrainSettings::check() const {
  std::vector<std::string> wrong;
  length.check(*this, wrong);
  perturbation.check(*this, wrong);
  system.check(*this, wrong);
  in_situ.check(*this, wrong);
  statistics.check(wrong);
  static_cast<void>(parse_augmentation(samples.augment));
  TrainSettings mine = *this, untouched;
  Options set, fresh;
  mine.length.epochs = untouched.length.epochs;  // those of a preset yield to steps and budgets
  mine.describe(set), untouched.describe(fresh);
  set.ask_changed(fresh);
  for (std::string& idle : set.idle()) wrong.push_back(std::move(idle));
  if (!wrong.empty()) throw UsageError(join(wrong, "; "));
}

std::optional<SystemChoice> TrainSettings::system_choice() const {
  if (system.perturb.empty()) return std::nullopt;
  if (system.choice != SystemChoice::automatic) return system.choice;
  return traits().ascends_freely() ? SystemChoice::gradient : SystemChoice::random;
}

std::map<std::string, double> parse_radii(const std::vector<std::string>& assignments,
                                          const std::vector<std::string>& known, const std::string& option) {
  std::map<std::string, double> radii;
  for (const std::string& list : assignments) {
    for (const std::string& text : split(list, ',')) {
      const std::size_t eq = text.find('=');
      if (eq == std::string::npos)
        throw UsageError(option + ": expected NAME=NUMBER, found \"" + text + "\"");
      const std::string name(trim(std::string_view(text).substr(0, eq)));
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        throw UsageError(option + ": unknown name \"" + name + "\"" + did_you_mean(name, known) +
                         " (known: " + join(known, ", ") + ")");
      }
      const double value = parse_number(std::string_view(text).substr(eq + 1), option + " " + name);
      if (value < 0)
        throw UsageError(option + " " + name + ": expected a radius of 0 or more, found " +
                         format_number(value));
      radii[name] = value;
    }
  }
  return radii;
}

}  // namespace pnn::train
