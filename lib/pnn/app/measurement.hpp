// Measures the curves of devices so that an early end loses nothing, and reports them.
#pragma once

#include <string>
#include <vector>

#include "pnn/app/device_source.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/characterize.hpp"

namespace pnn::app {

/// Which devices of a source are measured, how, and where readings are saved.
struct Measurement {
  const DeviceSource& source;
  std::vector<std::size_t> devices;
  const study::CharacterizeSettings& sweeps;
  std::string resume;        ///< an unfinished output of the same measurement, or empty
  std::string output;        ///< receives the readings so far, unless it is "-"
  double save_every_s = 10;  ///< how often readings are saved
};

/// Measures the curves of all devices, or with --spectra the spectra of one; readings in `resume` are not
/// repeated. If the work ends early (Interrupted, RunError), the readings so far are in the output, and the
/// error says so. Throws UsageError and InputError if `resume` is from another measurement.
io::CurvesFile measure(const Measurement& measurement, cli::Context& context);

/// Reports the cost of measure(), without writing anything.
void report_cost(const Measurement& measurement, cli::Context& context);

/// Table and JSON of curves: one row for each chip.
void report_curves(const model::Curves& curves, cli::Report& report);

}  // namespace pnn::app
