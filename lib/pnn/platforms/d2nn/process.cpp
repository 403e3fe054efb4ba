#include "pnn/platforms/d2nn/process.hpp"

namespace pnn::platforms::d2nn {
namespace {

std::vector<QuantityOf<Process>> make_quantities() {
  using P = Process;
  std::vector<QuantityOf<Process>> all = {
      {{"d2nn.phase.sigma", "rad", "Spread of the static errors of the masks' phases, one a pixel.", 0, 10,
        false, true},
       &P::phase_sigma_rad},
      {{"d2nn.rotation.sigma", "rad", "Spread of each mask's rotation about its centre; also as 1deg.", 0, 1,
        false, true},
       &P::rotation_sigma_rad},
      {{"d2nn.shift.sigma", "px", "Spread of each mask's shift, of x and of y.", 0, 100, false, true},
       &P::shift_sigma_px},
      {{"d2nn.axial.sigma", "um", "Spread of each mask's place along the light.", 0, 1e5, false, true},
       &P::axial_sigma_um},
      {{"d2nn.modulator.bits", "bit", "Resolution of the masks' phases over [0, 2 pi]; 0 is exact.", 0, 32,
        true},
       &P::modulator_bits},
      {{"d2nn.readout.noise", "1",
        "Read noise of a camera pixel, one sigma, of full scale, which is all light of the sample spread "
        "over one "
        "detector; a detector of n pixels has 1/sqrt(n) of it.",
        0, 10},
       &P::readout_noise},
      {{"d2nn.phase.smooth", "1",
        "Share of the variance of the phases' errors that varies smoothly over each mask; the rest is each "
        "pixel's own.",
        0, 1},
       &P::phase_smooth},
      {{"d2nn.correlation.length", "px",
        "Distance l of that share: two pixels at distance d correlate by exp(-(d/l)^2); assumed.", 0.01, 1e5},
       &P::correlation_length_px},
  };
  constexpr int shares_minor = 4;
  for (std::size_t k = all.size() - 2; k < all.size(); ++k) all[k].since_minor = shares_minor;
  return all;
}

}  // namespace

const std::vector<QuantityOf<Process>>& Process::quantities() {
  static const std::vector<QuantityOf<Process>> all = make_quantities();
  return all;
}

}  // namespace pnn::platforms::d2nn
