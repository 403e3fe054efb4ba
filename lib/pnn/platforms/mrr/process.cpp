#include "pnn/platforms/mrr/process.hpp"

#include <cmath>

#include "pnn/core/text.hpp"

namespace pnn::platforms::mrr {

namespace {

/// Every resonance within the range of a current is looked for where weights are programmed.
constexpr double most_turns = 100;

std::vector<QuantityOf<Process>> make_quantities() {
  using P = Process;
  std::vector<QuantityOf<Process>> all;
  const auto value = [&](const char* name, const char* unit, double P::*member, double min, double max,
                         const char* description) {
    all.push_back({{name, unit, description, min, max, false, false}, member});
  };
  const auto count = [&](const char* name, const char* unit, double P::*member, double min, double max,
                         const char* description) {
    all.push_back({{name, unit, description, min, max, true, false}, member});
  };
  const auto spread = [&](const char* name, const char* unit, double P::*member, double max,
                          const char* description) {
    all.push_back({{name, unit, description, 0, max, false, true}, member});
  };
  value("mrr.fsr", "nm", &P::fsr_nm, 0.1, 1000,
        "Free spectral range of a ring; 10 nm is a radius of about 9 µm.");
  value("mrr.r", "1", &P::r, 0.5, 0.9999,
        "Field self-coupling of both couplers; 0.955 gives FWHM 0.30 nm, as in the SAT paper's released "
        "model.");
  spread("mrr.r.sigma", "1", &P::r_sigma, 0.1,
         "Spread of the self-coupling, one draw a ring, clipped to [0.90, 0.995]; 0.008 over four measured "
         "rings.");
  value("mrr.a", "1", &P::a, 0.5, 1, "Single-pass field amplitude of a ring.");
  value("mrr.delta", "nm", &P::delta_nm, -1000, 1000,
        "Cold offset: the channel's wavelength minus the cold resonance; 0.575 nm puts the resonance at "
        "about 4.2 mA, as measured.");
  spread("mrr.delta.sigma", "nm", &P::delta_sigma_nm, 100,
         "Spread of the cold offset; 0.02 nm after trimming each ring to its channel, 0.10 nm untrimmed.");
  value("mrr.eta", "nm/mW", &P::eta_nm_per_mw, 1e-6, 1000,
        "Tuning efficiency of a heater; HWHM of about 2.4 mW in the measured curves.");
  spread("mrr.eta.sigma", "1", &P::eta_sigma, 10, "Spread of the tuning efficiency, relative.");
  value("mrr.resistance", "ohm", &P::resistance_ohm, 1e-3, 1e6, "Cold resistance of a heater.");
  spread("mrr.resistance.sigma", "1", &P::resistance_sigma, 10, "Spread of the resistance, relative.");
  value("mrr.beta", "1/mA^2", &P::beta_per_ma2, -1, 10,
        "Change of the resistance by its own heat, R (1 + beta I^2); negative in doped silicon.");
  spread("mrr.beta.sigma", "1", &P::beta_sigma, 100, "Spread of beta, relative.");
  value("mrr.crosstalk", "1", &P::crosstalk, 0, 1,
        "Thermal crosstalk to a ring at one pitch; 0.005 makes a row sum of 0.05 over a 16x8 chip.");
  value("mrr.crosstalk.length", "pitch", &P::crosstalk_length, 0.01, 1000,
        "Distance over which thermal crosstalk falls by e.");
  value("mrr.crosstalk.cutoff", "1", &P::crosstalk_cutoff, 0, 1,
        "Entries of the thermal crosstalk matrix below this are dropped.");
  value("mrr.package", "K/mW", &P::package_k_per_mw, 0, 10,
        "Common heating of all rings of a chip by its total heater power.");
  value("mrr.kappa", "nm/K", &P::kappa_nm_per_k, 0, 10,
        "Drift of a resonance with ambient temperature; 0.080 nm/K in the SAT paper's released code.");
  value("mrr.temperature", "degC", &P::reference_temperature_c, -273, 1000,
        "Reference temperature, to which the cold offsets belong; the SAT paper's figure 2 (21 to 23 degC).");
  value("mrr.current.min", "mA", &P::current_min_ma, 0, 1000, "Smallest heater current.");
  value("mrr.current.max", "mA", &P::current_max_ma, 1e-6, 1000,
        "Largest heater current; measured sweeps end at 5.3 mA, and more would reach the next channel.");
  value("mrr.channel.spacing", "nm", &P::channel_spacing_nm, 1e-3, 1000,
        "Wavelength spacing of the channels of a bus.");
  count("mrr.reach", "columns", &P::reach, 0, 1000,
        "Optical crosstalk: columns to either side whose rings act on a channel; 0 is none.");
  count("mrr.chip.rows", "rings", &P::chip_rows, 1, most_chip_side, "Rows of a chip.");
  all.back().of_layout = true;
  count("mrr.chip.cols", "rings", &P::chip_cols, 1, most_chip_side,
        "Columns of a chip; at most floor(FSR / channel spacing).");
  all.back().of_layout = true;
  count("mrr.dac.bits", "bit", &P::dac_bits, 0, 32,
        "Resolution of the current source over its range; 0 is exact.");
  value("mrr.readout.noise", "1", &P::readout_noise, 0, 10,
        "Read-out noise, one sigma a tile read, of the full scale of its detectors: chip columns times the "
        "largest input of the sample; a sample with inputs of both signs is read twice.");
  value("mrr.jitter", "K", &P::jitter_k, 0, 100,
        "Temperature jitter with a thermo-electric controller, one sigma.");
  value("mrr.walk.time", "s", &P::walk_time_s, 1e-3, 1e9,
        "Correlation time of the Ornstein-Uhlenbeck walk of the temperature without a controller.");
  value("mrr.walk.sigma", "K", &P::walk_sigma_k, 0, 100, "Standard deviation of that walk.");
  value("mrr.slot", "us", &P::slot_us, 1e-6, 1e12,
        "Time for which a tile of weights is held for a sample, heaters settling and its signals passing; "
        "assumed, and read by nothing but the energy of the heaters.");
  all.back().since_minor = 2;
  count("mrr.polarity", "1", &P::polarity_choice, 0, 1,
        "sign of a weight: drop-thru is T_drop - T_thru, thru-drop its negative");
  all.back().choices = {"drop-thru", "thru-drop"};
  value("mrr.dead", "1", &P::dead, 0, 1,
        "Share of heaters that are open: no current flows in them, whatever is commanded; assumed.");
  all.back().since_minor = 3;
  const auto shares = [&](const char* die, double P::*common, const char* smooth, double P::*over_distance,
                          const char* of_die, const char* of_smooth) {
    value(die, "1", common, 0, 1, of_die);
    all.back().since_minor = 4;
    value(smooth, "1", over_distance, 0, 1, of_smooth);
    all.back().since_minor = 4;
  };
  shares("mrr.delta.die", &P::delta_die, "mrr.delta.smooth", &P::delta_smooth,
         "Share of the variance of the cold offset that all rings of a die have in common, which a trim of "
         "the set point removes.",
         "Share of that variance that varies smoothly over a die; the rest is each ring's own.");
  shares("mrr.eta.die", &P::eta_die, "mrr.eta.smooth", &P::eta_smooth,
         "Share of the variance of the tuning efficiency that is common to a die.",
         "Share of that variance that varies smoothly over a die.");
  shares("mrr.resistance.die", &P::resistance_die, "mrr.resistance.smooth", &P::resistance_smooth,
         "Share of the variance of the resistance that is common to a die.",
         "Share of that variance that varies smoothly over a die.");
  shares("mrr.beta.die", &P::beta_die, "mrr.beta.smooth", &P::beta_smooth,
         "Share of the variance of beta that is common to a die.",
         "Share of that variance that varies smoothly over a die.");
  shares("mrr.r.die", &P::r_die, "mrr.r.smooth", &P::r_smooth,
         "Share of the variance of the self-coupling that is common to a die.",
         "Share of that variance that varies smoothly over a die.");
  value("mrr.correlation.length", "pitch", &P::correlation_length, 0.01, 1e5,
        "Distance l of the smooth shares: two rings at distance d correlate by exp(-(d/l)^2). Of silicon it "
        "is millimetres, so tens of pitches.");
  all.back().since_minor = 4;
  return all;
}

}  // namespace

const std::vector<QuantityOf<Process>>& Process::quantities() {
  static const std::vector<QuantityOf<Process>> all = make_quantities();
  return all;
}

std::vector<std::string> conflicts_of(const Process& process) {
  std::vector<std::string> wrong;
  if (process.current_min_ma >= process.current_max_ma) {
    wrong.push_back("mrr.current.min (" + format_number(process.current_min_ma) +
                    " mA) is not below mrr.current.max (" + format_number(process.current_max_ma) + " mA)");
  }
  const double channels = channels_of_bus(process.fsr_nm, process.channel_spacing_nm);
  if (process.chip_cols > channels) {
    wrong.push_back(
        "mrr.chip.cols is " + format_number(process.chip_cols) + ", but a bus carries at most " +
        format_number(channels) +
        " channels (floor(mrr.fsr / mrr.channel.spacing)); take fewer columns or a closer spacing");
  }
  const double turns = process.eta_nm_per_mw / process.fsr_nm *
                       heater_power_mw(process.current_max_ma, process.resistance_ohm, process.beta_per_ma2);
  if (turns > most_turns) {
    wrong.push_back("at mrr.current.max a heater would tune its ring over " + format_short(turns, 3) +
                    " free spectral ranges, where " + format_number(most_turns) +
                    " is the most; lower mrr.current.max, mrr.eta or mrr.resistance");
  }
  for (const auto& [name, shares] : shares_of(process)) {
    if (std::string complaint = complaint_about_shares(name, shares); !complaint.empty())
      wrong.push_back(std::move(complaint));
  }
  const double square = process.current_max_ma * process.current_max_ma;
  if (1 + 2 * process.beta_per_ma2 * square <= 0) {
    wrong.push_back(
        "mrr.beta is " + format_number(process.beta_per_ma2) +
        " 1/mA^2: heater power would fall with current below mrr.current.max; expected more than " +
        format_short(-0.5 / square));
  }
  return wrong;
}

std::array<std::pair<const char*, SpreadShares>, 5> shares_of(const Process& p) {
  return {{{"mrr.delta", {p.delta_die, p.delta_smooth}},
           {"mrr.eta", {p.eta_die, p.eta_smooth}},
           {"mrr.resistance", {p.resistance_die, p.resistance_smooth}},
           {"mrr.beta", {p.beta_die, p.beta_smooth}},
           {"mrr.r", {p.r_die, p.r_smooth}}}};
}

double channels_of_bus(double fsr_nm, double channel_spacing_nm) {
  return std::floor(fsr_nm / channel_spacing_nm * (1 + 1e-12));  // 9.6 / 1.2 is 7.999… in binary
}

double heater_power_mw(double current_ma, double resistance_ohm, double beta_per_ma2) {
  const double square = current_ma * current_ma;
  return 1e-3 * resistance_ohm * (1 + beta_per_ma2 * square) * square;
}

}  // namespace pnn::platforms::mrr
