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
/// Returns what it cost. The result has the same bytes for any number of threads. Throws
/// Interrupted when `progress` asks to stop, and DivergenceError if the training diverges; `deployed` is then
/// unchanged.
Spent finetune(Deployed& deployed, const train::Params& params, train::TrainInput input,
               const Progress& progress);
/// What so many device calls of this training cost: every pass of a batch is one for each physical layer.
Spent spent_on(const train::TrainInput& input, std::uint64_t calls);

}  // namespace pnn::study
