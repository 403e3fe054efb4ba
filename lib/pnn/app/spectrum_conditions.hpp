// Under which conditions a sweep was taken: as --channels and --condition say, and the lines before its
// numbers.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pnn/model/spectra.hpp"

namespace pnn::app {

/// The channel of each port, as --channels says it. Throws UsageError.
std::vector<std::pair<model::BusPort, std::string>> stated_channels(const std::string& text);

/// What --condition says of one channel or file.
struct SweepCondition {
  std::string heater, bus;
  double current_ma = model::Spectrum::unknown, voltage_v = model::Spectrum::unknown,
         power_mw = model::Spectrum::unknown, temperature_c = model::Spectrum::unknown;
};
/// By the name of the channel or file, from NAME=KEY:VALUE,… Throws UsageError.
std::map<std::string, SweepCondition> stated_conditions(const std::vector<std::string>& texts);
/// Sets what is stated.
void apply(const SweepCondition& condition, model::Spectrum& s);

/// Sets what the lines before the numbers say of heater, temperature and component. Only one heater may be
/// driven. Returns the keys that say something else. Throws InputError for units that are wrong.
std::vector<std::string> apply_said(const std::map<std::string, std::string>& said, model::Spectrum& s,
                                    const std::string& path);

}  // namespace pnn::app
