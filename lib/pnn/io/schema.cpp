#include "pnn/io/schema.hpp"

#include <algorithm>

#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::io {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Need optional = Need::optional, always = Need::always;
constexpr Numbers nan = Numbers::nan_allowed, finite = Numbers::finite;

void add_common(std::vector<Item>& items) {
  items.push_back({"", "/provenance/parents", Type::text, "parent,field", "1",
                   "inputs that this file was made from: role, filetype, XXH3-128 of the bytes"});
  items.push_back({"", "/provenance/history", Type::text, "ancestor", "1",
                   "tool, version and canonical settings of every ancestor, oldest first"});
  const std::string with_origin = "device,curves,model,params";
  items.push_back(
      {with_origin, "/network/inputs", Type::text, "", "1",
       "shape of one input, \"784\", \"1x28x28\" or \"64c\" (amplitudes); empty where no network is meant"});
  items.push_back(
      {with_origin, "/network/layers", Type::text, "layer", "1", "layers in order, as --layer reads them"});
  for (const platform::ProcessField& field : platform::process_fields()) {
    const std::string path = "/process/" + field.name;
    if (field.choices.empty())
      items.push_back({with_origin, path, Type::real64, "", field.unit, field.description, optional, finite,
                       field.min, field.max});
    else
      items.push_back({with_origin, path, Type::text, "", field.unit, field.description, optional});
  }
}

void add_targets(const char* filetype, std::vector<Item>& items) {
  items.push_back({filetype, "/targets", Type::text, "/target", "1",
                   "names of the quantities that a regression learns, with their units where these say them "
                   "(since 1.3)",
                   optional});
  items.push_back({filetype, "/target_mean", Type::real64, "/target", "units of the targets",
                   "value = mean + scale * number (since 1.3)", optional});
  items.push_back({filetype, "/target_scale", Type::real64, "/target", "units of the targets",
                   "value = mean + scale * number (since 1.3)", optional, finite, 0});
}

void add_dataset(std::vector<Item>& items) {
  items.push_back({"dataset", "/name", Type::text, "", "1", "name of the data set"});
  items.push_back({"dataset", "/shape", Type::count, "channel-height-width", "1",
                   "channels, height and width of one input; a plain vector has height and width 1"});
  items.push_back(
      {"dataset", "/field", Type::count, "", "1",
       "1 where an input is a field: its channels are amplitudes, real parts before imaginary ones "
       "(since 1.1; 0 if absent)",
       optional, finite, 0, 1});
  items.push_back({"dataset", "/classes", Type::text, "class", "1",
                   "names, in the order of the class numbers; absent in a data set with targets", optional});
  add_targets("dataset", items);
  for (const char* split : {"train", "validation", "test"}) {
    const std::string group = std::string("/") + split;
    items.push_back({"dataset", group + "/x", Type::picture, "sample,…", "1",
                     "inputs: [sample, feature], or [sample, channel, height, width] for pictures",
                     optional});
    items.push_back({"dataset", group + "/y", Type::integer, "sample", "1", "class numbers", optional, finite,
                     0, infinity});
    items.push_back({"dataset", group + "/targets", Type::real32, "sample,/target", "1",
                     "(value - mean)/scale of each target (since 1.3)", optional});
  }
}

void add_device(std::vector<Item>& items) {
  const auto add = [&](const char* name, Type type, const char* axes, const char* units,
                       const char* description) {
    items.push_back({"device", std::string("/truth/<layer>/") + name, type, axes, units, description});
  };
  items.push_back({"device", "/devices/count", Type::count, "", "1", "devices in this file", always, finite,
                   1, infinity});
  items.push_back(
      {"device", "/devices/seed", Type::count, "", "1", "addresses fabrication and every later noise"});
  add("key", Type::text, "", "1", "name of the chip; layers that share it are links to one group");
  add("layers", Type::text, "layer", "1", "physical layers that run on the chip");
  add("stream", Type::count, "", "1", "number of the chip, which addresses its draws");
  for (const platform::TruthField& field : platform::all_truth_fields()) {
    items.push_back({"device", "/truth/<layer>/" + field.name, Type::real64, "/device," + field.axis,
                     field.unit, field.description, optional});
  }
}

