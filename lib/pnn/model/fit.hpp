// Fits of tuning-curve models to measured curves (Levenberg-Marquardt), with uncertainties.
#pragma once

#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"

namespace pnn::model {

struct FitSettings {
  std::string kind = "airy";  ///< nominal; of rings lorentzian | airy | airy+crosstalk | spline; of meshes
                              ///< fringe; of free space registration
  /// An element whose rms residual is above this is called bad: a weight of rings, a share of its mean of a
  /// fringe, of the light of one lit element of a display.
  double bad_residual = 0.05;
  int knots = 24;  ///< spline
  void describe(Options& options);
};

/// Fits every element of every device. What is not identifiable is taken from the process: R always; η
/// unless the curves hold two temperatures or more. Not converging is a result (a remark), not an exception.
/// Chips of another platform than the kind's get their design values; throws UsageError where there are none
/// of the kind's platform.
Model fit(const Curves& curves, const platform::Process& process, std::vector<platform::LayerPlan> plans,
          const FitSettings& settings, Progress& progress);

}  // namespace pnn::model
