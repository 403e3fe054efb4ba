#include "pnn/app/dry_run.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/cli/context.hpp"
#include "pnn/cli/terminal.hpp"
#include "pnn/io/rehearsal.hpp"

namespace pnn::app {

void describe_dry_run(Options& o, bool& dry_run) {
  o.flag("dry-run", dry_run,
         "read and check the inputs, print what the run would cost in counts, time and memory, and write no "
         "output")
      .role = Option::Role::transport;
}

void report_forecast(cli::Context& context, const std::function<Forecast()>& make) {
  const double before = context.elapsed_seconds();
  Forecast forecast = make();
  forecast.seconds += before;
  cli::Report& report = context.report();
  const std::string rehearsed = std::to_string(forecast.rehearsed) + " " + forecast.unit;
  report.headline("dry run, nothing written; time (with that of files) and memory from " + rehearsed +
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

void add_saving(Forecast& forecast, const std::string& output, std::uint64_t bytes, double every_s) {
  const double once = io::seconds_to_save(output, bytes);
  const double between = std::floor(forecast.seconds / std::max(every_s, 20 * once)) * once;
  forecast.seconds += once + between;
}

}  // namespace pnn::app
