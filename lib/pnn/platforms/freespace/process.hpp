// The process of free-space multipliers (display, modulator, camera): design values and spreads of their
// parts. Units: px, rad, electrons; other values have no unit. Every value can be set by name (--set).
#pragma once

#include <string>
#include <vector>

#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::freespace {

/// A "sigma" is a standard deviation over devices. Defaults without another source are our choice, for an
/// OLED display, a liquid-crystal modulator and an industrial camera.
struct Process {
  double blur_px = 0.5;           ///< w: standard deviation of the Gaussian blur on the modulator
  double gamma = 2.2;             ///< gamma of the display, for which its drive is linearised
  double gamma_sigma = 0.02;      ///< relative spread of the true gamma
  double gain_sigma = 0.03;       ///< spread of the gain over the plane
  double gain_length = 0.25;      ///< its correlation length, in sides of the plane
  double modulator_bits = 8;      ///< resolution of transmissions over [0, 1]; 0 is exact
  double contrast = 1000;         ///< C: a dark pixel passes 1/C; 0 is perfect
  double full_well = 1e5;         ///< electrons of a camera pixel at full scale; 0: no shot noise
  double readout_noise = 0.002;   ///< fraction of full scale, of one camera pixel
  double conserve = 0;            ///< 1: irradiance is divided by k²; 0: irradiance stays, as published
  double rotation_sigma_rad = 0;  ///< spread of the misalignment over devices
  double shift_sigma_px = 0;      ///< the same, of x and of y
  double magnification_sigma = 0;

  /// All numbers, in a fixed order.
  static const std::vector<QuantityOf<Process>>& quantities();
};

}  // namespace pnn::platforms::freespace
