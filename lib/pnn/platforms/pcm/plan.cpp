#include "pnn/platforms/pcm/plan.hpp"

namespace pnn::platforms::pcm {

Index Plan::cell_at(Index group, Index stack, Index row, Index col) const {
  const Index input = stack * array_rows + row, first = group * outputs_of_array();
  if (differential()) return cell(col % 2, first + col / 2, input);
  return col + 1 < cols_of(group) ? cell(0, first + col, input) : reference_cell(group, input);
}

std::vector<std::string> cell_names(const Plan& plan) {
  std::vector<std::string> names;
  names.reserve(std::size_t(plan.control_count()));
  for (Index polarity = 0; polarity < plan.polarities(); ++polarity) {
    for (Index i = 0; i < plan.out; ++i) {
      for (Index j = 0; j < plan.in; ++j) {
        std::string name = "output " + std::to_string(i) + " input " + std::to_string(j);
        if (plan.differential()) name += polarity == 0 ? " plus" : " minus";
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

}  // namespace pnn::platforms::pcm
