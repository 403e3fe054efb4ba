#include "pnn/model/hysteresis.hpp"

#include <cmath>
#include <map>

#include "pnn/core/errors.hpp"

namespace pnn::model {

Hysteresis hysteresis(const ChipCurves& curves) {
  Hysteresis h;
  const std::size_t points = curves.direction.size();
  if (points == 0) return h;
  require(points == curves.response.dim(3), "hysteresis: one direction a point");
  double squares = 0, variance = 0;
  for (std::size_t begin = 0; begin < curves.response.size(); begin += points) {
    std::map<double, std::size_t> going_up;
    for (std::size_t k = 0; k < points; ++k) {
      if (curves.direction[k] > 0 && std::isfinite(curves.response.data[begin + k]))
        going_up.emplace(curves.control.data[begin + k], begin + k);
    }
    for (std::size_t k = 0; k < points; ++k) {
      const std::size_t down = begin + k;
      if (curves.direction[k] > 0 || !std::isfinite(curves.response.data[down])) continue;
      const auto up = going_up.find(curves.control.data[down]);
      if (up == going_up.end()) continue;
      squares += std::pow(curves.response.data[up->second] - curves.response.data[down], 2);
      if (!curves.sigma.data.empty())
        variance += std::pow(curves.sigma.data[up->second], 2) + std::pow(curves.sigma.data[down], 2);
      ++h.points;
    }
  }
  if (h.points == 0) return h;
  h.rms = std::sqrt(squares / double(h.points));
  h.noise = std::sqrt(variance / double(h.points));
  return h;
}

}  // namespace pnn::model
