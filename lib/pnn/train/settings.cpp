#include "pnn/train/settings.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::train {

void TrainSettings::describe_method(Options& o) {
  o.choice(
      "method", method,
      {"bp", "noise", "slope", "sam", "process", "sat", "drawn-sat", "pat", "dat", "spsa", "differences"},
      "how gradients are made: bp backpropagation through the model; noise Gaussian noise on the "
      "controls each step; slope a "
      "penalty on |dW/dI|^2; sam sharpness in weight space; process a chip drawn from the fabrication "
      "process each step; sat "
      "sharpness-aware training on the controls; drawn-sat momentum-SAM on the controls, at one "
      "gradient a step: noise on the controls and a look-ahead down the gradients of the steps before; on a "
      "device (--device): pat "
      "forward on the device, "
      "backward through the model; dat the same through the model and a learned residual map; spsa two "
      "losses along random signs; differences two losses a "
      "parameter");
  o.flag("in-situ", in_situ,
         "methods bp, noise, sat and drawn-sat: forward passes on --device, backward through the model, as "
         "pat does");
  o.flag("pat-output", pat_output,
         "in situ: read the device's final output alone, and go back through the model's own activations");
  o.flag("dat", dat,
         "in situ, with bp, noise or sat: learn a residual map of each physical layer from what the device "
         "gives, and go back through model + residual (dat is bp with it)");
  o.choice("dat-states", dat_states, {"separable", "unitary", "output"},
           "what the residual maps are fitted to: separable each layer's own input and output; unitary all "
           "outputs, through the predicted chain; output the network's output alone");
  o.number("dat-lr", dat_lr, "X", "learning rate of the residual maps", Limits::positive());
  o.number("probe", probe, "C", "spsa, differences: step of the controls, in units of their range",
           Limits::positive());
}

void TrainSettings::describe_ascent(Options& o) {
  o.number("rho", rho, "R",
           "radius of the ascent (drawn-sat: of the look-ahead), in units of the scale, rms over the "
           "perturbed parameters",
           Limits::non_negative());
  o.list("rho-group", rho_groups, "NAME=R",
         "another radius for one group: a physical layer (LAYER=0.05) or digital (default digital=0)");
  o.choice("radius", radius, {"rms", "total"},
           "norm of the radius: root mean square over parameters, or the plain Euclidean norm");
  o.choice("scale", scale, {"range", "response", "adaptive", "none"},
           "unit of a perturbation: range the control range; response the spread of the device's own "
           "detuning (acts on the detuning); "
           "adaptive |control| (plus 1 % of the range); none 1 mA");
  o.choice("per", per, {"weight", "ring"},
           "perturb each weight by itself, or each physical ring of a tiled chip");
  o.choice("ascent-norm", ascent_norm, {"joint", "layer"},
           "normalise the ascent over all layers together, or each layer by itself");
  o.integer("ascent-steps", ascent_steps, "K", "ascent steps, each 1/K of the radius",
            Limits::between(1, 100));
  o.number("random-start", random_start, "S",
           "start the ascent from Gaussian noise of this rms, in units of the scale", Limits::non_negative());
  o.integer("reuse-ascent", reuse_ascent, "K",
            "use one ascent for K steps, which saves its gradient in the others", Limits::between(1, 1000));
  o.number("ascent-memory", ascent_memory, "B",
           "method drawn-sat: decay a step of the mean gradient along which the next step moves; 0 is the "
           "last gradient alone",
           Limits::between(0, 0.9999));
  o.choice("ascent-sign", ascent_sign, {"down", "up"},
           "method drawn-sat: where the next step evaluates its gradient: down the remembered mean gradient, "
           "as momentum-SAM does, or up, as versions before this option did");
  o.number("sigma", sigma, "S", "methods noise and drawn-sat: rms of the noise, in units of the scale",
           Limits::non_negative());
}

void TrainSettings::describe_updates(Options& o) {
  o.integer("batch", batch, "B", "samples a step", Limits::between(1, 1e6));
  o.number("lr", lr, "X", "learning rate of the digital parameters", Limits::positive());
  o.number("lr-controls", lr_controls, "X",
           "learning rate of the controls, in units of their range; --lr if not given", Limits::positive());
  o.choice("optimizer", optimizer, {"adam", "sgd"}, "Adam, or stochastic gradient descent with momentum");
  o.number("momentum", momentum, "M", "momentum of sgd", Limits::between(0, 0.9999));
}

