#include "pnn/platform/chip_model.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"

namespace pnn::platform {
namespace {

/// Index of a parameter of a chip; the number of its parameters if it has none of this name.
std::size_t place_of(const ChipModel& chip, const std::string& name) {
  return std::size_t(std::find(chip.parameters.begin(), chip.parameters.end(), name) -
                     chip.parameters.begin());
}

}  // namespace

std::vector<double> parameter_of(const ChipModel& chip, std::size_t index, const std::string& name,
                                 Index count, double missing) {
  std::vector<double> out(std::size_t(count), missing);
  const std::size_t parameter = place_of(chip, name), parameters = chip.parameters.size(),
                    elements = chip.values.dim(1);
  if (parameter == parameters) return out;
  require(elements > 0, "a model has an element on each chip");
  const std::span<const double> values = chip.values.slice(index);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = values[(k % elements) * parameters + parameter];
  return out;
}

std::vector<double> variance_of(const ChipModel& chip, std::size_t index, const std::string& name,
                                Index count) {
  std::vector<double> out(std::size_t(count), 0.0);
  const std::size_t parameter = place_of(chip, name), parameters = chip.parameters.size(),
                    elements = chip.values.dim(1);
  if (parameter == parameters) return out;
  const std::span<const double> values = chip.covariance.slice(index);
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = values[((k % elements) * parameters + parameter) * parameters + parameter];
  return out;
}

}  // namespace pnn::platform