void add_curves(std::vector<Item>& items) {
  const auto add = [&](const char* name, Type type, const char* axes, const char* units,
                       const char* description, Need need = always, Numbers numbers = finite,
                       double min = -infinity) {
    items.push_back({"curves", std::string("/curves/<layer>/") + name, type, axes, units, description, need,
                     numbers, min, infinity});
  };
  items.push_back({"curves", "/averages", Type::count, "", "1", "readings behind each response", always,
                   finite, 1, infinity});
  items.push_back({"curves", "/settle", Type::real64, "", "s",
                   "time from setting controls to a reading (0: none, or not known); since 1.1", optional,
                   finite, 0, infinity});
  items.push_back({"curves", "/notes", Type::text, "note", "1",
                   "what an import assumed of its tables, left out or passed over, in sentences; since 1.3",
                   optional, finite, -infinity, infinity});
  items.push_back({"curves", "/missing", Type::text, "", "1",
                   "what elements without a curve take (--missing of the import); since 1.3", optional,
                   finite, -infinity, infinity});
  items.push_back(
      {"curves", "/repeat_elements", Type::count, "", "1",
       "1 if imported elements stand in turn for those of the network (--repeat-elements); since 1.3",
       optional, finite, 0, 1});
  const auto spectrum = [&](const char* name, Type type, const char* spectrum_axes, const char* units,
                            const char* description, Need need = always, double min = -infinity) {
    items.push_back({"curves", std::string("/spectra/<number>/") + name, type, spectrum_axes, units,
                     description, need, finite, min, infinity});
  };
  spectrum("bus", Type::text, "", "1",
           "name of a bus, or of its only element, of which this is a sweep of the wavelength; since 1.3");
  spectrum("heater", Type::text, "", "1", "name of the heater that was driven", optional);
  spectrum("current", Type::real64, "", "mA", "of that heater", optional);
  spectrum("voltage", Type::real64, "", "V", "of that heater", optional);
  spectrum("heater_power", Type::real64, "", "mW", "of that heater", optional);
  spectrum("temperature", Type::real64, "", "degC", "of the chip", optional);
  spectrum("laser", Type::real64, "channel", "nm",
           "wavelengths at which the channels of the bus are used, one for each of its elements", optional);
  spectrum("wavelength", Type::real64, "wavelength", "nm", "rising", always, 0);
  spectrum("ports", Type::text, "port", "1", "through, drop, through-drop or drop-through of each port");
  spectrum("power", Type::real64, "port,wavelength", "*",
           "light at each port, linear or in dB, with a common factor that is not known");
  const auto heater = [&](const char* name, Type type, const char* heater_axes, const char* units,
                          const char* description, Need need, Numbers numbers = finite) {
    items.push_back({"curves", std::string("/heaters/<number>/") + name, type, heater_axes, units,
                     description, need, numbers, -infinity, infinity});
  };
  heater("bus", Type::text, "", "1",
         "bus of the element, or the element, whose heater's currents and voltages these are; since 1.3",
         optional);
  heater("heater", Type::text, "", "1", "name of the heater", optional);
  heater("current", Type::real64, "reading", "mA", "through the heater", always);
  heater("voltage", Type::real64, "reading", "V", "across the heater", always);
  heater("temperature", Type::real64, "reading", "degC", "of the chip; NaN: not known", optional, nan);
  add("key", Type::text, "", "1", "name of the chip; layers that share it are links to one group");
  add("layers", Type::text, "layer", "1", "physical layers that run on the chip; none for an import");
  add("platform", Type::text, "", "1",
      "of an import: the word of its platform; since 1.3, before that the kind of a model tells it",
      optional);
  add("elements", Type::text, "element", "1", "names of the elements");
  add("conditions/<name>", Type::real64, "", "*",
      "a condition that acted on the chip while its curves were taken; since 1.3", optional);
  add("temperature", Type::real64, "temperature", "degC", "ambient temperatures of the sweep");
  add("direction", Type::integer, "point", "1",
      "1 for a point taken going up in the control, -1 going down; absent where not known; since 1.1",
      optional, finite, -1);
  const char* axes = "device,element,temperature,point";
  add("control", Type::real64, axes, "*", "control as set, or number of a reading; NaN pads shorter curves",
      always, nan);
  add("response", Type::real64, axes, "1",
      "what was read of the element, averaged, as its platform's page tells it; NaN pads shorter curves",
      always, nan);
  add("sigma", Type::real64, axes, "1",
      "standard error of the response (0: unknown); NaN pads shorter curves", always, nan, 0);
  add("reading_temperature", Type::real64, axes, "degC",
      "temperature at each reading, where it drifted within a sweep; NaN pads shorter curves (since 1.3)",
      optional, nan);
  add("pair_victim", Type::integer, "pair", "1", "element that was held on the flank of its curve", optional,
      finite, 0);
  add("pair_aggressor", Type::integer, "pair", "1", "element that was swept beside it", optional, finite, 0);
  add("pair_victim_control", Type::real64, "device,pair", "*", "control of the victim", optional);
  add("pair_control", Type::real64, "device,pair,pair_point", "*", "control of the aggressor", optional, nan);
  add("pair_response", Type::real64, "device,pair,pair_point", "1", "response of the victim", optional, nan);
  add("pair_sigma", Type::real64, "device,pair,pair_point", "1", "standard error of that response", optional,
      nan, 0);
  const auto log = [&](const char* name, Type type, const char* axis, const char* units,
                       const char* description, double min = -infinity) {
    items.push_back({"curves", std::string("/unfinished/") + name, type, axis, units, description, optional,
                     finite, min, infinity});
  };
  log("group", Type::count, "group", "1",
      "of a measurement that ended early: readings that came together, in order; since 1.1");
  log("calls", Type::count, "group", "1", "device calls behind each group");
  log("mean", Type::real64, "reading", "1", "readings, in order");
  log("error", Type::real64, "reading", "1", "their standard errors (0: unknown)", 0);
  log("temperature", Type::real64, "sensor_reading", "degC", "temperatures read on the way");
}

