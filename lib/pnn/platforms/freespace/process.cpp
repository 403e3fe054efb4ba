#include "pnn/platforms/freespace/process.hpp"

namespace pnn::platforms::freespace {
namespace {

std::vector<QuantityOf<Process>> make_quantities() {
  using P = Process;
  return {
      {{"freespace.blur", "px", "Standard deviation of the Gaussian blur on the modulator.", 0, 20},
       &P::blur_px},
      {{"freespace.gamma", "1", "Gamma of the display, for which its drive is linearised; 2.2 as sRGB.", 0.1,
        10},
       &P::gamma},
      {{"freespace.gamma.sigma", "1", "Relative spread of the display's true gamma about it.", 0, 1, false,
        true},
       &P::gamma_sigma},
      {{"freespace.gain.sigma", "1", "Spread of the gain over the plane: a smooth Gaussian field.", 0, 1,
        false, true},
       &P::gain_sigma},
      {{"freespace.gain.length", "1", "Correlation length of that field, in sides of the plane.", 0.1, 100},
       &P::gain_length},
      {{"freespace.modulator.bits", "bit", "Levels of the modulator's transmission over [0, 1]; 0 is exact.",
        0, 32, true},
       &P::modulator_bits},
      {{"freespace.contrast", "1", "Contrast of the modulator: a dark pixel passes 1/contrast; 0 is perfect.",
        0, 1e9},
       &P::contrast},
      {{"freespace.full.well", "electron",
        "Electrons of a camera pixel at full scale, that of the largest input of its sample; 0 is without "
        "shot "
        "noise.",
        0, 1e12},
       &P::full_well},
      {{"freespace.readout.noise", "1",
        "Read noise of a camera pixel, one sigma, of full scale, that of the largest input of its sample.", 0,
        10},
       &P::readout_noise},
      {{"freespace.conserve", "1",
        "1: light that is magnified by k thins out by k squared; 0: irradiance stays, as in the SAT paper.",
        0, 1, true},
       &P::conserve},
      {{"freespace.rotation.sigma", "rad", "Spread of the devices' rotation; also as 1deg.", 0, 1, false,
        true},
       &P::rotation_sigma_rad},
      {{"freespace.shift.sigma", "px", "Spread of the devices' shift, of x and of y.", 0, 100, false, true},
       &P::shift_sigma_px},
      {{"freespace.scale.sigma", "1", "Spread of the devices' magnification.", 0, 0.3, false, true},
       &P::magnification_sigma},
  };
}

}  // namespace

const std::vector<QuantityOf<Process>>& Process::quantities() {
  static const std::vector<QuantityOf<Process>> all = make_quantities();
  return all;
}

}  // namespace pnn::platforms::freespace
