// Everything that a user can say about a training: each part of the settings declares its options and says
// what in it contradicts itself, the method or another part.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/network/network.hpp"
#include "pnn/train/methods.hpp"
#include "pnn/train/optimizer.hpp"
#include "pnn/train/residual.hpp"

namespace pnn::train {

struct TrainSettings;

/// How a device takes part in a training.
struct InSituSettings {
  bool enabled = false;     ///< forward passes on the device, where the method does not say so itself
  bool pat_output = false;  ///< the device's final output alone is read
  bool dat = false;         ///< residual maps of the device are learned as well
  ResidualStates dat_states = ResidualStates::separable;
  double dat_lr = 3e-3;  ///< learning rate of the residual maps
  double probe = 0.01;   ///< spsa, differences: step of the controls in fractions of their range

  void describe(Options& options);
  void check(const TrainSettings& all, std::vector<std::string>& wrong) const;
};

/// Norm of the radius of an ascent.
enum class Radius { rms, total };
constexpr auto words_of(Radius) {
  using enum Radius;
  return std::to_array<Word<Radius>>(
      {{rms, "rms", "root mean square over parameters"}, {total, "total", "the plain Euclidean norm"}});
}

/// Unit of a perturbation.
enum class Scale { range, response, adaptive, none };
constexpr auto words_of(Scale) {
  using enum Scale;
  return std::to_array<Word<Scale>>(
      {{range, "range", "the control range"},
       {response, "response", "the spread of the elements' responses (acts on the response)"},
       {adaptive, "adaptive", "|control| (plus 1 % of the range)"},
       {none, "none", "one unit of the control"}});
}

/// What is perturbed by itself.
enum class Per { weight, element };
constexpr auto words_of(Per) {
  using enum Per;
  return std::to_array<Word<Per>>(
      {{weight, "weight", "every weight"},
       {element, "element", "every element of a chip, whichever tiles and layers it carries"}});
}

/// How an ascent is normalised.
enum class AscentNorm { joint, layer };
constexpr auto words_of(AscentNorm) {
  using enum AscentNorm;
  return std::to_array<Word<AscentNorm>>(
      {{joint, "joint", "over all layers together"}, {layer, "layer", "every layer by itself"}});
}

/// Where a method that remembers gradients evaluates the next one.
enum class AscentSign { down, up };
constexpr auto words_of(AscentSign) {
  using enum AscentSign;
  return std::to_array<Word<AscentSign>>(
      {{down, "down", "the remembered mean gradient, as momentum-SAM does"},
       {up, "up", "the remembered mean gradient, as versions before this option did"}});
}

/// How a step ascends before it takes its gradient.
struct AscentSettings {
  AscentNorm norm = AscentNorm::joint;
  int steps = 1;
  double random_start = 0;  ///< rms of the noise that it starts from, in units of the scale
  int reuse = 1;            ///< steps that use one ascent
  double memory = 0.9;      ///< drawn-sat: decay of the remembered gradient, a step
  AscentSign sign = AscentSign::down;

  void describe(Options& options);
  void check(const TrainSettings& all, std::vector<std::string>& wrong) const;
};

/// What noise acts on.
enum class Space { controls, weights };
constexpr auto words_of(Space) {
  using enum Space;
  return std::to_array<Word<Space>>({{controls, "controls"}, {weights, "weights"}});
}

/// How controls are perturbed. Radii are dimensionless (in units of the chosen scale), root mean squares over
/// the perturbed parameters unless radius is total.
struct PerturbationSettings {
  double rho = 0.005;
  std::vector<std::string> rho_groups;  ///< "LAYER=0.05", "digital=0.01"
  Radius radius = Radius::rms;
  Scale scale = Scale::range;
  Per per = Per::weight;
  AscentSettings ascent;
  double sigma = 0.02;
  double rho_warmup = 0;  ///< epochs
  Space space = Space::controls;
  double lambda = 1e-3;
  bool draw_process = false;
  int draws = 1;            ///< parts of a batch, each with perturbations of its own
  std::string only_layers;  ///< comma list; empty: all

  void describe(Options& options);
  /// Those that hold on a device, too.
  void describe_in_situ(Options& options);
  void check(const TrainSettings& all, std::vector<std::string>& wrong) const;
};

/// How the system parameters of a step are chosen, which nobody sets.
enum class SystemChoice { automatic, gradient, differences, worst, random };
constexpr auto words_of(SystemChoice) {
  using enum SystemChoice;
  return std::to_array<Word<SystemChoice>>(
      {{automatic, "auto", "gradient for sat, random otherwise"},
       {gradient, "gradient", "the ends that the gradient points to"},
       {differences, "differences", "the same by two losses a parameter, for systems without a derivative"},
       {worst, "worst", "the largest loss among 0 and random candidates"},
       {random, "random", "uniform in the box"}});
}

/// System parameters: what moves the outputs and cannot be set, such as the temperature.
struct SystemSettings {
  std::vector<std::string> perturb;  ///< "temperature=1.0"
  SystemChoice choice = SystemChoice::automatic;
  double step = 0.5;  ///< of the radius, for differences
  int candidates = 2;
  bool candidate_ends = false;

