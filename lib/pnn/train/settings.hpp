// Everything that a user can say about a training, declared once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/network/network.hpp"

namespace pnn::train {

/// Radii are dimensionless (in units of the chosen scale), root mean squares over the perturbed parameters
/// unless radius is "total".
struct TrainSettings {
  /// bp | noise | slope | sam | process | sat | drawn-sat | pat | dat | spsa | differences
  std::string method = "bp";
  std::string label;  ///< name in tables; empty: the method
  std::string task = "classify";

  // perturbation of controls
  double rho = 0.005;
  std::vector<std::string> rho_groups;  ///< "LAYER=0.05", "digital=0.01"
  std::string radius = "rms";           ///< rms | total
  std::string scale = "range";          ///< range | response | adaptive | none
  std::string per = "weight";           ///< weight | ring
  std::string ascent_norm = "joint";    ///< joint | layer
  int ascent_steps = 1;
  double random_start = 0;
  int reuse_ascent = 1;
  double ascent_memory = 0.9;        ///< drawn-sat: decay of the remembered gradient, a step
  std::string ascent_sign = "down";  ///< drawn-sat: down | up the remembered gradient
  double rho_warmup = 0;             ///< epochs
  double sigma = 0.02;
  std::string space = "controls";  ///< controls | weights (noise)
  double lambda = 1e-3;
  bool draw_process = false;
  int draws = 1;            ///< parts of a batch, each with perturbations of its own
  bool in_situ = false;     ///< gradients from the device, where the method does not say so itself
  bool pat_output = false;  ///< in situ: the device's final output alone is read
  bool dat = false;         ///< in situ: learn residual maps of the device as well
  std::string dat_states = "separable";  ///< separable | unitary | output
  double dat_lr = 3e-3;                  ///< learning rate of the residual maps
  double probe = 0.01;      ///< spsa, differences: step of the controls in fractions of their range
  std::string only_layers;  ///< comma list; empty: all

  // system parameters
  std::vector<std::string> perturb;  ///< "temperature=1.0"
  std::string system = "auto";       ///< auto | gradient | differences | worst | random
  double system_step = 0.5;          ///< of the radius, for differences
  int candidates = 2;
  bool candidate_ends = false;

  // batch-norm statistics
  std::string ascent_statistics = "first";     ///< first | last | both
  std::string perturbed_statistics = "batch";  ///< batch | clean
  double freeze_statistics = 0;                ///< last part of the training in which they stand still

  // optimisation
  int epochs = 10;
  std::uint64_t steps = 0;  ///< updates; 0: a budget or epochs decide
  int batch = 64;
  double lr = 1e-3;
  std::optional<double> lr_controls;
  std::string optimizer = "adam";
  double momentum = 0.9;
  std::string schedule = "cosine";  ///< constant | cosine | step
  int step_every = 10;
  double step_factor = 0.1;
  double budget = 0;         ///< gradient evaluations; 0: epochs decide
  double budget_epochs = 0;  ///< the same in epochs of plain backpropagation
  int evaluate_every = 1;
  int checkpoint_every = 1;

  // start
  double init_std = 0.3;
  std::string init_flank = "lower";  ///< lower | upper | both

  void describe(Options& options);
  /// The part of it that says how a device is trained, and not how long or from where: for tools that
  /// fine-tune.
  void describe_in_situ(Options& options);
  /// Whether a device makes the forward passes, and whether nothing else is known (no model).
  [[nodiscard]] bool on_device() const {
    return in_situ || method == "pat" || method == "dat" || model_free();
  }
  [[nodiscard]] bool learns_residuals() const { return dat || method == "dat"; }
  [[nodiscard]] bool model_free() const { return method == "spsa" || method == "differences"; }
  /// Whether a training in situ reads what every layer gives, and not the last alone.
  [[nodiscard]] bool reads_states() const {
    return on_device() && !pat_output && !model_free() && !(learns_residuals() && dat_states == "output");
  }
  /// Whether each step starts from a chip drawn from the process.
  [[nodiscard]] bool draws_chips() const { return draw_process || method == "process"; }
  /// Throws UsageError where settings contradict each other.
  void check() const;

 private:
  void describe_method(Options& options);
  void describe_ascent(Options& options);
  void describe_updates(Options& options);
};

/// "temperature=1.0,…" → radius of each named system parameter; only `known` names pass.
std::map<std::string, double> parse_radii(const std::vector<std::string>& assignments,
                                          const std::vector<std::string>& known, const std::string& option);

/// classify | reconstruct | generate.
const std::vector<std::string>& task_names();
network::Task parse_task(const std::string& task);
/// What the loss of a task is, for tables: "cross-entropy", "mean squared error", "energy distance".
std::string loss_name(network::Task task);

}  // namespace pnn::train
