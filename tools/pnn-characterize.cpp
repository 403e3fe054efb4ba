// What does a lab see of a chip?
#include <algorithm>

#include "pnn/app/curve_import.hpp"
#include "pnn/app/device_source.hpp"
#include "pnn/app/dry_run.hpp"
#include "pnn/app/measurement.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/spectrum_import.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/study/lab.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-characterize",
    .summary = "measure the tuning curves of a device, or import those of a lab",
    .reads = "device, or CSV",
    .writes = "curves",
    .details = R"(
Every element is swept over its range, as its platform needs it (below). Responses are kept as measured; a
model's gain carries their sign. --direction both lets pnn-fit tell the hysteresis. Conditions of --set other
than the temperature are written beside the curves, since a fit has to know them.

--spectra sweeps the wavelengths of the device's lasers in place of its controls: two orders of resonances
of each row, all heaters cold, and then one after the other on. Steps are of the condition "detuning", which a
bench offers whose lasers can be commanded.

--import-spectra reads sweeps of the wavelength in place of tuning curves, one or many, at one or many heater
powers and temperatures, for pnn-fit --model spectrum.

--import reads tables of curves as instruments write them, and finds columns, units and elements by their
names; --columns and --unit state them, --set changes the process (mrr.resistance), and with --inputs and
--layer or --design each curve goes to the element of the network that has its name. What is assumed, left out
or passed over is said.
)" + study::said_of_platforms(&study::PlatformLab::how_measured),
    .example = "pnn-characterize chips.h5 --index 0 --temperatures 21,22,23 --crosstalk -o curves.h5",
    .see_also =
        "pnn-fit, which fits the curves, pnn-fabricate for chips, scripts/driver-template for a bench, "
        "scripts/plot curves for a picture"};

struct CharacterizeOptions {
  std::string device, design, output;
  app::UnfinishedSettings unfinished;
  app::ImportSettings imported;
  app::SpectrumSettings spectra;
  network::NetworkSpec network;
  double save_every_s = 10;
  int index = 0;
  bool all = false, dry_run = false;
  study::CharacterizeSettings sweeps;
  study::ConditionSettings conditions;
  device::DriverSettings driver;

  void describe(Options& o) {
    Option& measured = o.positional_input("DEVICE", device, app::device_help("device to measure"));
    measured.required = false;
    measured.aliases = {"device"};
    const auto of_devices = [this] { return imports() ? "an import measures nothing" : ""; };
    o.integer("index", index, "K", "device of the file, or of the driver, from 0", Limits::non_negative())
        .idle = of_devices;
    o.flag("all", all, "measure every device of the file").idle = of_devices;
    o.input(
        "design", design,
        "model that says which network and process a bench is made for, where its driver does not, or onto "
        "whose elements imported curves are put (pnn-fit --model nominal)");
    const std::size_t first = o.all().size();
    unfinished.describe(o);
    app::describe_save_every(o, save_every_s);
    app::describe_dry_run(o, dry_run);
    sweeps.describe(o);
    const auto of_curves = [this] { return sweeps.lasers.sweep ? "lasers are swept (--spectra)" : ""; };
    for (const char* name : {"points", "direction", "crosstalk"}) o.find(name)->idle = of_curves;
    o.find("all")->idle = [this] {
      return imports()             ? "an import measures nothing"
             : sweeps.lasers.sweep ? "spectra are of one device"
                                   : "";
    };
    sweeps.lasers.describe(o);
    const auto idle_with_import = [this] { return imports() ? "an import measures nothing" : ""; };
    o.idle_since(first, idle_with_import);
    conditions.describe(o);
    const std::size_t after_set = std::size_t(o.find("set") - o.all().data()) + 1;  // imports have a process
    app::describe_driver(o, driver, device);
    o.idle_since(after_set, idle_with_import);
    const std::size_t of_imports = o.all().size();
    imported.describe(o);
    o.idle_since(of_imports,
                 [this] { return imported.tables.empty() ? "nothing is imported (--import)" : ""; });
    const std::size_t of_spectra = o.all().size();
    spectra.describe(o);
    o.idle_since(of_spectra, [this] {
      return spectra.files.empty() ? "no spectra are imported (--import-spectra)" : "";
    });
    network.describe(o);
    o.output(output).required = true;
  }
  [[nodiscard]] bool imports() const { return !imported.tables.empty() || !spectra.files.empty(); }
};

