// --import-spectra: wavelength sweeps from instruments become spectra of buses.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/context.hpp"
#include "pnn/core/options.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {

struct SpectrumSettings {
  std::vector<std::string> files;
  std::string channels;                 ///< "drop=channel_1,through=channel_2"
  std::vector<std::string> conditions;  ///< "NAME=power:20mW,heater:h1" of a channel or a file
  std::string bus;                      ///< the one that all sweeps are of; empty: as the files say
  std::vector<double> lasers_nm;        ///< at which the channels of each bus are used; empty: not known
  std::string unit;                     ///< of powers whose files do not say it
  void describe(Options& options);
};

/// Reads the files (io/spectrum_files), registers them as parents, finds their ports, and says, and keeps in
/// the notes, what was assumed. Files of currents and voltages among them are those of heaters. Throws
/// InputError for files that are no sweeps, or where none is, UsageError for settings that name what is not
/// there.
void import_spectra(const SpectrumSettings& settings, io::CurvesFile& file, cli::Context& context);

/// A row for each sweep, or of many for each bus.
void report_spectra(const std::vector<model::Spectrum>& spectra, cli::Report& report);

}  // namespace pnn::app
