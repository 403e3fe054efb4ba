#include <algorithm>
#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::io {
namespace {

/// The numbers of a yield, by their paths, with the size of their middle axis.
struct YieldNumbers {
  const char* path;
  Array<double> study::Yield::*numbers;
  enum { level, quantile, none } along;
};
constexpr YieldNumbers yield_numbers[] = {
    {"/yield/share", &study::Yield::share, YieldNumbers::level},
    {"/yield/share_low", &study::Yield::share_low, YieldNumbers::level},
    {"/yield/share_high", &study::Yield::share_high, YieldNumbers::level},
    {"/yield/at_least", &study::Yield::at_least, YieldNumbers::level},
    {"/yield/quantile", &study::Yield::quantile, YieldNumbers::quantile},
    {"/yield/quantile_low", &study::Yield::quantile_low, YieldNumbers::quantile},
    {"/yield/quantile_high", &study::Yield::quantile_high, YieldNumbers::quantile},
    {"/yield/worst_tenth", &study::Yield::worst_tenth, YieldNumbers::none},
    {"/yield/worst", &study::Yield::worst, YieldNumbers::none}};

std::vector<std::size_t> expected_shape(const study::Result& result) {
  std::vector<std::size_t> shape{result.methods.size()};
  for (const study::Axis& axis : result.axes) shape.push_back(axis.values.size());
  shape.insert(shape.end(), {result.devices.size(), result.repeats});
  return shape;
}

/// "/accuracy"; of a task whose score is its loss the name of an array that is not written.
std::string score_path(network::Task task) {
  return std::string("/") + network::traits_of(task).metric.name;
}

void read_axes(Reader& in, study::Result& result) {
  for (const h5::Member& member : in.members("/axes")) {
    const std::string path = "/axes/" + member.name;
    const Array<double> values = in.array<double>(path);
    if (values.shape.size() != 1)
      in.complain(path + ": expected a list of values, found shape " + shape_text(values.shape));
    result.axes.push_back(
        {member.name, in.attribute(path, "units"), in.attribute(path, "description"), values.data});
  }
}

void read_histograms(Reader& in, study::Result& result) {
  for (const h5::Member& member : in.members("/histograms")) {
    const std::string group = "/histograms/" + member.name;
    study::Histogram h{member.name, in.attribute(group + "/edges", "units"),
                       in.attribute(group + "/edges", "description"), in.vector<double>(group + "/edges"),
                       in.array<double>(group + "/counts")};
    if (h.edges.size() < 2 || h.counts.shape != std::vector{result.methods.size(), h.edges.size() - 1}) {
      in.complain(group + ": expected a count for every method and bin, found shape " +
                  shape_text(h.counts.shape) + " with " + std::to_string(h.edges.size()) + " edges");
    }
    result.histograms.push_back(std::move(h));
  }
}

/// An evaluation has its numbers, or none of them: it was not made, or says that they were not finite.
void check_numbers(Reader& in, const study::Result& result) {
  const auto known = [](const Array<double>& values, std::size_t k) {
    return k < values.data.size() && !std::isnan(values.data[k]);
  };
  for (std::size_t k = 0; k < result.loss.size(); ++k) {
    const bool overflowed = k < result.overflowed.size() && result.overflowed.data[k] > 0;
    if (known(result.loss, k) && !overflowed) continue;
    if (known(result.loss, k) || known(result.score, k) || known(result.frechet, k))
      return in.complain("/loss: evaluation " + std::to_string(k) +
                         (overflowed ? " has numbers, and /overflowed says that they were not finite"
                                     : " has none, though it has other numbers: it was not finite"));
  }
}

void check_result(Reader& in, const study::Result& result) {
  const std::vector<std::size_t> shape = expected_shape(result);
  const std::string score = score_path(result.task);
  for (const auto& [path, values] : {std::pair{score.c_str(), &result.score},
                                     {"/loss", &result.loss},
                                     {"/frechet", &result.frechet},
                                     {"/diverged", &result.diverged},
                                     {"/spent_samples", &result.spent_samples},
                                     {"/spent_calls", &result.spent_calls},
                                     {"/adjusted", &result.adjusted},
                                     {"/overflowed", &result.overflowed},
                                     {"/power_mean", &result.power_mean_mw},
                                     {"/power_largest", &result.power_largest_mw},
                                     {"/energy", &result.energy_uj}}) {
    const bool of_methods = values->shape.size() == 1;  // heaters' numbers of files before 1.3
    if (!values->shape.empty() && !of_methods && values->shape != shape) {
      in.complain(std::string(path) + ": expected shape " + shape_text(shape) +
                  " as methods, axes, devices and repeats say, found " + shape_text(values->shape));
    }
  }
  std::vector<std::size_t> of_targets = shape;
  of_targets.push_back(result.targets.size());
  if (!result.rms_error.shape.empty() && result.rms_error.shape != of_targets)
    in.complain("/rms_error: expected shape " + shape_text(of_targets) +
                " as methods, axes, devices, repeats and targets say, found " +
                shape_text(result.rms_error.shape));
  check_numbers(in, result);
  if (!result.outputs.shape.empty()) {
    const std::vector<std::size_t>& found = result.outputs.shape;
    if (found.size() != shape.size() + 2 || !std::equal(shape.begin(), shape.end(), found.begin())) {
      in.complain("/outputs: expected shape " + shape_text(shape) +
                  ", then samples and outputs, as methods, axes, devices and repeats say, found " +
                  shape_text(found));
    }
    if (result.pictures.shape.empty())
      in.complain("/pictures: missing; outputs are compared with the pictures of the data set");
  }
  for (const Array<double>* cost : {&result.spent_samples, &result.spent_calls, &result.adjusted})
    if (cost->data.empty() != result.deployments.empty())
      return in.complain(
          "/deployments: stand beside what they cost (/spent_samples, /spent_calls, /adjusted)");
  if (result.shard >= result.shards)
    in.complain("/shard: expected less than " + std::to_string(result.shards) + ", found " +
                std::to_string(result.shard));
}

void write_yield(Writer& out, const study::Yield& yield) {
  if (yield.levels.empty()) return;
  out.vector("/yield/level", yield.levels);
  out.number("/yield/confidence", yield.confidence);
  if (yield.conditions.empty()) return;
  out.texts("/yield/condition", yield.conditions);
  out.vector("/yield/probability", yield.probabilities);
  for (const YieldNumbers& n : yield_numbers) out.array(n.path, yield.*n.numbers);
}

void read_yield(Reader& in, std::size_t methods, study::Yield& yield) {
  yield.levels = in.vector<double>("/yield/level");
  if (yield.levels.empty()) return;
  yield.confidence = in.number("/yield/confidence");
  yield.conditions = in.texts("/yield/condition");
  if (yield.conditions.empty()) return;
  yield.probabilities = in.vector<double>("/yield/probability");
  for (const YieldNumbers& n : yield_numbers) {
    yield.*n.numbers = in.array<double>(n.path);
    std::vector<std::size_t> expected{methods};
    if (n.along == YieldNumbers::level) expected.push_back(yield.levels.size());
    if (n.along == YieldNumbers::quantile) expected.push_back(yield.probabilities.size());
    expected.push_back(yield.conditions.size());
    const std::vector<std::size_t>& found = (yield.*n.numbers).shape;
    if (found != expected)
      in.complain(std::string(n.path) + ": expected shape " + shape_text(expected) +
                  " as methods, levels or quantiles, and conditions say, found " + shape_text(found));
  }
}

}  // namespace