void TrainSettings::describe_in_situ(Options& o) {
  describe_method(o);
  describe_ascent(o);
  describe_updates(o);
  o.choice("schedule", schedule, {"constant", "cosine"}, "learning rate over the steps");
}

void TrainSettings::describe(Options& o) {
  o.group("Method");
  describe_method(o);
  o.text("label", label, "NAME", "name of this training in tables and pictures; the method if empty");
  o.choice("task", task, task_names(),
           "classify cross-entropy on classes; reconstruct mean squared error to the network's own input; "
           "generate the energy distance between the data and what the network makes of latent vectors, "
           "uniform in (0, 1)");

  o.group("Perturbation of the controls");
  describe_ascent(o);
  o.number("rho-warmup", rho_warmup, "EPOCHS", "grow the radius linearly from 0 over this many epochs",
           Limits::non_negative());
  o.choice("space", space, {"controls", "weights"},
           "method noise: where the noise acts; in weights its unit is one");
  o.number("lambda", lambda, "L", "method slope: weight of mean (range * dW/dI)^2", Limits::non_negative());
  o.flag("draw-process", draw_process,
         "any method: start each step from a chip drawn from the fabrication process");
  o.integer("draws", draws, "K",
            "cut each batch into K parts with perturbations (noise, chips, system parameters, ascents) of "
            "their own; the gradient is their mean, and costs what it did",
            Limits::between(1, 1000));
  o.text("only-layers", only_layers, "NAMES",
         "comma list of physical layers that perturbations reach (LAYER,LAYER); all if empty");

  o.group("System parameters (what the trainer cannot set)");
  o.list(
      "perturb", perturb, "NAME=VALUE",
      "a system parameter between its nominal value and VALUE, and as far to the other side: temperature=1.0 "
      "(±1 K); in free space rotation=2 (±2°), shift=2, shift-x, shift-y (px; shift is both), scale=1.1 (a "
      "factor as in --vary: 0.9 to 1.1)");
  o.choice(
      "system", system, {"auto", "gradient", "differences", "worst", "random"},
      "how they are chosen each step: gradient the ends that the gradient points to; differences the same "
      "by two losses a parameter, for systems without a derivative; worst the largest loss among 0 and "
      "random candidates; random uniform in the box; auto gradient for sat, random otherwise");
  o.number("system-step", system_step, "S", "--system differences: where the losses are taken, in radii",
           Limits{0, 1, true});
  o.integer("candidates", candidates, "K", "random candidates of --system worst", Limits::between(0, 1000));
  o.flag("candidate-ends", candidate_ends, "--system worst: also try both ends of each parameter");

  o.group("Batch-norm statistics under perturbation");
  o.choice("ascent-statistics", ascent_statistics, {"first", "last", "both"},
           "which passes of a step move the running statistics");
  o.choice("perturbed-statistics", perturbed_statistics, {"batch", "clean"},
           "statistics of perturbed passes: the batch's own, or those of the same batch unperturbed (as on a "
           "chip that drifts after its "
           "statistics were taken; one more forward pass where none was unperturbed)");
  o.number("freeze-statistics", freeze_statistics, "F",
           "for the last fraction F of the training, normalise with the running statistics, which then stand "
           "still, as on a deployed chip",
           Limits::between(0, 1));

  o.group("Optimisation");
  o.integer("epochs", epochs, "N", "passes over the training set", Limits::between(1, 1e6));
  o.integer("steps", steps, "N", "stop after N updates instead of --epochs; 0 leaves it to them or a budget");
  describe_updates(o);
  o.choice("schedule", schedule, {"constant", "cosine", "step"}, "learning rate over the training");
  o.integer("step-every", step_every, "EPOCHS", "schedule step: epochs between steps", Limits::at_least(1));
  o.number("step-factor", step_factor, "F", "schedule step: factor at each step", Limits::positive());
  o.number(
      "budget", budget, "N",
      "stop after N gradient evaluations (a batch forward and backward; a forward pass alone counts a third) "
      "instead of --epochs, so that methods compare at equal cost",
      Limits::non_negative());
  o.number("budget-epochs", budget_epochs, "E", "the same budget, in epochs of plain backpropagation",
           Limits::non_negative());
  o.integer("evaluate-every", evaluate_every, "EPOCHS",
            "evaluate validation and test sets every so many epochs (and at the end)", Limits::at_least(1));
  o.integer("checkpoint-every", checkpoint_every, "EPOCHS",
            "write a checkpoint to the output every so many epochs", Limits::at_least(1))
      .role = Option::Role::transport;

  o.group("Start");
  o.number("init-std", init_std, "S",
           "standard deviation of the random initial weights (cut at ±0.8), or phases of masks in rad",
           Limits::positive());
  o.choice(
      "init-flank", init_flank, {"lower", "upper", "both"},
      "flank of the resonance on which rings start: below the resonance current, above it, or at random");
}