void add_model(std::vector<Item>& items) {
  const auto add = [&](const std::string& name, Type type, const std::string& axes, const std::string& units,
                       const std::string& description, Need need = always, double min = -infinity) {
    items.push_back(
        {"model", "/model/<layer>/" + name, type, axes, units, description, need, finite, min, infinity});
  };
  add("key", Type::text, "", "1", "name of the chip; layers that share it are links to one group");
  add("layers", Type::text, "layer", "1", "physical layers that run on the chip; none for an import");
  std::vector<std::string> kinds = study::model_kinds();
  const std::string last = kinds.back();
  kinds.pop_back();
  add("kind", Type::text, "", "1", join(kinds, ", ") + " or " + last);
  add("elements", Type::text, "element", "1", "names of the elements");
  add("parameters", Type::text, "parameter", "1", "names of the parameters");
  add("units", Type::text, "parameter", "1", "units of the parameters");
  add("values", Type::real64, "device,element,parameter", "see units", "parameters of each element");
  add("covariance", Type::real64, "device,element,parameter,parameter", "products of units",
      "covariance of the parameters; zeros where nothing was fitted");
  add("rms_residual", Type::real64, "device,element", "1", "rms of measured minus fitted response", always,
      0);
  items.push_back(
      {"model", "/model/<layer>/measured", Type::real64, "device,element,end", "*",
       "least and largest control (mA, 1) at which each element was measured, which controls do not "
       "leave; NaN for an element without a curve, absent for design values (since 1.3)",
       optional, nan});
  const auto judged = [&](const char* name, const char* units, const char* description) {
    items.push_back({"model", std::string("/model/<layer>/") + name, Type::real64, "device,element", units,
                     std::string(description) + "; NaN where not known, absent where nothing was compared "
                                                "(since 1.3)",
                     optional, nan, 0});
  };
  judged("chi_square", "1", "squared residuals over squared noise, per degree of freedom: 1 is noise alone");
  judged("noise", "1", "standard deviation of a response, from what /model/<layer>/noise_from says");
  judged("held_out", "1", "rms by which each response is missed by the fit to all others");
  judged("dead", "1", "1 for an element that does not respond to its control, which is held, else 0");
  add("noise_from", Type::text, "source", "1",
      "what the noise was taken from: standard errors, repeated readings or neighbouring readings (since "
      "1.3)",
      optional);
  add("assumed", Type::text, "assumption", "1",
      "parameters and process values that the curves do not determine and the process supplied (since 1.3)",
      optional);
  for (const study::ModelArray& array : study::model_arrays())
    add(array.name, Type::real64, array.axes, array.unit, array.description, optional,
        array.not_negative ? 0 : -infinity);
  add("remarks", Type::text, "element", "1", "a word on elements that fit badly, else empty");
}

