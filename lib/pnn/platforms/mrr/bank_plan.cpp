#include "pnn/platforms/mrr/bank_plan.hpp"

namespace pnn::platforms::mrr {

std::vector<std::string> ring_names(const BankPlan& plan) {
  std::vector<std::string> names;
  for (Index ring = 0; ring < plan.rings(); ++ring) {
    const Index local = ring % plan.rings_per_chip();
    std::string name =
        "row " + std::to_string(local / plan.chip_cols) + " col " + std::to_string(local % plan.chip_cols);
    if (plan.reuse == Reuse::space)
      name = "tile " + std::to_string(ring / plan.rings_per_chip()) + " " + name;
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace pnn::platforms::mrr
