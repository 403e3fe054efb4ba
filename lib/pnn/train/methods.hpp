// The training methods: one line each, from which the words of --method, its help, the checks of settings
// that contradict each other, the number of gradients a step and the table of tools/README.md follow.
//
// A new method is one line in method_table and, where no part below makes its gradient, a part of its own in
// estimator.cpp.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/words.hpp"

namespace pnn::train {

enum class Method { bp, noise, slope, sam, process, sat, drawn_sat, pat, dat, spsa, differences };

/// What the forward passes of a method's steps run on.
enum class RunsOn {
  model,   ///< the model alone
  either,  ///< the model, or a device with --in-situ
  device,  ///< a device
};

/// What a method is made of. The estimator builds a step from these parts (estimator.hpp).
struct MethodTraits {
  Method method;
  std::string_view name;  ///< as users write it
  std::string_view step;  ///< what a step does, for the help and the table of tools/README.md
  RunsOn runs_on = RunsOn::model;
  // Where a step takes its gradient:
  bool ascends = false;           ///< at the end of an ascent of the loss, which starts at the controls
  bool in_weight_space = false;   ///< the ascent moves weights, one plain step, and not controls
  bool adds_noise = false;        ///< where noise of --sigma leads
  bool may_move_weights = false;  ///< the noise may act on weights (--space weights)
  bool remembers = false;         ///< along the mean of the gradients of the steps before
  bool draws_chips = false;       ///< on a chip drawn from the fabrication process
  // What the gradient is of:
  bool penalises_slope = false;   ///< the loss plus the mean squared slope of the tuning curves
  bool learns_residuals = false;  ///< the device, through the model plus residual maps that are learned
  // What a step costs, ascents apart (which cost a gradient each):
  int gradients = 1;           ///< forward and backward; 0 is a method without a model
  int losses = 0;              ///< forward alone
  int losses_a_parameter = 0;  ///< forward alone, for each trained parameter

  [[nodiscard]] constexpr bool on_device() const { return runs_on == RunsOn::device; }
  /// Whether a step goes back through a model.
  [[nodiscard]] constexpr bool needs_model() const { return gradients > 0; }
  /// Whether an ascent may start from noise, take several steps or be used again: on controls alone.
  [[nodiscard]] constexpr bool ascends_freely() const { return ascends && !in_weight_space; }
};

inline constexpr auto method_table = std::to_array<MethodTraits>({
    {.method = Method::bp,
     .name = "bp",
     .step = "the gradient at the controls, by backpropagation through the model",
     .runs_on = RunsOn::either},
    {.method = Method::noise,
     .name = "noise",
     .step = "the gradient at controls + Gaussian noise that is drawn each step",
     .runs_on = RunsOn::either,
     .adds_noise = true,
     .may_move_weights = true},
    {.method = Method::slope,
     .name = "slope",
     .step = "bp with a penalty on the squared slope of the tuning curves",
     .penalises_slope = true},
    {.method = Method::sam,
     .name = "sam",
     .step = "sharpness-aware minimisation in weight space",
     .ascends = true,
     .in_weight_space = true},
    {.method = Method::process,
     .name = "process",
     .step = "the gradient on a chip that is drawn from the fabrication process each step",
     .draws_chips = true},
    {.method = Method::sat,
     .name = "sat",
     .step = "sharpness-aware training, the gradient at the end of an ascent of the loss over the controls",
     .runs_on = RunsOn::either,
     .ascends = true},
    {.method = Method::drawn_sat,
     .name = "drawn-sat",
     .step = "momentum-SAM on the controls, the gradient at controls + noise and a radius down the mean of "
             "the gradients of the steps before",
     .runs_on = RunsOn::either,
     .adds_noise = true,
     .remembers = true},
    {.method = Method::pat,
     .name = "pat",
     .step =
         "physics-aware training, forward on the device and backward through the model at what the device "
         "gave",
     .runs_on = RunsOn::device},
    {.method = Method::dat,
     .name = "dat",
     .step = "dual adaptive training, pat through the model and a residual map that is learned on the way",
     .runs_on = RunsOn::device,
     .learns_residuals = true},
    {.method = Method::spsa,
     .name = "spsa",
     .step = "two losses along random signs, without a model",
     .runs_on = RunsOn::device,
     .gradients = 0,
     .losses = 2},
    {.method = Method::differences,
     .name = "differences",
     .step = "two losses a parameter, without a model",
     .runs_on = RunsOn::device,
     .gradients = 0,
     .losses = 1,
     .losses_a_parameter = 2},
});

constexpr const MethodTraits& traits_of(Method method) {
  for (const MethodTraits& traits : method_table) {
    if (traits.method == method) return traits;
  }
  throw InternalError("every method has a line in method_table");
}

constexpr auto words_of(Method) {
  std::array<Word<Method>, method_table.size()> words{};
  for (std::size_t k = 0; k < words.size(); ++k) words[k] = {method_table[k].method, method_table[k].name};
  return words;
}

/// Options that act on a method by one of its parts, without dashes, and do nothing elsewhere. In the order
/// of the help.
std::vector<std::string> options_of(const MethodTraits& traits);
/// Why a method does not read an option of a part that it lacks, and which methods read it; empty if it does,
/// or if the option belongs to no part.
std::string idle_reason(std::string_view option, const MethodTraits& traits);
/// The methods for which `holds`, as a list in words: "bp, noise and sat".
std::string methods_with(bool (*holds)(const MethodTraits&), std::string_view last_word = "and");
/// What a step costs as a user counts it: "1", "1 + K", "2/3".
std::string cost_in_words(const MethodTraits& traits);
/// The sentence of --method.
std::string method_help();

}  // namespace pnn::train
