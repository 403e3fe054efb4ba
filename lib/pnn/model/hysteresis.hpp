// Do curves taken going up and going down agree?
#pragma once

#include <cstddef>

#include "pnn/model/curves.hpp"

namespace pnn::model {

struct Hysteresis {
  double rms = 0;          ///< root mean square of the response going up minus that going down
  double noise = 0;        ///< what it would be by the standard errors alone; 0 where these are not known
  std::size_t points = 0;  ///< controls that were visited both ways; 0: nothing to compare
};

/// Over all devices, elements and temperatures, at the controls that both directions visited. Between the two
/// also the temperature moves: a controller's jitter shows on the flanks beyond `noise`.
Hysteresis hysteresis(const ChipCurves& curves);

}  // namespace pnn::model