  void describe(Options& options);
  void check(const TrainSettings& all, std::vector<std::string>& wrong) const;
};

/// Passes of a step that move the running statistics of batch normalisation.
enum class StatisticsPass { first, last, both };
constexpr auto words_of(StatisticsPass) {
  using enum StatisticsPass;
  return std::to_array<Word<StatisticsPass>>({{first, "first"}, {last, "last"}, {both, "both"}});
}

/// What perturbed passes normalise with.
enum class PerturbedStatistics { batch, clean };
constexpr auto words_of(PerturbedStatistics) {
  using enum PerturbedStatistics;
  return std::to_array<Word<PerturbedStatistics>>(
      {{batch, "batch", "the batch's own"},
       {clean, "clean",
        "those of the same batch unperturbed (as on a chip that drifts after its statistics were taken; one "
        "more forward pass where none was unperturbed)"}});
}

/// Batch-norm statistics under perturbation.
struct StatisticsSettings {
  StatisticsPass ascent = StatisticsPass::first;
  PerturbedStatistics perturbed = PerturbedStatistics::batch;
  double freeze = 0;  ///< last part of the training in which they stand still

  void describe(Options& options);
  void check(std::vector<std::string>& wrong) const;
};

/// What is done with a gradient.
struct UpdateSettings {
  int batch = 64;
  double lr = 1e-3;
  std::optional<double> lr_controls;
  Optimizer::Kind optimizer = Optimizer::Kind::adam;
  double momentum = 0.9;
  double average = 0;           ///< decay a step of the running mean of the parameters; 0: the last ones
  int average_statistics = 32;  ///< batches that estimate the batch-norm statistics of that mean

  void describe(Options& options);
};

/// What is done with the samples of a step.
struct SampleSettings {
  std::string augment;         ///< as parse_augmentation() reads it; empty: pictures as they are
  double label_smoothing = 0;  ///< part of each label that is spread over all classes

  void describe(Options& options);
};

/// Learning rate over the training.
struct ScheduleSettings {
  Schedule::Kind kind = Schedule::Kind::cosine;
  int step_every = 10;  ///< epochs
  double step_factor = 0.1;
  double warmup = 0, decay = 0.1;  ///< parts of the training

  void describe(Options& options);
  /// Those that need no epochs.
  void describe_in_situ(Options& options);
};

/// How long a training is, and how often it stops to look around.
struct LengthSettings {
  int epochs = 10;
  std::uint64_t steps = 0;   ///< updates; 0: a budget or epochs decide
  double budget = 0;         ///< gradient evaluations; 0: epochs decide
  double budget_epochs = 0;  ///< the same in epochs of plain backpropagation
  int evaluate_every = 1;    ///< epochs
  int checkpoint_every = 1;  ///< epochs

  void describe_steps(Options& options);
  void describe_budget(Options& options);
  void check(const TrainSettings& all, std::vector<std::string>& wrong) const;
};

/// Flank of the tuning curve on which elements start whose weights have two controls.
enum class Flank { lower, upper, both };
constexpr auto words_of(Flank) {
  using enum Flank;
  return std::to_array<Word<Flank>>({{lower, "lower", "below its extreme"},
                                     {upper, "upper", "above it"},
                                     {both, "both", "one of the two at random"}});
}

/// Where a training starts that is given no parameters.
struct StartSettings {
  double std = 0.3;  ///< of weights, or, on platforms that start from phases, of these in rad
  Flank flank = Flank::lower;

  void describe(Options& options);
};

struct TrainSettings {
  Method method = Method::bp;
  std::string label;  ///< name in tables; empty: the method
  network::Task task = network::Task::classify;
  InSituSettings in_situ;
  PerturbationSettings perturbation;
  SystemSettings system;
  StatisticsSettings statistics;
  UpdateSettings updates;
  ScheduleSettings schedule;
  LengthSettings length;
  StartSettings start;
  SampleSettings samples;

  void describe(Options& options);
  /// The part of it that says how a device is trained, and not how long or from where: for tools that
  /// fine-tune.
  void describe_in_situ(Options& options);
  /// Throws UsageError where settings contradict each other, or act on nothing and are not at their default
  /// (but for epochs beside steps or a budget).
  void check() const;
  /// Why a training with these settings does not read the option of this name; empty if it does.
  [[nodiscard]] std::string idle_reason(const std::string& option) const;

  [[nodiscard]] const MethodTraits& traits() const { return traits_of(method); }
  /// Whether a device makes the forward passes, and whether nothing else is known (no model).
  [[nodiscard]] bool on_device() const { return in_situ.enabled || traits().on_device(); }
  [[nodiscard]] bool model_free() const { return !traits().needs_model(); }
  [[nodiscard]] bool learns_residuals() const { return in_situ.dat || traits().learns_residuals; }
  /// Whether the device's final output alone is read.
  [[nodiscard]] bool reads_output_only() const {
    return in_situ.pat_output || (learns_residuals() && in_situ.dat_states == ResidualStates::output);
  }
  /// Whether a training in situ reads what every layer gives, and not the last alone.
  [[nodiscard]] bool reads_states() const { return on_device() && !model_free() && !reads_output_only(); }
  /// Whether each step starts from a chip drawn from the process.
  [[nodiscard]] bool draws_chips() const { return perturbation.draw_process || traits().draws_chips; }
  /// Whether perturbations move weights and not controls.
  [[nodiscard]] bool moves_weights() const {
    return traits().in_weight_space || perturbation.space == Space::weights;
  }
  /// How system parameters are chosen, `automatic` replaced by what it stands for; nothing where none moves.
  [[nodiscard]] std::optional<SystemChoice> system_choice() const;

 private:
  /// Lets the options from number `first` say when they act on nothing.
  void tell_idle(Options& options, std::size_t first);
};

/// "temperature=1.0,…" → radius of each named system parameter; only `known` names pass.
std::map<std::string, double> parse_radii(const std::vector<std::string>& assignments,
                                          const std::vector<std::string>& known, const std::string& option);

}  // namespace pnn::train
