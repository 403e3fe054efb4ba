// Are the trainings that share a label trainings of one method?
#pragma once

#include <string>
#include <vector>

#include "pnn/core/provenance.hpp"

namespace pnn::app {

/// A training as a table knows it: its label, and the header of its file.
struct Training {
  std::string label;
  Provenance header;
};

/// Trainings that share a label count as one method, and may differ by seed and by the device of a model file
/// (--index). One sentence for each label under which a training differs from the first of that label by
/// more, with the first setting that does.
std::vector<std::string> mixed_labels(const std::vector<Training>& trainings);

}  // namespace pnn::app
