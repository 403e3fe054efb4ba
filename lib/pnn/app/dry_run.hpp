// --dry-run: what would this command cost?
#pragma once

#include <functional>
#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/core/forecast.hpp"

namespace pnn::app {

/// --dry-run. It leaves no trace in an output, since none is written.
void describe_dry_run(Options& o, bool& dry_run);

/// Table and JSON of what `make` forecasts. Reading the inputs, which was done as the run does it, is a part
/// of the time. Memory is what this process took, which did a part of the work with all of its inputs, and
/// what the work would hold beyond that.
void report_forecast(cli::Context& context, const std::function<Forecast()>& make);

/// Adds to a forecast the saving of `bytes` at its end and, where it lasts, every `every_s` seconds, which
/// takes at most a twentieth of the time (core/pace.hpp).
void add_saving(Forecast& forecast, const std::string& output, std::uint64_t bytes, double every_s);

}  // namespace pnn::app
