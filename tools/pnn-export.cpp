// Which value does each channel of the instruments take?
#include "pnn/app/control_export.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-export",
    .summary = "write trained controls in the unit of the instruments that drive a chip",
    .reads = "params",
    .writes = "CSV or JSON",
    .details = R"(
One row a control: its layer and element, its place along the axes of the layer, the time slot where one element
takes several controls in turn, the control and its unit, and with --element-map the channel that drives the
element. --unit states the unit of the instrument: currents become voltages and powers through the resistance, and
phases of thermal shifters currents through the power for a phase of pi, which the process of the parameters has;
the rise of the resistance with heat is left out, as in imports.

A control outside the range in which it was trained, or outside --limits, is refused, and so is an unfinished
training. Without -o the table goes to standard output, as CSV or with --json as JSON; -o NAME.json writes JSON,
any other name CSV.
)",
    .example = "pnn-export bp.h5 --unit V --limits 0:5.2 -o volts.csv",
    .see_also =
        "pnn-train for parameters, pnn-characterize --import for the way in, pnn-info for what is in a file"};

struct ExportOptions {
  std::string params, output;
  app::ExportSettings settings;

  void describe(Options& o) {
    o.positional_input("PARAMS", params, "trained parameters");
    settings.describe(o);
    o.output(output).required = false;
  }
};

void run(ExportOptions& options, cli::Context& context) {
  const auto params = io::read_params(options.params);
  context.parent("params", params.filetype, params.hash, params.header);
  const app::ExportTable table =
      app::export_controls(params.value, options.params, options.settings, context);
  context.report().value("controls", std::int64_t(table.controls.size()));
  if (options.output.empty() && context.asked("json")) {
    context.report().json("table", app::json_of(table));
  } else {
    app::write_text(options.output,
                    options.output.ends_with(".json") ? app::json_of(table) : app::csv_of(table));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<ExportOptions>(argc, argv, about, run);
}
