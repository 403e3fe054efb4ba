// Training in situ on the device that parameters have been moved to, for a given number of steps.
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/study/deployment.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::study {

/// How many steps of which training each device gets: the options of pnn-train that hold in situ.
struct FinetuneSettings {
  train::TrainSettings train;
  FinetuneSettings() { train.method = "pat"; }
  void describe(Options& options);  ///< --finetune-steps, --method, …
  [[nodiscard]] bool wanted() const { return train.steps > 0; }
  /// Throws UsageError where the settings contradict each other, say something while no step is asked for, or
  /// miss the model that gradients go back through.
  void check(bool has_models) const;
};

/// The training of `input` from what is deployed: controls, digital parameters and running statistics are
/// those of `deployed` before and after. Each of the input's samples is shown as often as its settings say,
/// none is evaluated where its validation and test splits are empty. Returns the device calls that it took.
/// The same bytes for any number of threads. Throws Interrupted when `progress` asks to stop, with `deployed`
/// unchanged, and DivergenceError, equally unchanged, where the training diverges.
std::uint64_t finetune(Deployed& deployed, const train::Params& params, train::TrainInput input,
                       const Progress& progress);

}  // namespace pnn::study