io::ModelFile read_design(const CharacterizeOptions& options, cli::Context& context) {
  if (options.design.empty()) return {};
  auto model = io::read_model(options.design);
  context.parent("design", model.filetype, model.hash, model.header);
  return std::move(model.value);
}

/// Refuses values of the process that act on nothing here.
void check_set(const CharacterizeOptions& options, const io::CurvesFile& file) {
  const std::vector<platform::ProcessField>& fields = platform::process_fields();
  for (const std::string& assignment : options.conditions.set) {
    const std::string name(trim(assignment.substr(0, assignment.find('='))));
    if (!file.network.empty()) {
      platform::check_process_value(name, network::resolve(file.network, file.process).plans(), file.process,
                                    "--set");
      continue;
    }
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const platform::ProcessField& one) {
      return one.name == platform::process_number(name);
    });
    if (field->platform != options.imported.platform)
      throw UsageError("--set " + name + ": acts on layers of " + field->platform +
                       ", and these curves are of " + options.imported.platform);
  }
}

/// Network and process of imported curves: those of --design, or --inputs and --layer; --set changes the
/// process.
io::CurvesFile import_tables(const CharacterizeOptions& options, cli::Context& context) {
  if (!options.network.empty() && !options.design.empty())
    throw UsageError("--inputs, --layer: --design has a network of its own");
  io::ModelFile design = read_design(options, context);
  io::CurvesFile file{std::move(design.network), std::move(design.model.process), {}, {}};
  for (const std::string& assignment : options.conditions.set)
    platform::set_process_value(file.process, assignment);
  if (!options.network.empty()) file.network = network::resolve(options.network, file.process).spec;
  check_set(options, file);
  if (options.spectra.files.empty()) return app::import_curves(options.imported, std::move(file), context);
  app::import_spectra(options.spectra, file, context);
  return file;
}

/// The devices to measure, with conditions and sweeps set up for them.
app::DeviceSource open_devices(CharacterizeOptions& options, cli::Context& context) {
  const io::ModelFile design = read_design(options, context);
  app::DeviceSource source(options.device, options.driver, "device", design.network, design.model.process,
                           context);
  if (!options.network.empty() &&
      !(network::resolve(options.network, source.process()).spec == source.network()))
    throw UsageError("--inputs, --layer: the device has another network of its own; they are for --import");
  const std::vector<platform::AnyPlan> plans = network::resolve(source.network(), source.process()).plans();
  const study::Surroundings surroundings = options.conditions.surroundings(plans, study::RunsOn::device);
  if (surroundings.control_noise > 0)
    throw UsageError(
        "--set control-noise: a measurement commands its controls without; it acts in evaluations");
  options.sweeps.conditions = surroundings.device;
  options.sweeps.impose = true;
  options.sweeps.process = source.process();
  return source;
}

void run(CharacterizeOptions& options, cli::Context& context) {
  if (int(!options.device.empty()) + int(!options.imported.tables.empty()) +
          int(!options.spectra.files.empty()) !=
      1)
    throw UsageError("expected a DEVICE to measure, --import FILE.csv or --import-spectra FILE, one of them");
  io::CurvesFile curves;
  if (!options.imports()) {
    const app::DeviceSource source = open_devices(options, context);
    const app::Measurement measurement{
        source, options.all ? source.numbers() : std::vector{std::size_t(options.index)}, options.sweeps,
        options.output, options.save_every_s};
    if (options.dry_run) return app::report_cost(measurement, context);
    app::UnfinishedFile unfinished(options.unfinished, options.output, context);
    curves = app::measure(measurement, unfinished, context);
    io::write_curves(options.output, curves, context.provenance());
    unfinished.remove(context);
  } else {
    curves = import_tables(options, context);
    io::write_curves(options.output, curves, context.provenance());
  }
  if (!curves.spectra.empty()) return app::report_spectra(curves.spectra, context.report());
  app::report_curves(curves.curves, context.report());
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<CharacterizeOptions>(argc, argv, about, run);
}
