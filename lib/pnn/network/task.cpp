#include "pnn/network/task.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::network {

std::string Metric::text(double value) const {
  return format_short(factor() * value, 4) + (percent ? " %" : "");
}

const TaskTraits& traits_of(Task task) {
  static constexpr const char* squares = "mean squared error";
  static constexpr TaskTraits classify{
      Against::classes, "cross-entropy", {"accuracy", "accuracy", "accuracy", true, true}, true};
  static constexpr TaskTraits regress{
      Against::targets, squares, {"r_squared", "R²", "R²", false, true}, true};
  static constexpr TaskTraits reconstruct{
      Against::inputs, squares, {"error", squares, "error", false, false}, false};
  static constexpr TaskTraits generate{
      Against::inputs, "energy distance", {"error", "energy distance", "error", false, false}, false};
  switch (task) {
    case Task::classify:
      return classify;
    case Task::regress:
      return regress;
    case Task::reconstruct:
      return reconstruct;
    case Task::generate:
      return generate;
  }
  throw InternalError("every task has traits");
}

double score_of(Task task, const Tally& tally) {
  const TaskTraits& traits = traits_of(task);
  if (!traits.scored) return tally.loss;
  return traits.against == Against::classes ? tally.right : 1 - tally.loss / tally.variance;
}

}  // namespace pnn::network
