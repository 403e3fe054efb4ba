// Chooses, for each ring of a chip, the layer through which it is measured.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/platform.hpp"

namespace pnn::platforms::mrr::lab {

/// The rings of one chip and the layers that use them.
struct ChipCoverage {
  std::string key;
  std::vector<std::size_t> layers;  ///< indices of the plans that run on the chip
  std::vector<int> measured_by;     ///< for each ring the index of the plan, or −1 if no layer uses it
};

/// All chips of rings of the plans, in order of first use. On a shared chip each ring is measured through the
/// layer with the fewest column tiles among those that use it, since every column tile that is read adds its
/// noise to the output (of equals, through the one with fewer weights, then the earlier one).
std::vector<ChipCoverage> chip_coverage(const std::vector<platform::AnyPlan>& plans);

/// Number of columns in the row of `ring` that carry light while it is measured through `plan`: an incomplete
/// last column tile has fewer. On a shared chip, measurements use tiles as large as the first.
int lit_columns(const BankPlan& plan, Index ring);

}  // namespace pnn::platforms::mrr::lab