void add_params(std::vector<Item>& items) {
  const auto add = [&](const char* path, Type type, const char* axes, const char* units,
                       const char* description, Need need = always, double min = -infinity) {
    items.push_back({"params", path, type, axes, units, description, need, finite, min, infinity});
  };
  add("/method", Type::text, "", "1", "how it was trained");
  add("/label", Type::text, "", "1", "name in tables");
  add("/task", Type::text, "", "1", "classify, regress (since 1.3), reconstruct or generate");
  add_targets("params", items);
  add("/sampled_around", Type::text, "", "1",
      "of a training on chips that are sampled from the process: the values around which they are sampled; "
      "since 1.3",
      optional);
  items.push_back(
      {"params", "/bounds/<layer>", Type::real32, "…", "*",
       "where each control may be, in its order: what was measured, the limits of its owner, or one "
       "value where it is held; NaN is no bound; absent: the range of the process (since 1.3)",
       optional, nan});
  add("/fixed", Type::text, "control", "1", "controls that are held at a value, as --fix says it (since 1.3)",
      optional);
  add("/controls/<layer>", Type::real32, "…", "*",
      "control parameters of a physical layer, in the shape that its platform gives them", optional);
  add("/weights/<layer>", Type::real32, "…", "*",
      "weights that the model makes of the controls: [out, in], [part, out, in] with real and imaginary "
      "part, or as the layer's platform has them",
      optional);
  add("/digital/<layer>/<parameter>", Type::real32, "…", "*", "digital parameters and running statistics",
      optional);
  const char* axis = "epoch";
  add("/history/epoch", Type::real64, axis, "1", "epochs done", optional, 0);
  add("/history/loss", Type::real64, axis, "1", "mean training loss of the epoch", optional);
  add("/history/train_accuracy", Type::real64, axis, "1", "fraction right in training (other tasks: error)",
      optional);
  add("/history/validation_accuracy", Type::real64, axis, "1",
      "fraction right on validation (other tasks: error)", optional);
  add("/history/test_accuracy", Type::real64, axis, "1",
      "fraction right on the test set (other tasks: error)", optional);
  for (const auto& [name, where] : {std::pair{"train", "in training, of the mean loss of the epoch"},
                                    {"validation", "on validation"},
                                    {"test", "on the test set"}})
    items.push_back({"params", std::string("/history/") + name + "_r_squared", Type::real64, axis, "1",
                     std::string("of a regression: R² ") + where + " (since 1.3)", optional, finite});
  add("/history/gradients", Type::real64, axis, "1", "gradient evaluations so far", optional, 0);
  add("/history/device_calls", Type::real64, axis, "1", "device calls so far", optional, 0);
  add("/history/rms_control", Type::real64, axis, "*",
      "root mean square of the controls, in their unit where all layers have one", optional, 0);
  add("/history/never_predicted", Type::real64, axis, "1",
      "classes of the validation set (or the test set) that were given for no sample (since 1.3)", optional,
      0);
  add("/optimizer/step", Type::count, "", "1", "updates done");
  add("/optimizer/gradients", Type::count, "", "1",
      "gradient evaluations (a forward and a backward pass over a batch)");
  add("/optimizer/evaluations", Type::count, "", "1", "loss evaluations (a forward pass alone)");
  add("/optimizer/device_calls", Type::count, "", "1", "device calls");
  add("/optimizer/epoch_correct", Type::count, "", "1", "right answers in the epoch under way");
  add("/optimizer/epoch_samples", Type::count, "", "1", "samples in the epoch under way");
  add("/optimizer/epoch_loss", Type::real64, "", "1", "summed loss of the epoch under way");
  add("/optimizer/seconds", Type::real64, "", "s", "time of the runs that led to this checkpoint", optional,
      0);
  add("/optimizer/processor_seconds", Type::real64, "", "s", "processor time of these runs", optional, 0);
  add("/optimizer/finished", Type::count, "", "1", "1 when the training is complete, 0 in a checkpoint");
  add("/optimizer/moments/<group>/<moment>", Type::real32, "…", "*", "state of the optimiser, for --resume",
      optional);
}

