// Which value does each channel of the instruments take, and which numbers are in a file?
#include "pnn/app/control_export.hpp"
#include "pnn/app/frame_export.hpp"
#include "pnn/app/network_export.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/table_output.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/io/tidy.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-export",
    .summary =
        "write trained controls in the unit of the instruments that drive a chip, weights for PyTorch, and "
        "any "
        "file as a table",
    .reads = "params, or any file",
    .writes = "CSV, JSON, .npz, MATLAB or PNG; weights as .npz, safetensors or ONNX",
    .details = R"(
Of params: one row a control: its layer and element, its place along the axes of the layer, the time slot where one
element takes several controls in turn, the control and its unit, and with --element-map the channel that drives the
element. --unit states the unit of the instrument: currents become voltages and powers through the resistance, and
phases of thermal shifters currents through the power for a phase of pi, which the process of the parameters has;
the rise of the resistance with heat is left out, as in imports.

A control outside the range in which it was trained, or outside --limits, is refused, and so is unfinished work
without --unfinished. With --frames controls that are pixels become pictures, one for each that is shown in
turn; phases are wrapped into the range of --gamma-table.

With --weights, which endings of .safetensors and .onnx imply, the weights of all layers go out as PyTorch names them
(conv1.weight, batchnorm1.running_mean), those of physical layers as the matrix that they have at their operating
point (mrr1.weight); ONNX is the whole network, for layers that multiply by a matrix.

Of results, curves, spectra and models, and with --table of any file: one row a value, with the names of methods, devices,
elements and parameters in place of indices, and the standard errors of parameters. A result has a row for each method, value of each axis, device and
repeat; --table history of params a row an epoch.

Without -o the table goes to standard output, as CSV or with --json as JSON; the ending of -o NAME says the form:
.json, .npz (NumPy, an array a column), .mat (MATLAB, a variable a column), any other CSV.
)",
    .example = "pnn-export bp.h5 --unit V --limits 0:5.2 -o volts.csv",
    .see_also =
        "pnn-train for parameters, pnn-characterize --import for the way in, pnn-info for what is in a file"};

struct ExportOptions {
  std::string file, table, output;
  bool unfinished = false;
  bool weights = false;
  app::ExportSettings settings;
  app::FrameSettings frames;

  void describe(Options& o) {
    o.positional_input("FILE", file, "trained parameters, a result, or any other file");
    app::describe_unfinished(o, unfinished);
    const std::size_t first = o.all().size();
    settings.describe(o);
    frames.describe(o);
    o.idle_since(first, [this] {
      return !table.empty()    ? "it acts on controls (without --table)"
             : takes_weights() ? "it acts on controls, and these are weights"
                               : "";
    });
    for (const char* name : {"unit", "element-map"})
      o.find(name)->idle = [before = o.find(name)->idle, this] {
        return frames.folder.empty() ? before() : "it acts on tables, and --frames makes pictures";
      };
    o.text(
        "table", table, "DATASET",
        "write this dataset, or those of a group, with what stands beside it along the same axes, as history "
        "or /curves/mrr1/response");
    o.find("table")->idle = [this] { return takes_weights() ? "weights are not written as a table" : ""; };
    o.flag("weights", weights,
           "write the weights of all layers instead of the controls, by the ending of -o: .npz, .safetensors "
           "or .onnx");
    o.output(output).required = false;
    o.find("output")->idle = [this] { return frames.folder.empty() ? "" : "--frames names its files"; };
  }
  [[nodiscard]] bool takes_weights() const { return weights || app::holds_weights(output); }
};

/// The parameters that go out; run() has refused what is unfinished.
io::Read<train::Params> read_source(const std::string& path, cli::Context& context) {
  auto params = io::read_params(path);
  context.parent("params", params.filetype, params.hash, params.header);
  return params;
}

/// The same, whose controls go out.
train::Params read_controls(const std::string& path, cli::Context& context) {
  auto params = read_source(path, context);
  if (params.header.command.find(" extrapolate=true") != std::string::npos)
    context.warn(
        path +
        ": trained with --extrapolate: controls may lie beyond what was measured, where weights are a "
        "guess and hardware may not stand it; --limits holds the export to a range");
  return std::move(params.value);
}

io::ColumnTable table_of(ExportOptions& options, cli::Context& context) {
  if (options.table.empty() && io::filetype_of(options.file) == "params") {
    io::ColumnTable table =
        app::export_controls(read_controls(options.file, context), options.file, options.settings, context);
    context.report().value("controls", std::int64_t(table.rows()));
    return table;
  }
  for (const char* name : {"unit", "only-layers", "limits", "wrap", "element-map"})
    if (context.asked(name))
      throw UsageError(std::string("--") + name + ": it acts on the controls of params alone");
  return io::tidy_table(options.file, options.table);
}

void run(ExportOptions& options, cli::Context& context) {
  app::refuse_unfinished(options.file, options.unfinished);
  if (options.takes_weights())
    return app::export_network(read_source(options.file, context).value, options.file, options.output);
  if (!options.frames.folder.empty()) {
    return app::export_frames(read_controls(options.file, context), options.file, options.settings,
                              options.frames, context);
  }
  const io::ColumnTable table = table_of(options, context);
  if (options.output.empty() && context.asked("json")) {
    context.report().json("table", io::json_of(table));
  } else {
    app::write_table(options.output, table);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<ExportOptions>(argc, argv, about, run);
}
