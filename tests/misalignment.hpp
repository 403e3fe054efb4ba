// Misalignments written in a line.
#pragma once

#include "pnn/platform/system.hpp"

namespace pnn::test {

/// rad, 1 (scale minus 1), px, px.
inline platform::System misalignment(double rotation_rad, double magnification, double x, double y) {
  platform::System system;
  system.rotation_rad = rotation_rad;
  system.magnification = magnification;
  system.shift_x_px = x;
  system.shift_y_px = y;
  return system;
}

}  // namespace pnn::test