void add_result(std::vector<Item>& items) {
  const auto add = [&](const char* path, Type type, const char* axes, const char* units,
                       const char* description, Need need = always, Numbers numbers = finite,
                       double min = -infinity, double max = infinity) {
    items.push_back({"result", path, type, axes, units, description, need, numbers, min, max});
  };
  add("/tool", Type::text, "", "1", "the tool that evaluated");
  add("/task", Type::text, "", "1",
      "classify, regress (since 1.3), reconstruct or generate (since 1.1; if absent, classify where there is "
      "an accuracy)",
      optional);
  add("/network", Type::text, "", "1", "the network in one line");
  add("/dataset", Type::text, "", "1", "the data set in one line");
  add("/methods", Type::text, "/method", "1", "names of what is compared");
  add("/deployments", Type::text, "/method", "1",
      "what was adjusted on each device before it was evaluated; absent where nothing was (since 1.3)",
      optional);
  add("/axes/<name>", Type::real64, "…", "*", "values of a perturbation axis", optional);
  add("/devices", Type::text, "/device", "1", "names of the devices");
  add("/repeats", Type::count, "", "1", "evaluations with draws of their own");
  const char* axes = "/method,…,/device,/repeat";
  add("/accuracy", Type::real64, axes, "1",
      "fraction right; NaN where not evaluated (a shard, an unfinished run)", optional, nan, 0, 1);
  add("/r_squared", Type::real64, axes, "1",
      "of a regression: coefficient of determination R² = 1 - squared error/variance of the targets, summed "
      "over targets as they were scaled; NaN where not evaluated (since 1.3)",
      optional, nan, -infinity, 1);
  add("/targets", Type::text, "/target", "1", "names of the targets of a regression (since 1.3)", optional);
  add("/rms_error", Type::real64, "/method,…,/device,/repeat,/target", "units of the targets",
      "of a regression: root mean squared error of each target in its own unit; NaN where not evaluated "
      "(since "
      "1.3)",
      optional, nan, 0);
  add("/loss", Type::real64, axes, "1", "mean loss; NaN where not evaluated (a shard, an unfinished run)",
      always, nan);
  add("/frechet", Type::real64, axes, "1",
      "squared Fréchet distance between outputs and pictures of the data set, on the features of a "
      "classifier; "
      "NaN where not evaluated (since 1.1)",
      optional, nan, 0);
  add("/diverged", Type::real64, axes, "1",
      "1 where fine-tuning the device diverged, so that it was evaluated without; NaN where not evaluated "
      "(since 1.1)",
      optional, nan, 0, 1);
  add("/spent_samples", Type::real64, axes, "1",
      "training samples that the last adjustment before the evaluation showed to the device, each time that "
      "one "
      "passes through the network; NaN where not evaluated (since 1.3)",
      optional, nan, 0);
  add("/spent_calls", Type::real64, axes, "1",
      "device calls of that adjustment; NaN where not evaluated (since 1.3)", optional, nan, 0);
  add("/adjusted", Type::real64, axes, "1",
      "how often the device was adjusted until the evaluation; NaN where not evaluated (since 1.3)", optional,
      nan, 0);
  add("/overflowed", Type::real64, axes, "1",
      "1 where the evaluation was made and its signals or loss were not finite, so that its numbers are "
      "NaN, else 0; absent where there is none of these (since 1.1)",
      optional, finite, 0, 1);
  add("/outputs", Type::real32, "/method,…,/device,/repeat,/sample,output", "1",
      "what the network gave for the first samples, of a regression in the units of its targets; NaN where "
      "not evaluated (since 1.1)",
      optional, nan);
  add("/pictures", Type::real32, "/sample,channel,height,width", "1",
      "the same samples in the data set; a plain vector has height and width 1 (since 1.1)", optional);
  add("/wanted", Type::real32, "/sample,/target", "units of the targets",
      "the targets of the same samples, in their own units (since 1.3)", optional);
  add("/classes", Type::text, "class", "1", "class names", optional);
  add("/confusion", Type::real64, "/method,true,predicted", "1",
      "counts, summed over axes, devices and repeats", optional, finite, 0);
  add("/power", Type::real64, "/method", "mW",
      "until 1.1: heater power of all controls added up, those too that an element carries one after the "
      "other; "
      "not read",
      optional, finite, 0);
  const char* heaters = "/method,…";
  add("/power_mean", Type::real64, heaters, "mW",
      "heater power of the controls that were set, at nominal values, mean over the time of a sample; NaN "
      "where not evaluated (since 1.2; before 1.3 one number a method, of its parameters)",
      optional, nan, 0);
  add("/power_largest", Type::real64, heaters, "mW", "the same at any moment, at most (since 1.2)", optional,
      nan, 0);
  add("/energy", Type::real64, heaters, "uJ",
      "of the heaters for a sample, with the slots of the process (since 1.2)", optional, nan, 0);
  add("/eigenvalues", Type::real64, "/method,order", "*",
      "largest eigenvalues of the Hessian, falling; since 1.1", optional);
  add("/trace", Type::real64, "/method,probe", "*",
      "estimates of the Hessian's trace, one a random probe; since 1.1", optional);
  add("/histograms/<name>/edges", Type::real64, "…", "*", "edges of the bins, rising; since 1.1", optional);
  add("/histograms/<name>/counts", Type::real64, "…", "1", "how many of a method's numbers are in each bin",
      optional, finite, 0);
  add("/yield/level", Type::real64, "level", "1",
      "levels of --yield, which the score of a device reaches or does not (since 1.3)", optional);
  add("/yield/confidence", Type::real64, "", "1", "of every interval and bound (since 1.3)", optional, finite,
      0, 1);
  add("/yield/condition", Type::text, "condition", "1",
      "values of the axes; all: a device passes if it does in every condition; absent, like what follows, in "
      "a "
      "shard (since 1.3)",
      optional);
  const char* shares = "/method,level,condition";
  add("/yield/share", Type::real64, shares, "1",
      "share of the devices whose score, the smallest of the repeats, reaches the level (since 1.3)",
      optional, finite, 0, 1);
  add("/yield/share_low", Type::real64, shares, "1", "of its two-sided Clopper-Pearson interval (since 1.3)",
      optional, finite, 0, 1);
  add("/yield/share_high", Type::real64, shares, "1", "of its two-sided Clopper-Pearson interval (since 1.3)",
      optional, finite, 0, 1);
  add("/yield/at_least", Type::real64, shares, "1",
      "one-sided: at least this share of all dies reaches the level (since 1.3)", optional, finite, 0, 1);
  add("/yield/probability", Type::real64, "quantile", "1", "of the quantiles over devices (since 1.3)",
      optional, finite, 0, 1);
  const char* quantiles = "/method,quantile,condition";
  add("/yield/quantile", Type::real64, quantiles, "1",
      "quantiles of the score over devices; NaN where a device gave no finite numbers (since 1.3)", optional,
      nan);
  add("/yield/quantile_low", Type::real64, quantiles, "1",
      "of its two-sided interval of order statistics; NaN where there are too few devices (since 1.3)",
      optional, nan);
  add("/yield/quantile_high", Type::real64, quantiles, "1", "the same (since 1.3)", optional, nan);
  add("/yield/worst_tenth", Type::real64, "/method,condition", "1",
      "mean score of the worst tenth of the devices (since 1.3)", optional, nan);
  add("/yield/worst", Type::real64, "/method,condition", "1", "score of the worst device (since 1.3)",
      optional, nan);
  add("/images", Type::count, "", "1", "samples evaluated each time");
  add("/shard", Type::count, "", "1", "which part of the run this is, from 0");
  add("/shards", Type::count, "", "1", "parts of the run", always, finite, 1);
}

