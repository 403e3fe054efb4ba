#include "pnn/platform/mzi_process.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

namespace {

using std::numbers::pi;

const char* const split_name = "mzi.split";

std::vector<MziField> make_fields() {
  using P = MziProcess;
  return {
      {"mzi.bs", "rad",
       "Spread of the splitters' angle errors beta, B(pi/4 + beta); 0.05 in a good foundry, and "
       "mzi.split=0.15 of "
       "the MPNN literature is about 0.075.",
       &P::split_sigma_rad, 0, 1, false, true},
      {"mzi.ps", "rad",
       "Spread of the phase shifters' static errors; 0.05 in a good foundry, sweeps go to 0.2.",
       &P::phase_sigma_rad, 0, 10, false, true},
      {"mzi.crosstalk", "1", "Thermal crosstalk of a phase to that of the next MZI of its column.",
       &P::crosstalk, 0, 1},
      {"mzi.crosstalk.length", "MZI", "Distance within a column over which thermal crosstalk falls by e.",
       &P::crosstalk_length, 0.01, 1000},
      {"mzi.loss", "dB", "Power lost in an MZI, on both its modes; a mode that passes none loses nothing.",
       &P::loss_db, 0, 10},
      {"mzi.dac.bits", "bit", "Resolution of the phase source over [0, 2 pi); 0 is exact.", &P::dac_bits, 0,
       32, true},
      {"mzi.readout.noise", "1", "Read-out noise, one sigma, of the largest output of a calibration batch.",
       &P::readout_noise, 0, 10},
      {"mzi.kappa", "rad/K",
       "Common drift of every phase with temperature; ours: some 13 um of unbalanced silicon wire.",
       &P::kappa_rad_per_k, -10, 10},
      {"mzi.p.pi", "mW",
       "Heater power for a phase of pi; 25 mW as in Harris et al., Opt. Express 22, 10487 (2014).",
       &P::p_pi_mw, 1e-3, 1e4},
      {"mzi.resistance", "ohm", "Resistance of a heater.", &P::resistance_ohm, 1e-3, 1e6},
      {"mzi.theta0", "rad", "Phase of a shifter without current.", &P::theta0_rad, -100, 100},
      {"mzi.temperature", "degC", "Reference temperature, at which there is no drift.",
       &P::reference_temperature_c, -273, 1000},
      {"mzi.jitter", "K", "Temperature jitter with a thermo-electric controller, one sigma.", &P::jitter_k, 0,
       100},
      {"mzi.walk.time", "s",
       "Correlation time of the Ornstein-Uhlenbeck walk of the temperature without a controller.",
       &P::walk_time_s, 1e-3, 1e9},
      {"mzi.walk.sigma", "K", "Standard deviation of that walk.", &P::walk_sigma_k, 0, 100},
  };
}

std::string range_of(const MziField& field) {
  return std::string("[") + format_number(field.min) + ", " + format_number(field.max) + "]";
}

[[noreturn]] void refuse(std::string_view name, const char* expected, const MziField* field,
                         std::string_view text) {
  std::string message = std::string(name) + ": expected " + expected;
  if (field) message += " in " + range_of(*field) + (field->unit == "1" ? "" : " " + field->unit);
  throw UsageError(message + ", found \"" + std::string(text) + "\"");
}

double number_with_unit(const MziField& field, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = trim(text.substr(std::size_t(end - text.data())));
  const bool fits = error == std::errc() && std::isfinite(value) && (unit.empty() || unit == field.unit) &&
                    (!field.integer || value == std::floor(value)) && value >= field.min &&
                    value <= field.max;
  if (!fits) refuse(field.name, field.integer ? "a whole number" : "a number", &field, text);
  return value;
}

}  // namespace

const std::vector<MziField>& mzi_process_fields() {
  static const std::vector<MziField> fields = make_fields();
  return fields;
}

void set_process_value(MziProcess& process, std::string_view assignment) {
  const auto equal = assignment.find('=');
  if (equal == std::string_view::npos) {
    throw UsageError("process value \"" + std::string(assignment) +
                     "\": expected NAME=VALUE, for example mzi.bs=0.075");
  }
  const std::string_view name = trim(assignment.substr(0, equal));
  const std::string_view text = trim(assignment.substr(equal + 1));
  if (name == split_name) {
    const auto e = read_number(text);
    if (!e || *e < 0) refuse(split_name, "a power split error, a number of at least 0", nullptr, text);
    process.split_sigma_rad = split_angle(*e);
    return;
  }
  const auto& fields = mzi_process_fields();
  const auto field =
      std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
  if (field == fields.end()) {
    std::vector<std::string> known{split_name};
    for (const MziField& f : fields) known.push_back(f.name);
    throw UsageError("unknown process value \"" + std::string(name) + "\"" + did_you_mean(name, known));
  }
  process.*(field->value) = number_with_unit(*field, text);
}

std::vector<std::string> check_process(const MziProcess& process) {
  std::vector<std::string> wrong;
  for (const MziField& field : mzi_process_fields()) {
    const double value = process.*(field.value);
    if (!(value >= field.min && value <= field.max)) {
      wrong.push_back(field.name + " is " + format_number(value) + ", expected a number in " +
                      range_of(field));
    } else if (field.integer && value != std::floor(value)) {
      wrong.push_back(field.name + " is " + format_number(value) + ", expected a whole number");
    }
  }
  return wrong;
}

MziProcess scale_spreads(MziProcess process, double factor) {
  for (const MziField& field : mzi_process_fields()) {
    if (field.spread) process.*(field.value) *= factor;
  }
  return process;
}

double split_angle(double e) {
  return std::asin(std::clamp(e, -1.0, 1.0)) / 2;
}

double shifter_phase(const MziProcess& process, double current_ma) {
  return process.theta0_rad + pi / process.p_pi_mw * 1e-3 * process.resistance_ohm * current_ma * current_ma;
}

double shifter_current_ma(const MziProcess& process, double phase_rad) {
  const double heated = wrap_phase(phase_rad - process.theta0_rad);
  return std::sqrt(heated / pi * process.p_pi_mw / (1e-3 * process.resistance_ohm));
}

}  // namespace pnn::platform
