#include "pnn/platform/response.hpp"

#include <numbers>

namespace pnn::platform {

const ResponseOffset& phase_offset() {
  constexpr double turn = 2 * std::numbers::pi;
  static const ResponseOffset offset{
      {"phase", "rad", "phase common to all controls that are phases", -turn, turn, false, false,
       "in rad, at most one turn: 180 degrees are 3.1416"},
      {"phase-spread", "rad", "individual phase, 1 sigma over those controls; one draw a repeat", 0, turn,
       false, false, "in rad, at most one turn"}};
  return offset;
}

}  // namespace pnn::platform