void add_tuning(std::vector<Item>& items) {
  const auto add = [&](const char* path, Type type, const char* axes, const char* description,
                       Need need = always, Numbers numbers = finite, double min = -infinity,
                       double max = infinity) {
    items.push_back({"tuning", path, type, axes, "1", description, need, numbers, min, max});
  };
  add("/network", Type::text, "", "the network in one line");
  add("/dataset", Type::text, "", "the data set in one line");
  add("/task", Type::text, "", "classify, regress, reconstruct or generate");
  add("/criterion", Type::text, "",
      "by which number settings are chosen: mean, quantile=Q, worst or yield=T");
  add("/options", Type::text, "/option", "names of the options that were searched");
  add("/ranges", Type::text, "/option", "the range of each, or its values");
  items.push_back({"tuning", "/axes/<name>", Type::real64, "…", "*",
                   "values of a condition under which all validation chips were evaluated", optional});
  add("/images", Type::count, "", "validation samples in each evaluation");
  const char* trial = "/trial";
  add("/trials/point", Type::count, trial, "which settings: 0 are those of the command line");
  add("/trials/rung", Type::count, trial, "which length, from 0, the shortest");
  add("/trials/seed", Type::count, trial, "of the training");
  add("/trials/length", Type::real64, trial, "its part of a whole training", always, finite, 0, 1);
  add("/trials/gradients", Type::real64, trial,
      "gradient evaluations that it took; a loss evaluation counts a third", always, finite, 0);
  add("/trials/criterion", Type::real64, trial,
      "the number by which settings are chosen, the larger the better; NaN where the training diverged or "
      "signals overflowed",
      always, nan);
  add("/trials/mean", Type::real64, trial,
      "mean score over chips and conditions (of tasks without a score the loss with its sign turned)", always,
      nan);
  add("/trials/designed", Type::real64, trial, "score on the validation samples in the training itself",
      always, nan);
  add("/trials/chip_mean", Type::real64, "/trial,chip", "mean score of each chip over conditions", always,
      nan);
  add("/trials/<option>", Type::text, trial, "value of an option that was searched", optional);
}

