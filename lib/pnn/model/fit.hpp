// Fits of tuning-curve models to measured curves (Levenberg-Marquardt), with uncertainties.
#pragma once

#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"

namespace pnn::model {

struct FitSettings {
  std::string kind = "airy";   ///< nominal | lorentzian | airy | airy+crosstalk | spline
  double bad_residual = 0.05;  ///< an element whose rms residual is above this is called bad
  int knots = 24;              ///< spline
  void describe(Options& options);
};

/// Fits every element of every device. What is not identifiable is taken from the process: R always; η
/// unless the curves hold two temperatures or more. Not converging is a result (a remark), not an exception.
Model fit(const Curves& curves, const platform::Process& process, std::vector<platform::LayerPlan> plans,
          const FitSettings& settings, Progress& progress);

}  // namespace pnn::model
