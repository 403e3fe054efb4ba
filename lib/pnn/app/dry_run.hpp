// --dry-run: estimates the cost of a command.
#pragma once

#include <functional>
#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/core/forecast.hpp"

namespace pnn::app {

/// Declares --dry-run. No output is written, so that none records it.
void describe_dry_run(Options& o, bool& dry_run);

/// Reports the forecast of `make` as table and JSON. The time includes reading the inputs, which has been
/// done as in a run. Memory is that of this process, which has done a part of the work with all of its
/// inputs, plus what the work would allocate beyond that.
void report_forecast(cli::Context& context, const std::function<Forecast()>& make);

/// Adds to a forecast the time of saving `bytes` at its end and, if it takes long, every `every_s` seconds,
/// which is at most a twentieth of the time (core/pace.hpp).
void add_saving(Forecast& forecast, const std::string& output, std::uint64_t bytes, double every_s);

}  // namespace pnn::app
