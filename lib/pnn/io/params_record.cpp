#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/text.hpp"
#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::io {
namespace {

struct HistoryField {
  const char* name;
  std::vector<double> train::History::*values;
};
constexpr HistoryField history_fields[] = {
    {"epoch", &train::History::epoch},
    {"loss", &train::History::loss},
    {"train_", &train::History::train_score},
    {"validation_", &train::History::validation_score},
    {"test_", &train::History::test_score},
    {"gradients", &train::History::gradients},
    {"device_calls", &train::History::device_calls},
    {"rms_control", &train::History::rms_control},
    {"never_predicted", &train::History::never_predicted},
};

/// Its path; an error stands under the name of an accuracy, as in the first files of autoencoders.
std::string path_of(const HistoryField& field, network::Task task) {
  const network::TaskTraits& traits = network::traits_of(task);
  const std::string name = field.name;
  return "/history/" + name + (name.ends_with('_') ? (traits.scored ? traits.metric.name : "accuracy") : "");
}

struct Counter {
  const char* name;
  std::uint64_t train::OptimizerState::*value;
};
constexpr Counter counters[] = {
    {"step", &train::OptimizerState::step},
    {"gradients", &train::OptimizerState::gradients},
    {"evaluations", &train::OptimizerState::evaluations},
    {"device_calls", &train::OptimizerState::device_calls},
    {"epoch_correct", &train::OptimizerState::epoch_correct},
    {"epoch_samples", &train::OptimizerState::epoch_samples},
};

struct Spent {
  const char* name;
  double train::OptimizerState::*value;
};
constexpr Spent times[] = {{"seconds", &train::OptimizerState::seconds},
                           {"processor_seconds", &train::OptimizerState::processor_seconds}};

std::vector<std::string> axes_of(std::size_t rank) {
  switch (rank) {
    case 1:
      return {"value"};
    case 2:
      return {"out", "in"};
    case 3:
      return {"part", "out", "in"};
    case 4:
      return {"out", "channel", "row", "column"};
    default:
      return {};
  }
}

/// The unit of all controls together; "mixed" where layers differ.
std::string unit_of(const std::vector<train::Tensor>& controls) {
  const auto other = [&](const train::Tensor& t) { return t.unit != controls.front().unit; };
  if (controls.empty()) return "1";
  return std::any_of(controls.begin(), controls.end(), other) ? "mixed" : controls.front().unit;
}

/// Tensors of physical layers, with the names of their axes.
void write_layers(Writer& out, const std::string& group, const std::vector<train::Tensor>& tensors,
                  const std::vector<platform::AnyPlan>& plans,
                  platform::Port (platform::LayerPlan::*port)() const) {
  out.group(group);
  for (const train::Tensor& t : tensors) {
    const auto plan = std::find_if(plans.begin(), plans.end(),
                                   [&](const platform::LayerPlan& p) { return p.name() == t.name; });
    out.array(group + "/" + t.name, t.values,
              {t.unit, t.description,
               plan != plans.end() ? ((**plan).*port)().axes : axes_of(t.values.shape.size())});
  }
}

/// Tensors of a group's groups ("batchnorm1/scale"), each group whole before the next: the order in which
/// read_tensors returns them, so that what was read is written as the same bytes.
void write_tensors(Writer& out, const std::string& group, std::vector<train::Tensor> tensors) {
  out.group(group);
  const auto group_of = [](const train::Tensor& t) { return t.name.substr(0, t.name.find('/')); };
  for (auto next = tensors.begin(); next != tensors.end();) {
    const std::string whole = group_of(*next);
    const auto rest = std::stable_partition(next, tensors.end(),
                                            [&](const train::Tensor& t) { return group_of(t) == whole; });
    for (; next != rest; ++next)
      out.array(group + "/" + next->name, next->values,
                {next->unit, next->description, axes_of(next->values.shape.size())});
  }
}

train::Tensor read_tensor(Reader& in, const std::string& path, const std::string& name) {
  return {name, in.attribute(path, "units"), in.attribute(path, "description"), in.array<float>(path)};
}

/// Tensors of a group, or of its groups ("batchnorm1/scale"), in the order of their making.
std::vector<train::Tensor> read_tensors(Reader& in, const std::string& group, bool nested) {
  std::vector<train::Tensor> tensors;
  for (const h5::Member& member : in.members(group)) {
    const std::string path = group + "/" + member.name;
    if (member.is_dataset && !nested) tensors.push_back(read_tensor(in, path, member.name));
    if (!member.is_group || !nested) continue;
    for (const h5::Member& inner : in.members(path)) {
      if (inner.is_dataset)
        tensors.push_back(read_tensor(in, path + "/" + inner.name, member.name + "/" + inner.name));
    }
  }
  return tensors;
}

constexpr float no_bound = std::numeric_limits<float>::infinity();

/// Bounds of the layers that have any, without a bound as NaN.
void write_bounds(Writer& out, const train::Params& params, const std::vector<platform::AnyPlan>& plans) {
  for (std::size_t layer = 0; layer < params.bounds.size(); ++layer) {
    const platform::ControlBounds& own = params.bounds[layer];
    if (own.empty()) continue;
    Array<float> ends({own.lower.size(), 2});
    for (std::size_t k = 0; k < own.lower.size(); ++k) {
      for (const auto& [end, value] : {std::pair(0, own.lower[k]), std::pair(1, own.upper[k])})
        ends.data[2 * k + std::size_t(end)] =
            std::isfinite(value) ? value : std::numeric_limits<float>::quiet_NaN();
    }
    out.array("/bounds/" + plans[layer]->name(), ends,
              {plans[layer]->controls_port().unit, "", {"control", "end"}});
  }
  if (!params.fixed.empty()) out.texts("/fixed", params.fixed);
}

void read_bounds(Reader& in, train::Params& params, const std::vector<platform::AnyPlan>& plans) {
  params.fixed = in.texts("/fixed");
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const Array<float> ends = in.array<float>("/bounds/" + plans[layer]->name());
    if (ends.data.empty()) continue;
    const std::vector<std::size_t> expected{std::size_t(plans[layer]->controls()), 2};
    if (ends.shape != expected) {
      in.complain("/bounds/" + plans[layer]->name() + ": expected shape " + shape_text(expected) +
                  ", found " + shape_text(ends.shape));
      continue;
    }
    params.bounds.resize(plans.size());
    platform::ControlBounds& own = params.bounds[layer];
    for (std::size_t k = 0; k < expected[0]; ++k) {
      const float lower = ends.data[2 * k], upper = ends.data[2 * k + 1];
      own.lower.push_back(std::isnan(lower) ? -no_bound : lower);
      own.upper.push_back(std::isnan(upper) ? no_bound : upper);
      if (!(own.lower.back() <= own.upper.back())) {
        in.complain("/bounds/" + plans[layer]->name() + ": expected the lower end first");
        break;
      }
    }
  }
}

