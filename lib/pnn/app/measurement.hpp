// How are the curves of devices measured so that an early end loses nothing, and what is said of them?
#pragma once

#include <string>
#include <vector>

#include "pnn/app/device_source.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/characterize.hpp"

namespace pnn::app {

/// Which devices of a source are measured how, and where what is read goes.
struct Measurement {
  const DeviceSource& source;
  std::vector<std::size_t> devices;
  const study::CharacterizeSettings& sweeps;
  std::string resume;        ///< an unfinished output of the same measurement, or empty
  std::string output;        ///< gets what was read so far; "-" does not
  double save_every_s = 10;  ///< how often
};

/// The curves of all devices, of which those that `resume` holds are not measured again. Where the work ends
/// early (Interrupted, RunError) what was read is in the output, and the error says so. Throws UsageError and
/// InputError where `resume` is of another measurement.
io::CurvesFile measure(const Measurement& measurement, cli::Context& context);

/// Tells what measure() would cost, and writes nothing.
void report_cost(const Measurement& measurement, cli::Context& context);

/// Table and JSON of curves: a row a chip.
void report_curves(const model::Curves& curves, cli::Report& report);

}  // namespace pnn::app
