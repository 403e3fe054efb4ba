// Through which layer each ring of a chip is best measured.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pnn/platform/layer_plan.hpp"

namespace pnn::model {

/// The rings of one chip and the layers that reach them.
struct ChipCoverage {
  std::string key;
  std::vector<std::size_t> layers;  ///< numbers of the plans that run on it
  std::vector<int> measured_by;     ///< a ring each: number of the plan, or −1 where no layer uses the ring
};

/// Every chip of rings of the plans, in order of first use. On a shared chip each ring is measured through
/// the layer with the fewest column tiles that uses it, since every column tile read adds its noise to the
/// output (of equals, the one with fewer weights, then the earlier).
std::vector<ChipCoverage> chip_coverage(const std::vector<platform::LayerPlan>& plans);

/// Columns of ring `ring`'s row that hold rings while it is measured through `plan`: a ragged last column
/// tile has fewer. On a shared chip measurements use tiles as large as the first.
int lit_columns(const platform::BankPlan& plan, Index ring);

}  // namespace pnn::model
