// The process of diffractive networks (phase masks, a camera): what their parts are worth, and how far they
// are off. Units: rad, px, µm; the rest are numbers. Every default can be set by name.
#pragma once

#include <string>
#include <vector>

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// "sigma" is one standard deviation over masks, or over pixels for phases. Defaults are ours: masks on a
/// liquid-crystal modulator of eight bits, aligned under a microscope.
struct D2nnProcess {
  double phase_sigma_rad = 0.05;      ///< static error of every pixel's phase
  double rotation_sigma_rad = 0.001;  ///< of each mask about its centre
  double shift_sigma_px = 0.1;        ///< of each mask, of x and of y
  double axial_sigma_um = 5;          ///< of each mask, along the light
  double modulator_bits = 8;          ///< resolution of phase over [0, 2π]; 0 is exact
  double readout_noise = 0.002;       ///< of full scale (hardware.hpp)
};

/// One named number of D2nnProcess.
using D2nnQuantity = QuantityOf<D2nnProcess>;
/// Every number of D2nnProcess, in a fixed order.
const std::vector<D2nnQuantity>& d2nn_quantities();

/// Numbers outside their ranges, all of them; empty when fine.
std::vector<std::string> check_process(const D2nnProcess& process);

/// Every spread times `factor`.
D2nnProcess scale_spreads(D2nnProcess process, double factor);

}  // namespace pnn::platform
