// Fits a model to measured curves, chip by chip; the laboratory of each chip's platform does the work.
#pragma once

#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/study/placement.hpp"

namespace pnn::study {

/// Settings of a fit.
struct FitSettings {
  std::string kind = "airy";  ///< "nominal", or one of the kinds of the laboratories (study/lab.hpp)
  /// An element with a larger rms residual is reported as bad: a share of its curve's own range, so that the
  /// unit of the response does not matter.
  double bad_residual = 0.05;
  int knots = 24;               ///< number of knots of kinds that are splines
  double circumference_um = 0;  ///< of every resonator whose spectra are fitted; 0: not known
  bool all_pass = false;        ///< whether these have one coupler and no drop port
  PlacementSettings placement;
  void describe(Options& options);
};

/// Fits every element of every device. Parameters that the curves do not determine are taken from the
/// process. A fit that does not converge is a result (with a remark) and no exception. Elements without a
/// curve that the network needs are an error (InputError) unless `placement.missing` says what they take, and
/// are remarked on. Chips of other platforms than that of the kind get design values; throws UsageError if
/// there is no chip on the kind's platform.
model::Model fit(const model::Curves& curves, const platform::Process& process,
                 std::vector<platform::AnyPlan> plans, const FitSettings& settings, Progress& progress);

}  // namespace pnn::study
