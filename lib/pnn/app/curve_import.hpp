// Imports curves from a table (--import).
#pragma once

#include <string>

#include "pnn/cli/context.hpp"
#include "pnn/core/options.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {

/// --import and its options.
struct ImportSettings {
  std::string table;              ///< path of a CSV file; empty: no import
  std::string platform;           ///< word of the platform of the curves
  std::string polarity = "auto";  ///< sign convention of its detector, or "auto"
  ImportSettings();               ///< the default platform is the first that can import tables
  void describe(Options& options);
};

/// Reads the table, with the columns element, control, response, and optionally sigma and temperature, and
/// registers it as a parent. Throws InputError if it contains no curves, UsageError for settings that do not
/// fit the platform.
io::CurvesFile import_curves(const ImportSettings& settings, cli::Context& context);

}  // namespace pnn::app