void write_result(const std::string& path, const study::Result& result, const Provenance& header) {
  write_record(path, "result", header, [&](Writer& out) {
    out.text("/tool", result.tool);
    out.text("/task", word_of(result.task));
    out.text("/network", result.network);
    out.text("/dataset", result.dataset);
    out.texts("/methods", result.methods);
    if (!result.deployments.empty()) out.texts("/deployments", result.deployments);
    out.group("/axes");
    std::vector<std::string> axes{"method"};
    for (const study::Axis& axis : result.axes) {
      out.vector("/axes/" + axis.name, axis.values, {axis.unit, axis.description, {axis.name}});
      axes.push_back(axis.name);
    }
    axes.insert(axes.end(), {"device", "repeat"});
    out.texts("/devices", result.devices);
    out.count("/repeats", result.repeats);
    if (network::traits_of(result.task).scored && !result.score.data.empty())
      out.array(score_path(result.task), result.score, {"", "", axes});
    out.array("/loss", result.loss, {"", "", axes});
    if (!result.frechet.data.empty()) out.array("/frechet", result.frechet, {"", "", axes});
    if (!result.diverged.data.empty()) out.array("/diverged", result.diverged, {"", "", axes});
    if (!result.spent_samples.data.empty()) {
      out.array("/spent_samples", result.spent_samples, {"", "", axes});
      out.array("/spent_calls", result.spent_calls, {"", "", axes});
      out.array("/adjusted", result.adjusted, {"", "", axes});
    }
    if (!result.overflowed.data.empty()) out.array("/overflowed", result.overflowed, {"", "", axes});
    if (!result.outputs.data.empty()) {
      std::vector<std::string> output_axes = axes;
      output_axes.insert(output_axes.end(), {"sample", "output"});
      out.array("/outputs", result.outputs, {"", "", output_axes});
      out.array("/pictures", result.pictures);
      if (!result.wanted.data.empty()) out.array("/wanted", result.wanted, {"", "", {"sample", "target"}});
    }
    if (!result.targets.empty()) out.texts("/targets", result.targets);
    if (!result.rms_error.data.empty()) {
      std::vector<std::string> target_axes = axes;
      target_axes.emplace_back("target");
      out.array("/rms_error", result.rms_error, {"", "", target_axes});
    }
    if (!result.classes.empty()) out.texts("/classes", result.classes);
    if (!result.confusion.data.empty()) out.array("/confusion", result.confusion);
    if (!result.power_mean_mw.data.empty()) {
      const std::vector<std::string> heater_axes =
          result.power_mean_mw.shape.size() == 1 ? std::vector<std::string>{"method"} : axes;
      out.array("/power_mean", result.power_mean_mw, {"", "", heater_axes});
      out.array("/power_largest", result.power_largest_mw, {"", "", heater_axes});
      out.array("/energy", result.energy_uj, {"", "", heater_axes});
    }
    if (!result.eigenvalues.data.empty())
      out.array("/eigenvalues", result.eigenvalues, {"1/unit^2", "", {"method", "order"}});
    if (!result.trace.data.empty()) out.array("/trace", result.trace, {"1/unit^2", "", {"method", "probe"}});
    for (const study::Histogram& h : result.histograms) {
      const std::string group = "/histograms/" + h.name;
      out.vector(group + "/edges", h.edges, {h.unit, h.description, {"edge"}});
      out.array(group + "/counts", h.counts, {"", "", {"method", "bin"}});
    }
    write_yield(out, result.yield);
    out.count("/images", result.images);
    out.count("/shard", result.shard);
    out.count("/shards", result.shards);
  });
}

