// The process of diffractive networks (phase masks, a camera): design values and spreads of their parts.
// Units: rad, px, µm; other values have no unit. Every value can be set by name (--set).
#pragma once

#include <string>
#include <vector>

#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::d2nn {

/// A "sigma" is a standard deviation over masks, or for phases over pixels. The defaults are our choice:
/// masks on a liquid-crystal modulator of eight bits, aligned under a microscope.
struct Process {
  double phase_sigma_rad = 0.05;      ///< static error of every pixel's phase
  double rotation_sigma_rad = 0.001;  ///< rotation of each mask about its centre
  double shift_sigma_px = 0.1;        ///< shift of each mask, of x and of y
  double axial_sigma_um = 5;          ///< shift of each mask along the direction of light
  double modulator_bits = 8;          ///< resolution of phase over [0, 2π]; 0 is exact
  double readout_noise = 0.002;       ///< fraction of full scale (platform.cpp)
  double phase_smooth = 0;            ///< share of the variance of the phases (platform/spread.hpp)
  double correlation_length_px = 50;  ///< of that share

  /// All numbers, in a fixed order.
  static const std::vector<QuantityOf<Process>>& quantities();
};

}  // namespace pnn::platforms::d2nn