void TrainSettings::check() const {
  std::vector<std::string> wrong;
  if ((budget > 0) + (budget_epochs > 0) + (steps > 0) > 1)
    wrong.emplace_back("--budget, --budget-epochs and --steps say the same thing twice: give one");
  if (space == "weights" && method != "noise")
    wrong.emplace_back(
        "--space weights belongs to --method noise (for an ascent in weight space use --method sam)");
  if (space == "weights" && (scale == "response" || per == "ring"))
    wrong.emplace_back("--space weights knows neither --scale response nor --per ring");
  if (method == "sam" && (per == "ring" || random_start > 0 || reuse_ascent > 1 || ascent_steps > 1)) {
    wrong.emplace_back(
        "--method sam takes one plain ascent step in weight space; --per, --random-start, --reuse-ascent and "
        "--ascent-steps belong to --method sat");
  }
  if (!perturb.empty() && system == "gradient" && method != "sat")
    wrong.emplace_back("--system gradient needs the ascent of --method sat; use random or worst");
  if (on_device() && (method == "slope" || method == "sam" || method == "process" || draw_process)) {
    wrong.emplace_back("--in-situ: --method " + std::string(draw_process ? "with --draw-process" : method) +
                       " works on a model alone; in situ there are bp, noise, sat, drawn-sat, pat, dat, spsa "
                       "and differences");
  }
  if (on_device() && (!perturb.empty() || scale == "response" || space == "weights"))
    wrong.emplace_back(
        "in situ only what a lab can set is perturbed: --perturb, --scale response and --space weights "
        "belong "
        "to a model");
  if (on_device() && perturbed_statistics == "clean")
    wrong.emplace_back("--perturbed-statistics clean belongs to a model");
  if (dat && (!on_device() || model_free()))
    wrong.emplace_back("--dat belongs to bp, noise and sat with --in-situ (or take --method dat)");
  if (pat_output && learns_residuals())
    wrong.emplace_back("--pat-output is --dat-states output for what learns residual maps");
  if (pat_output && (!on_device() || model_free()))
    wrong.emplace_back("--pat-output belongs to pat, or to bp, noise and sat with --in-situ");
  if (ascent_sign == "up" && method != "drawn-sat")
    wrong.emplace_back("--ascent-sign belongs to --method drawn-sat: --method " + method + " has no memory");
  if (method == "differences" && (budget > 0 || budget_epochs > 0))
    wrong.emplace_back("--method differences costs two evaluations a parameter and step: give --epochs");
  if (task == "generate" && batch / draws < 2)
    wrong.emplace_back("--task generate compares distributions: --batch 2 or more, in each of --draws");
  if (draws > batch) wrong.emplace_back("--draws: more parts than --batch has samples");
  if (draws > 1 && reuse_ascent > 1)
    wrong.emplace_back("--reuse-ascent keeps one ascent, and --draws makes several: give one of them");
  if (freeze_statistics > 0 && perturbed_statistics == "clean")
    wrong.emplace_back("--freeze-statistics and --perturbed-statistics clean contradict each other");
  if (on_device() && (draws > 1 || freeze_statistics > 0))
    wrong.emplace_back("--draws and --freeze-statistics belong to a training on a model");
  if (!wrong.empty()) throw UsageError(join(wrong, "; "));
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

const std::vector<std::string>& task_names() {
  static const std::vector<std::string> names = {"classify", "reconstruct", "generate"};
  return names;
}

network::Task parse_task(const std::string& task) {
  if (task == "reconstruct") return network::Task::reconstruct;
  return task == "generate" ? network::Task::generate : network::Task::classify;
}

std::string loss_name(network::Task task) {
  if (task == network::Task::reconstruct) return "mean squared error";
  return task == network::Task::generate ? "energy distance" : "cross-entropy";
}

}  // namespace pnn::train
