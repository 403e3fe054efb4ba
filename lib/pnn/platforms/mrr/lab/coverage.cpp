#include "pnn/platforms/mrr/lab/coverage.hpp"
#include "pnn/platforms/mrr/platform.hpp"

#include <algorithm>

namespace pnn::platforms::mrr::lab {
namespace {

bool uses(const BankPlan& plan, Index ring) {
  const Index local = ring % plan.rings_per_chip();
  Index row = local / plan.chip_cols, col = local % plan.chip_cols;
  if (plan.reuse == Reuse::space) {
    const Index tile = ring / plan.rings_per_chip();
    row += tile / plan.tile_cols() * plan.chip_rows;
    col += tile % plan.tile_cols() * plan.chip_cols;
  }
  return row < plan.out && col < plan.in;
}

}  // namespace

std::vector<ChipCoverage> chip_coverage(const std::vector<platform::AnyPlan>& plans) {
  std::vector<ChipCoverage> chips;
  const auto cost = [&](std::size_t k) {
    return std::pair(bank_of(plans[k])->tile_cols(), bank_of(plans[k])->weights());
  };
  for (std::size_t p = 0; p < plans.size(); ++p) {
    if (bank_of(plans[p]) == nullptr) continue;
    const BankPlan& plan = *bank_of(plans[p]);
    const auto same = [&](const ChipCoverage& chip) { return chip.key == plan.chip_key(); };
    auto chip = std::find_if(chips.begin(), chips.end(), same);
    if (chip == chips.end()) {
      chips.push_back({plan.chip_key(), {}, std::vector<int>(std::size_t(plan.rings()), -1)});
      chip = chips.end() - 1;
    }
    chip->layers.push_back(p);
    for (Index ring = 0; ring < plan.rings(); ++ring) {
      int& by = chip->measured_by[std::size_t(ring)];
      if (!uses(plan, ring)) continue;
      if (by < 0 || cost(p) < cost(std::size_t(by))) by = int(p);
    }
  }
  return chips;
}

int lit_columns(const BankPlan& plan, Index ring) {
  const Index tile_col = plan.reuse == Reuse::space ? ring / plan.rings_per_chip() % plan.tile_cols() : 0;
  return int(std::min<Index>(plan.chip_cols, plan.in - tile_col * plan.chip_cols));
}

}  // namespace pnn::platforms::mrr::lab
