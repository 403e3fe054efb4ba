// From models of many measured dies to the process that made them: design values, spreads, and how these
// divide between and within dies.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pnn/model/model.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/variance_fit.hpp"

namespace pnn::study {

/// The model of a file, and the name of its dies: that of the file, and behind it what tells several dies of
/// one file apart, "NAME#DEVICE", "NAME tile 2".
struct NamedModel {
  std::string name;
  model::Model model;
};

/// Where a die lies on its wafer.
struct DiePosition {
  std::string die;
  std::array<double, 2> wafer_mm{};
};

/// One quantity of a process.
struct QuantityFit {
  DrawnParameter parameter;
  std::string unit;
  VarianceFit fit;
};

/// A process that was estimated.
struct ProcessFit {
  std::vector<std::string> dies;  ///< their names, in order
  std::vector<QuantityFit> quantities;
  std::optional<WithError>
      length;  ///< of all quantities with a smooth part: mean of their logarithms by weight
  /// Values to set, by name, in an order that can be written: what the models' process has other than by
  /// default, and what was found.
  std::vector<std::pair<std::string, double>> values;
  std::vector<std::string> remarks;  ///< a sentence on each value that could not be found or was left out
};

/// Estimates the process. All models are of chips of one platform and of one process, their prior; elements
/// without a curve are left out. Throws InputError if they are not, if nothing can be found from this kind of
/// model, if there are fewer than two dies, or if a position is of no die; UsageError for values that no
/// process can have.
ProcessFit fit_process(std::vector<NamedModel> models, const std::vector<DiePosition>& positions);

}  // namespace pnn::study