Read<study::Result> read_result(const std::string& path) {
  return read_record<Read<study::Result>>(path, "result", [](Reader& in) {
    study::Result result;
    result.tool = in.text("/tool");
    if (in.has("/task")) result.task = in.word<network::Task>("/task");
    result.network = in.text("/network");
    result.dataset = in.text("/dataset");
    result.methods = in.texts("/methods");
    result.deployments = in.texts("/deployments");
    read_axes(in, result);
    result.devices = in.texts("/devices");
    result.repeats = in.count("/repeats");
    if (!in.has("/task") && !in.has("/accuracy")) result.task = network::Task::reconstruct;  // a file of 1.0
    if (network::traits_of(result.task).scored) result.score = in.array<double>(score_path(result.task));
    result.loss = in.array<double>("/loss");
    result.targets = in.texts("/targets");
    result.rms_error = in.array<double>("/rms_error");
    result.wanted = in.array<float>("/wanted");
    result.frechet = in.array<double>("/frechet");
    result.diverged = in.array<double>("/diverged");
    result.spent_samples = in.array<double>("/spent_samples");
    result.spent_calls = in.array<double>("/spent_calls");
    result.adjusted = in.array<double>("/adjusted");
    result.overflowed = in.array<double>("/overflowed");
    result.outputs = in.array<float>("/outputs");
    result.pictures = in.array<float>("/pictures");
    result.classes = in.texts("/classes");
    result.confusion = in.array<double>("/confusion");
    result.power_mean_mw = in.array<double>("/power_mean");
    result.power_largest_mw = in.array<double>("/power_largest");
    result.energy_uj = in.array<double>("/energy");
    result.eigenvalues = in.array<double>("/eigenvalues");
    result.trace = in.array<double>("/trace");
    read_histograms(in, result);
    read_yield(in, result.methods.size(), result.yield);
    result.images = in.count("/images");
    result.shard = in.count("/shard");
    result.shards = in.count("/shards");
    if (in.sound()) check_result(in, result);
    return result;
  });
}

std::string filetype_of(const std::string& path) {
  return Reader(path, "").filetype();
}

}  // namespace pnn::io