/// Every physical layer has its controls, of its matrix's shape.
void check_controls(Reader& in, const train::Params& params, const std::vector<platform::AnyPlan>& plans) {
  struct Part {
    const char* group;
    const std::vector<train::Tensor>& list;
    std::vector<std::size_t> expected;
  };
  for (const platform::LayerPlan& plan : plans) {
    for (const auto& [group, list, expected] :
         {Part{"/controls/", params.controls, plan.controls_port().shape},
          Part{"/weights/", params.weights, plan.weights_port().shape}}) {
      const auto found = std::find_if(list.begin(), list.end(),
                                      [&](const train::Tensor& t) { return t.name == plan.name(); });
      const std::string path = group + plan.name();
      if (found == list.end()) {
        in.complain(path + " is missing");
      } else if (found->values.shape != expected) {
        in.complain(path + ": expected shape " + shape_text(expected) + ", found " +
                    shape_text(found->values.shape));
      }
    }
  }
}

}  // namespace

void write_params(const std::string& path, const train::Params& params, const Provenance& header) {
  write_record(path, "params", header, [&](Writer& out) {
    write_network(out, params.network);
    write_process(out, params.process, params.network);
    out.text("/method", params.method);
    out.text("/label", params.label);
    out.text("/task", word_of(params.task));
    write_targets(out, params.targets);
    if (!params.sampled_around.empty()) out.text("/sampled_around", params.sampled_around);
    const std::vector<platform::AnyPlan> plans = plans_of(params.network, params.process);
    write_layers(out, "/controls", params.controls, plans, &platform::LayerPlan::controls_port);
    write_bounds(out, params, plans);
    write_tensors(out, "/digital", params.digital);
    write_layers(out, "/weights", params.weights, plans, &platform::LayerPlan::weights_port);
    out.group("/history");
    for (const HistoryField& field : history_fields) {
      const std::vector<double>& values = params.history.*(field.values);
      if (!values.empty())
        out.vector(path_of(field, params.task), values, {unit_of(params.controls), "", {}});
    }
    const std::string optimizer = "/optimizer/";
    for (const Counter& counter : counters)
      out.count(optimizer + counter.name, params.optimizer.*(counter.value));
    out.number(optimizer + "epoch_loss", params.optimizer.epoch_loss);
    for (const Spent& spent : times)
      if (params.optimizer.*(spent.value) > 0)
        out.number(optimizer + spent.name, params.optimizer.*(spent.value));
    out.count(optimizer + "finished", params.optimizer.finished ? 1 : 0);
    write_tensors(out, optimizer + "moments", params.optimizer.moments);
  });
}

Read<train::Params> read_params(const std::string& path) {
  return read_record<Read<train::Params>>(path, "params", [](Reader& in) {
    train::Params params;
    params.network = read_network(in);
    params.process = read_process(in, params.network);
    params.method = in.text("/method");
    params.label = in.text("/label");
    params.task = in.word<network::Task>("/task");
    params.targets = read_targets(in);
    if (in.has("/sampled_around")) params.sampled_around = in.text("/sampled_around");
    params.controls = read_tensors(in, "/controls", false);
    params.digital = read_tensors(in, "/digital", true);
    params.weights = read_tensors(in, "/weights", false);
    for (const HistoryField& field : history_fields)
      params.history.*(field.values) = in.vector<double>(path_of(field, params.task));
    const std::string optimizer = "/optimizer/";
    for (const Counter& counter : counters)
      params.optimizer.*(counter.value) = in.count(optimizer + counter.name);
    params.optimizer.epoch_loss = in.number(optimizer + "epoch_loss");
    for (const Spent& spent : times)
      if (in.has(optimizer + spent.name)) params.optimizer.*(spent.value) = in.number(optimizer + spent.name);
    params.optimizer.finished = in.count(optimizer + "finished") != 0;
    params.optimizer.moments = read_tensors(in, optimizer + "moments", true);
    const std::vector<platform::AnyPlan> plans = read_plans(in, params.network, params.process);
    read_bounds(in, params, plans);
    check_controls(in, params, plans);
    return params;
  });
}

}  // namespace pnn::io
