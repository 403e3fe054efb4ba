// What a network is trained for: what its outputs are compared with, by which loss, and which number tells
// how good they are. Tools, files and tables take all of it from here.
#pragma once

#include <array>
#include <string>

#include "pnn/core/words.hpp"

namespace pnn::network {

/// What a network is trained for.
enum class Task {
  classify,     ///< cross-entropy, with the outputs as logits
  regress,      ///< mean squared error between outputs and the targets of a data set
  reconstruct,  ///< the same between outputs and inputs
  generate,     ///< energy distance between outputs and pictures of a data set; inputs are latent vectors
};
constexpr auto words_of(Task) {
  using enum Task;
  return std::to_array<Word<Task>>(
      {{classify, "classify", "cross-entropy on classes"},
       {regress, "regress",
        "mean squared error to the targets of the data set (taken by itself where the data set has targets)"},
       {reconstruct, "reconstruct", "mean squared error to the network's own input"},
       {generate, "generate",
        "the energy distance between the data and what the network makes of latent vectors, uniform in (0, "
        "1)"}});
}

/// What of a data set outputs are compared with.
enum class Against {
  classes,
  targets,
  inputs,  ///< its samples themselves
};

/// A number that tells how good outputs are.
struct Metric {
  const char* name;   ///< in files and JSON: "accuracy"
  const char* title;  ///< in tables: "accuracy", "mean squared error"
  const char* word;   ///< beside a number: "accuracy", "error"
  bool percent;       ///< a fraction, shown in percent
  bool rises;         ///< whether higher is better
  [[nodiscard]] double factor() const { return percent ? 100 : 1; }
  [[nodiscard]] std::string header() const { return title + std::string(percent ? " in %" : ""); }
  /// "97.25 %", "0.8712"
  [[nodiscard]] std::string text(double value) const;
};

/// Root mean squared error of one target, in its own unit.
inline constexpr Metric rms_error{"rms_error", "rms error", "rms error", false, false};

struct TaskTraits {
  Against against;
  const char* loss;  ///< its name
  Metric metric;     ///< the score of a network
  bool scored;       ///< whether the score is another number than the loss
};
const TaskTraits& traits_of(Task task);

/// What an evaluation counts of its samples.
struct Tally {
  double loss = 0;      ///< the mean
  double right = 0;     ///< fraction of the right class
  double variance = 0;  ///< of the targets: mean over samples and outputs of (target − mean of its output)²
};
/// The score: the fraction of the right class; the coefficient of determination R² = 1 − loss/variance, with
/// which all targets count alike where they were scaled alike; or the loss itself.
double score_of(Task task, const Tally& tally);

/// A quantity that a network learns. Data sets hold (value − mean)/scale.
struct Target {
  std::string name;  ///< that of its column, with the unit if it says one: "detuning (pm)"
  double mean = 0, scale = 1;
  bool operator==(const Target&) const = default;
};

}  // namespace pnn::network
