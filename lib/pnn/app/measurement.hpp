// Measures the curves of devices so that an early end loses nothing, and reports them.
#pragma once

#include <string>
#include <vector>

#include "pnn/app/device_source.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/characterize.hpp"

namespace pnn::app {

/// Which devices of a source are measured, how, and how often readings are saved.
struct Measurement {
  const DeviceSource& source;
  std::vector<std::size_t> devices;
  const study::CharacterizeSettings& sweeps;
  std::string output;        ///< where the curves go in the end
  double save_every_s = 10;  ///< how often readings are saved
};

/// Measures the curves of all devices, or with --spectra the spectra of one; readings that `unfinished` has
/// are not repeated. If the work ends early (Interrupted, RunError), the readings so far are there, and the
/// error says so. Throws UsageError and InputError if they are from another measurement.
io::CurvesFile measure(const Measurement& measurement, UnfinishedFile& unfinished, cli::Context& context);

/// Reports the cost of measure(), without writing anything.
void report_cost(const Measurement& measurement, cli::Context& context);

/// Table and JSON of curves: one row for each chip.
void report_curves(const model::Curves& curves, cli::Report& report);

}  // namespace pnn::app
