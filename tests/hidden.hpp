// What a chip of rings hides, by name: for tests only.
#pragma once

#include <stdexcept>
#include <string>

#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::test {

/// Index of a field ("delta", "eta", …) of a chip of rings.
inline std::size_t field_of_rings(const std::string& name) {
  const auto& fields = platforms::mrr::hardware().truth_fields();
  for (std::size_t k = 0; k < fields.size(); ++k) {
    if (fields[k].name == name) return k;
  }
  throw std::invalid_argument(name);
}
/// [device, ring]
inline const Array<double>& hidden(const device::ChipTruth& chip, const std::string& name) {
  return chip.fields.at(field_of_rings(name));
}

}  // namespace pnn::test