std::vector<Item> make_schema() {
  std::vector<Item> items;
  add_common(items);
  add_dataset(items);
  add_device(items);
  add_curves(items);
  add_model(items);
  add_params(items);
  add_result(items);
  add_tuning(items);
  return items;
}

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::size_t a = pattern.find('/', 1), b = path.find('/', 1);
    const std::string_view expected = pattern.substr(0, a), found = path.substr(0, b);
    if (!expected.starts_with("/<") && expected != found) return false;
    pattern.remove_prefix(std::min(a, pattern.size()));
    path.remove_prefix(std::min(b, path.size()));
  }
  return pattern.empty() && path.empty();
}

bool belongs(const Item& item, std::string_view filetype) {
  if (item.filetypes.empty()) return true;
  const std::vector<std::string> types = split(item.filetypes, ',');
  return std::find(types.begin(), types.end(), filetype) != types.end();
}

const char* word(Type type) {
  switch (type) {
    case Type::text:
      return "text";
    case Type::integer:
      return "int32";
    case Type::count:
      return "uint64";
    case Type::real32:
      return "float32";
    case Type::real64:
      return "float64";
    case Type::picture:
      return "uint8 or float32";
  }
  return "";
}

std::string row(const Item& item) {
  std::string axes = item.axes;
  axes.erase(std::remove(axes.begin(), axes.end(), '/'), axes.end());
  std::size_t at = 0;
  while ((at = axes.find(',', at)) != std::string::npos) axes.replace(at, 1, ", "), at += 2;
  std::string range;
  if (item.min > -infinity || item.max < infinity) {
    range = (item.min > -infinity ? format_number(item.min) : "") + " … " +
            (item.max < infinity ? format_number(item.max) : "");
  }
  return "| `" + item.path + "` | " + word(item.type) + " | " + (axes.empty() ? "scalar" : "[" + axes + "]") +
         " | " + (item.units == "*" ? "its own" : item.units) + " | " + range + " | " + item.description +
         (item.need == Need::optional ? " (optional)" : "") + " |\n";
}

}  // namespace

