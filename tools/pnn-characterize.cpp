// What does a lab see of a chip?
#include "pnn/app/device_source.hpp"
#include "pnn/app/dry_run.hpp"
#include "pnn/app/measurement.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/csv.hpp"
#include "pnn/io/records.hpp"
#include "pnn/model/import.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/conditions.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-characterize",
    .summary = "measure the tuning curves or fringes of a device, or import those of a lab",
    .reads = "device, or CSV",
    .writes = "curves",
    .details = R"(
One ring is driven in equal steps of heater power while its neighbours are parked. Two temperatures or more
identify the tuning efficiency, --crosstalk adds sweeps of pairs, --direction both lets pnn-fit tell the
hysteresis. Of a mesh of interferometers one phase shifter after the other is swept over a turn, the rest
without current (the cross state): theta with one input lit, phi with the two that meet at its interferometer;
currents stand for phases by the nominal shifter. A display shows targets (stripes, crosses) through others on
the modulator, from which pnn-fit --model registration tells where the planes lie. Responses are kept as
measured; a model's gain carries their sign.
)",
    .example = "pnn-characterize chips.h5 --index 0 --temperatures 21,22,23 --crosstalk -o curves.h5",
    .see_also =
        "pnn-fit, which fits the curves, pnn-fabricate for chips, scripts/driver-template for a bench, "
        "scripts/plot curves for a picture"};

struct CharacterizeOptions {
  std::string device, design, import, platform = "mrr", polarity = "auto", resume, output;
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
    o.integer("index", index, "K", "device of the file, or of the driver, from 0", Limits::non_negative());
    o.flag("all", all, "measure every device of the file");
    o.input(
        "design", design,
        "model that says which network and process a bench is made for, where its driver does not (pnn-fit "
        "--model nominal)");
    app::describe_resume(o, resume);
    app::describe_save_every(o, save_every_s);
    app::describe_dry_run(o, dry_run);
    sweeps.describe(o);
    conditions.describe(o);
    app::describe_driver(o, driver);
    o.group("Import");
    o.input("import", import,
            "table of measured curves: columns element, control (mA), response, and perhaps sigma, "
            "temperature (°C)");
    o.choice(
        "platform", platform, {"mrr", "mzi"},
        "what was measured: rings, or fringes of phase shifters, read at a cross port (bright at phase 0)");
    o.choice("polarity", polarity, {"drop-thru", "thru-drop", "auto"},
             "detector of the imported curves of rings; auto looks where they start");
    o.output(output).required = true;
  }
};

io::CurvesFile import_table(const CharacterizeOptions& options, cli::Context& context) {
  if (options.platform == "mzi" && options.polarity != "auto")
    throw UsageError("--polarity: fringes have none; it is of rings alone");
  const io::Csv csv = io::read_csv(options.import);
  model::CurveTable table{csv.texts("element"), csv.numbers("control"), csv.numbers("response"), {}, {}};
  if (csv.has("sigma")) table.sigma = csv.numbers("sigma");
  if (csv.has("temperature")) table.temperature_c = csv.numbers("temperature");
  context.parent("import", "csv", csv.hash, {});

  io::CurvesFile file;
  const double reference_c = options.platform == "mzi" ? file.process.mzi.reference_temperature_c
                                                       : file.process.mrr.reference_temperature_c;
  file.curves = model::import_curves(table, reference_c, options.import);
  if (options.platform == "mzi") return file;
  if (options.polarity != "auto") {
    platform::set_process_value(file.process, "mrr.polarity=" + options.polarity);
    return file;
  }
  const auto polarity = model::detect_polarity(file.curves);
  if (!polarity)
    throw InputError(options.import +
                     ": the curves start at either end; say --polarity drop-thru or thru-drop");
  file.process.mrr.polarity = *polarity;
  return file;
}

/// The devices to measure, with conditions and sweeps set up for them.
app::DeviceSource open_devices(CharacterizeOptions& options, cli::Context& context) {
  io::ModelFile design;
  if (!options.design.empty()) {
    const auto model = io::read_model(options.design);
    context.parent("design", model.filetype, model.hash, model.header);
    design = model.value;
  }
  app::DeviceSource source(options.device, options.driver, "device", design.network, design.model.process,
                           context);
  const std::vector<platform::LayerPlan> plans = app::resolve(source.network(), source.process()).plans();
  options.sweeps.conditions = options.conditions.surroundings(platform::layer_names(plans)).device;
  options.sweeps.impose = true;
  options.sweeps.shifters = source.process().mzi;
  return source;
}

void run(CharacterizeOptions& options, cli::Context& context) {
  if (options.device.empty() == options.import.empty()) {
    throw UsageError("expected a DEVICE to measure or --import FILE.csv, and not both");
  }
  io::CurvesFile curves;
  if (options.import.empty()) {
    const app::DeviceSource source = open_devices(options, context);
    const app::Measurement measurement{
        source,         options.all ? source.numbers() : std::vector{std::size_t(options.index)},
        options.sweeps, options.resume,
        options.output, options.save_every_s};
    if (options.dry_run) return app::report_cost(measurement, context);
    curves = app::measure(measurement, context);
  } else {
    if (options.dry_run) throw UsageError("--dry-run: an import measures nothing");
    if (!options.resume.empty()) throw UsageError("--resume: an import measures nothing");
    curves = import_table(options, context);
  }
  io::write_curves(options.output, curves, context.provenance());
  app::report_curves(curves.curves, context.report());
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<CharacterizeOptions>(argc, argv, about, run);
}
