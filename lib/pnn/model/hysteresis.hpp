// Compares curves taken on the way up with those taken on the way down.
#pragma once

#include <cstddef>

#include "pnn/model/curves.hpp"

namespace pnn::model {

/// The difference between the directions, and the one that noise explains.
struct Hysteresis {
  double rms = 0;          ///< root mean square of the response on the way up minus that on the way down
  double noise = 0;        ///< the rms expected from the standard errors alone; 0 if these are unknown
  std::size_t points = 0;  ///< number of controls measured in both directions; 0: nothing to compare
};

/// Over all devices, elements and temperatures, at the controls that were measured in both directions. The
/// temperature also moves between them: on the flanks of a curve the jitter of a controller shows beyond
/// `noise`.
Hysteresis hysteresis(const ChipCurves& curves);

}  // namespace pnn::model