const std::vector<FileType>& file_types() {
  static const std::vector<FileType> types = {
      {"dataset", "Inputs with class numbers, in training, validation and test split.", "pnn-data"},
      {"device", "Virtual chips: what anyone may know of them, and what only they themselves may read.",
       "pnn-fabricate"},
      {"curves", "Measured tuning curves.", "pnn-characterize"},
      {"model", "The imprecise digital twin: fitted or assumed parameters, with uncertainties.", "pnn-fit"},
      {"params", "Trained control and digital parameters, with the history of their training.", "pnn-train"},
      {"result", "Accuracy and loss over methods, perturbations, devices and repeats.",
       "pnn-eval, pnn-transfer or pnn-perturb"},
      {"tuning", "A search for training settings: every training with its settings, cost and score.",
       "pnn-tune"},
  };
  return types;
}

const FileType* find_file_type(std::string_view name) {
  for (const FileType& type : file_types())
    if (type.name == name) return &type;
  return nullptr;
}

const std::vector<Item>& schema() {
  static const std::vector<Item> items = make_schema();
  return items;
}

const Item* find_item(std::string_view filetype, std::string_view path) {
  for (const Item& item : schema())
    if (matches(item.path, path) && belongs(item, filetype)) return &item;
  return nullptr;
}

std::string format_documentation() {
  std::string page =
      "# File formats\n\n"
      "Made by `pnn-info --formats`. Every file is HDF5 (format bounds 1.10), row-major, first index "
      "slowest, and "
      "opens with h5py, MATLAB or h5dump. Every dataset has the attributes `units` and `description`; its "
      "axes are "
      "named by dimension labels and again in the attribute `axes`. Format version ";
  page += std::to_string(format_version.major) + "." + std::to_string(format_version.minor);
  page +=
      ".\n\nRoot attributes: `filetype`, `format_version` (two integers), `creator` (tool and version), "
      "`command` "
      "(tool and effective settings, without paths), `seed`.\n";
  const std::string head =
      "\n| dataset | type | axes | units | range | meaning |\n|---|---|---|---|---|---|\n";
  page += "\n## in every file\n" + head;
  for (const Item& item : schema())
    if (item.filetypes.empty()) page += row(item);
  for (const FileType& type : file_types()) {
    page += "\n## " + type.name + "\n\n" + type.description + " Made by " + type.maker + ".\n" + head;
    for (const Item& item : schema())
      if (!item.filetypes.empty() && belongs(item, type.name)) page += row(item);
  }
  return page;
}

}  // namespace pnn::io
