// The process of free-space multipliers (display, modulator, camera): what their parts are worth, and how far
// they are off. Units: px, rad, electrons; the rest are numbers. Every default can be set by name.
#pragma once

#include <string>
#include <vector>

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// "sigma" is one standard deviation over devices. Defaults without another source are ours, of an OLED
/// display, a liquid-crystal modulator and an industrial camera.
struct FreespaceProcess {
  double blur_px = 0.5;           ///< w: Gaussian blur on the modulator
  double gamma = 2.2;             ///< of the display; its drive is linearised for this value
  double gamma_sigma = 0.02;      ///< relative error of that value
  double gain_sigma = 0.03;       ///< uneven gain over the plane
  double gain_length = 0.25;      ///< its correlation length, in sides of the plane
  double modulator_bits = 8;      ///< levels of transmission over [0, 1]; 0 is exact
  double contrast = 1000;         ///< C: a dark pixel passes 1/C; 0 is perfect
  double full_well = 1e5;         ///< electrons of a camera pixel at full scale; 0: no shot noise
  double readout_noise = 0.002;   ///< of full scale, a camera pixel
  double conserve = 0;            ///< 1: magnified light thins out by k²; 0: irradiance stays, as published
  double rotation_sigma_rad = 0;  ///< misalignment of each device
  double shift_sigma_px = 0;      ///< of x and of y
  double magnification_sigma = 0;
};

/// One named number of FreespaceProcess.
using FreespaceQuantity = QuantityOf<FreespaceProcess>;
/// Every number of FreespaceProcess, in a fixed order.
const std::vector<FreespaceQuantity>& freespace_quantities();

/// Numbers outside their ranges, all of them; empty when fine.
std::vector<std::string> check_process(const FreespaceProcess& process);

/// Every spread times `factor`.
FreespaceProcess scale_spreads(FreespaceProcess process, double factor);

}  // namespace pnn::platform
