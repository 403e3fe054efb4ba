#include "pnn/platforms/mzi/process.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/phasor.hpp"

namespace pnn::platforms::mzi {

namespace {

using std::numbers::pi;

std::vector<QuantityOf<Process>> make_quantities() {
  using P = Process;
  constexpr int next_minor = 4;
  return {
      {{"mzi.bs", "rad",
        "Spread of the splitters' angle errors beta, B(pi/4 + beta); 0.05 in a good foundry, and "
        "mzi.split=0.15 of "
        "the MPNN literature is about 0.075.",
        0, 1, false, true},
       &P::split_sigma_rad},
      {{"mzi.ps", "rad",
        "Spread of the phase shifters' static errors; 0.05 in a good foundry, sweeps go to 0.2.", 0, 10,
        false, true},
       &P::phase_sigma_rad},
      {{"mzi.crosstalk", "1", "Thermal crosstalk of a phase to that of the next MZI of its column.", 0, 1},
       &P::crosstalk},
      {{"mzi.crosstalk.length", "MZI", "Distance within a column over which thermal crosstalk falls by e.",
        0.01, 1000},
       &P::crosstalk_length},
      {{"mzi.loss", "dB", "Power lost in an MZI, on both its modes; a mode that passes none loses nothing.",
        0, 10},
       &P::loss_db},
      {{"mzi.dac.bits", "bit", "Resolution of the phase source over [0, 2 pi); 0 is exact.", 0, 32, true},
       &P::dac_bits},
      {{"mzi.readout.noise", "1",
        "Read-out noise, one sigma, of the full scale of the device's detectors: the largest output of a "
        "calibration in which all light of a sample goes to one output, per unit of the sample's power.",
        0, 10},
       &P::readout_noise},
      {{"mzi.kappa", "rad/K",
        "Common drift of every phase with temperature; ours: some 13 um of unbalanced silicon wire.", -10,
        10},
       &P::kappa_rad_per_k},
      {{"mzi.p.pi", "mW",
        "Heater power for a phase of pi; 25 mW as in Harris et al., Opt. Express 22, 10487 (2014).", 1e-3,
        1e4},
       &P::p_pi_mw},
      {{"mzi.resistance", "ohm", "Resistance of a heater.", 1e-3, 1e6}, &P::resistance_ohm},
      {{"mzi.theta0", "rad", "Phase of a shifter without current.", -100, 100}, &P::theta0_rad},
      {{"mzi.temperature", "degC", "Reference temperature, at which there is no drift.", -273, 1000},
       &P::reference_temperature_c},
      {{"mzi.jitter", "K", "Temperature jitter with a thermo-electric controller, one sigma.", 0, 100},
       &P::jitter_k},
      {{"mzi.walk.time", "s",
        "Correlation time of the Ornstein-Uhlenbeck walk of the temperature without a controller.", 1e-3,
        1e9},
       &P::walk_time_s},
      {{"mzi.walk.sigma", "K", "Standard deviation of that walk.", 0, 100}, &P::walk_sigma_k},
      {{"mzi.slot",
        "us",
        "Time that a sample takes on a mesh; assumed, and read by nothing but the energy of the heaters.",
        1e-6,
        1e12,
        false,
        false,
        {},
        0,
        {},
        false,
        2},
       &P::slot_us},
      {{"mzi.bs.die",
        "1",
        "Share of the variance of the splitters' angle errors that is common to a die.",
        0,
        1,
        false,
        false,
        {},
        0,
        {},
        false,
        next_minor},
       &P::split_die},
      {{"mzi.bs.smooth",
        "1",
        "Share of that variance that varies smoothly over a die; the rest is each splitter's own.",
        0,
        1,
        false,
        false,
        {},
        0,
        {},
        false,
        next_minor},
       &P::split_smooth},
      {{"mzi.ps.die",
        "1",
        "Share of the variance of the static phases that is common to a die.",
        0,
        1,
        false,
        false,
        {},
        0,
        {},
        false,
        next_minor},
       &P::phase_die},
      {{"mzi.ps.smooth",
        "1",
        "Share of that variance that varies smoothly over a die; the rest is each shifter's own.",
        0,
        1,
        false,
        false,
        {},
        0,
        {},
        false,
        next_minor},
       &P::phase_smooth},
      {{"mzi.correlation.length",
        "MZI",
        "Distance l of the smooth shares: parts at distance d correlate by exp(-(d/l)^2), a column and two "
        "modes being one MZI.",
        0.01,
        1e5,
        false,
        false,
        {},
        0,
        {},
        false,
        next_minor},
       &P::correlation_length},
  };
}

}  // namespace

const std::vector<QuantityOf<Process>>& Process::quantities() {
  static const std::vector<QuantityOf<Process>> all = make_quantities();
  return all;
}

double split_angle(double e) {
  return std::asin(std::clamp(e, -1.0, 1.0)) / 2;
}

double shifter_phase(const Process& process, double current_ma) {
  return process.theta0_rad + pi / process.p_pi_mw * 1e-3 * process.resistance_ohm * current_ma * current_ma;
}

double shifter_current_ma(const Process& process, double phase_rad) {
  return heating_current_ma(process, wrap_phase(phase_rad - process.theta0_rad));
}

double heating_current_ma(const Process& process, double heated_rad) {
  return std::sqrt(heated_rad / pi * process.p_pi_mw / (1e-3 * process.resistance_ohm));
}

}  // namespace pnn::platforms::mzi
