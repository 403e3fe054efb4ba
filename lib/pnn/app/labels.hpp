// Checks that trainings with the same label are trainings of one method.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/provenance.hpp"

namespace pnn::app {

/// A training: its label, and the header of its file.
struct Training {
  std::string label;
  Provenance header;
};

/// Trainings with the same label count as one method, and may differ in the seed and the device of a model
/// file (--index) only. Returns one sentence for each label with a training that differs from the first one
/// of the label in more, naming the first setting that does.
std::vector<std::string> mixed_labels(const std::vector<Training>& trainings);

}  // namespace pnn::app
