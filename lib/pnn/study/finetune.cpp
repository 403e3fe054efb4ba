#include "pnn/study/finetune.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"

namespace pnn::study {
namespace {

/// Passes on the wish to stop, and says nothing.
class Quiet final : public Progress {
 public:
  explicit Quiet(const Progress& outer) : outer_(outer) {}
  [[nodiscard]] bool stop_requested() const override { return outer_.stop_requested(); }

 private:
  const Progress& outer_;
};

}  // namespace

void FinetuneSettings::describe(Options& o) {
  o.group("Fine-tuning on each device");
  o.integer(
      "finetune-steps", train.length.steps, "N",
      "train each device in situ for N steps of --method on training samples before it is evaluated, after "
      "--map and before --trim; gradients go back through --models; 0 is none");
  const std::size_t first = o.all().size();
  train.describe_in_situ(o);
  o.idle_since(first, [this] {
    return wanted() ? std::string() : "it says how devices are fine-tuned, and --finetune-steps is 0";
  });
}

void FinetuneSettings::check(bool has_models) const {
  if (!wanted()) return;
  if (!train.on_device())
    throw UsageError("--finetune-steps: --method " + word_of(train.method) +
                     " trains on a model; take pat, dat or spsa, or add --in-situ");
  train.check();
  if (!has_models)
    throw UsageError(
        "--finetune-steps: needs --models, which gradients go back through and ranges come from; pnn-fit "
        "--model "
        "nominal makes one for all devices");
}

Spent spent_on(const train::TrainInput& input, std::uint64_t calls) {
  const std::uint64_t layers = std::max<std::uint64_t>(1, input.network.plans().size());
  const std::uint64_t batch =
      std::min(std::uint64_t(input.settings.updates.batch), std::uint64_t(input.data.train.size()));
  return {(calls + layers - 1) / layers * batch, calls};
}

Spent finetune(Deployed& deployed, const train::Params& params, train::TrainInput input,
               const Progress& progress) {
  train::Params start = params;
  auto next = deployed.controls.begin();
  for (train::Tensor& layer : start.controls) {
    std::copy_n(next, layer.values.data.size(), layer.values.data.begin());
    next += std::ptrdiff_t(layer.values.data.size());
  }
  input.initial = &start;
  Quiet quiet(progress);
  const train::Params tuned = train::train(input, quiet, [](const train::Params&) {});
  Deployed made = deploy(tuned, input.network);
  made.bounds = deployed.bounds;
  deployed = std::move(made);
  return spent_on(input, tuned.optimizer.device_calls);
}

}  // namespace pnn::study
