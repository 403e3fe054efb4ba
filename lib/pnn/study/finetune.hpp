// Fine-tunes transferred parameters in situ: trains them on their new device for a given number of steps.
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/study/deployment.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::study {

/// The number of steps and the method: those options of pnn-train that apply in situ.
struct FinetuneSettings {
  train::TrainSettings train;
  FinetuneSettings() { train.method = train::Method::pat; }
  void describe(Options& options);  ///< --finetune-steps, --method, …
  [[nodiscard]] bool wanted() const { return train.length.steps > 0; }
  /// Throws UsageError if the settings contradict each other or need a model for the backward pass that is
  /// missing.
  void check(bool has_models) const;
};

/// Runs the training `input`, starting from `deployed`, and writes the new controls, digital parameters and
/// running statistics there. Nothing is evaluated if the input's validation and test splits are empty.
/// Returns the number of device calls. The result has the same bytes for any number of threads. Throws
/// Interrupted when `progress` asks to stop, and DivergenceError if the training diverges; `deployed` is then
/// unchanged.
std::uint64_t finetune(Deployed& deployed, const train::Params& params, train::TrainInput input,
                       const Progress& progress);

}  // namespace pnn::study
