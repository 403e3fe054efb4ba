// What is adjusted on each device before a network is evaluated there, as options say it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/core/words.hpp"

namespace pnn::study {

/// What is carried to another device.
enum class Carried {
  controls,  ///< as trained
  weights,   ///< inverted through the device's own model
};
constexpr auto words_of(Carried) {
  using enum Carried;
  return std::to_array<Word<Carried>>({{controls, "controls"}, {weights, "weights"}});
}

/// What training samples that are shown to a device adjust there.
enum class Trim { finetune, temperature, gain, batchnorm };
constexpr auto words_of(Trim) {
  using enum Trim;
  return std::to_array<Word<Trim>>({{finetune, "finetune", "the controls, by --finetune-steps in situ"},
                                    {temperature, "temperature", "the set point"},
                                    {gain, "gain", "a factor a layer"},
                                    {batchnorm, "batchnorm", "the running statistics"}});
}

/// What a batchnorm normalises with.
enum class NormalizedBy {
  file,  ///< the running statistics that training left (or a trim)
  /// The statistics of each batch of the samples that are shown, under the condition that is evaluated: for
  /// comparison with accuracies that were measured so; no deployed chip has these statistics.
  shown,
};
constexpr auto words_of(NormalizedBy) {
  using enum NormalizedBy;
  return std::to_array<Word<NormalizedBy>>({{file, "file"}, {shown, "shown"}});
}

/// What is adjusted on each device, and when: one column of a comparison of deployments.
struct Adjustment {
  enum class When {
    once,          ///< under the sweep's own surroundings
    always,        ///< anew under every condition that is evaluated
    periodically,  ///< anew every `every_s` along the trace, from its beginning
  };
  std::vector<Trim> trims = {};  ///< without repetition, in the order in which they are made; empty: nothing
  When when = When::once;
  double every_s = 0;

  [[nodiscard]] bool does(Trim trim) const;
  [[nodiscard]] bool finetunes() const { return does(Trim::finetune); }
  /// Whether anything but a fine-tuning is adjusted.
  [[nodiscard]] bool trims_any() const { return trims.size() > (finetunes() ? 1 : 0); }
  /// Whether cells of the same device are adjusted by themselves.
  [[nodiscard]] bool anew() const { return when != When::once; }
  /// "none", "temperature,batchnorm", "gain always" or "temperature every 10min".
  [[nodiscard]] std::string text() const;
  bool operator==(const Adjustment&) const = default;
};

/// The beginning of the last interval of `every_s` since `first_s` that has begun at `time_s`, and the number
/// of those until then, that one included. A time before the first counts as the first.
struct Due {
  double begin_s = 0;
  std::size_t number = 1;
};
Due due_at(double time_s, double first_s, double every_s);

/// How parameters reach another device.
struct MapSettings {
  Carried map = Carried::controls;
  std::vector<std::string> trim = {"none"}, recalibrate = {};
  int trim_samples = 500;  ///< training samples shown while trimming
  NormalizedBy statistics = NormalizedBy::file;
  void describe(Options& options);
  /// --recalibrate, of tools that vary conditions.
  void describe_recalibration(Options& options);
  /// The columns that --trim and --recalibrate ask for: each of the former without samples, and each other
  /// at each time of the latter. `fine_tunes`: whether devices are fine-tuned; every column does where no
  /// --trim names it. Throws UsageError for words that it does not know, columns that stand twice, and a
  /// fine-tuning that nobody described.
  [[nodiscard]] std::vector<Adjustment> adjustments(bool fine_tunes) const;
  /// Whether training samples are read.
  [[nodiscard]] bool shows_samples(bool fine_tunes) const;
  /// Throws UsageError if the settings contradict each other or need models that are missing. `has_models`:
  /// whether models were given; `fine_tunes`: whether a fine-tuning uses them too.
  void check(bool has_models, bool fine_tunes) const;
};

}  // namespace pnn::study
