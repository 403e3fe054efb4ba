// --dry-run: what would this command cost?
#pragma once

#include <algorithm>
#include <string>

#include "pnn/cli/context.hpp"
#include "pnn/core/forecast.hpp"

namespace pnn::tools {

inline void describe_dry_run(Options& o, bool& dry_run) {
  o.flag("dry-run", dry_run,
         "read and check the inputs, print what the run would cost in counts, time and memory, and write "
         "nothing")
      .role = Option::Role::transport;
}

/// Table and JSON of a forecast. Memory is what this process took, which did a part of the work with all of
/// its inputs, and what the work would hold beyond that.
inline void report_forecast(const Forecast& forecast, cli::Context& context) {
  cli::Report& report = context.report();
  const std::string rehearsed = std::to_string(forecast.rehearsed) + " " + forecast.unit;
  report.headline("dry run, nothing written; time (files not counted) and memory from " + rehearsed +
                  " done and thrown away");
  report.columns({"cost", ""});
  report.value("dry_run", std::int64_t{1});
  for (const Forecast::Count& count : forecast.counts) {
    report.row({count.what, std::to_string(count.number)});
    std::string key = count.what;
    std::replace(key.begin(), key.end(), ' ', '_');
    report.value(key, std::int64_t(count.number));
  }
  const std::uint64_t memory = cli::peak_memory_bytes() + forecast.held_bytes;
  report.row({"time", cli::format_duration(forecast.seconds)});
  report.row({"memory", cli::format_memory(memory)});
  report.value("seconds", forecast.seconds);
  report.value("memory_bytes", std::int64_t(memory));
  report.value("rehearsed", rehearsed);
}

}  // namespace pnn::tools
