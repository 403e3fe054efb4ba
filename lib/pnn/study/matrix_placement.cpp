#include "pnn/study/matrix_placement.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/layer_text.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::study {
namespace {

using network::DigitalLayer;
using network::DigitalNetwork;

constexpr Index most_lessons = 2000, batch = 250;
constexpr double clipped_beyond = 0.01;

/// A platform and what its user says of its layers.
struct Goal {
  const platform::Platform& platform;
  std::string keys;
};

Goal goal_of(const std::string& onto) {
  const std::string word = onto.substr(0, onto.find(':'));
  const platform::Platform* found = platform::find_platform(word);
  std::vector<std::string> words;
  for (const platform::Platform* platform : platform::registry())
    if (!platform->matrix_keys(1, 1).empty()) words.push_back(platform->word());
  if (found == nullptr || found->matrix_keys(1, 1).empty())
    throw UsageError("--onto: " + (found == nullptr
                                       ? expected_one_of(words, word)
                                       : word + " has no layer that takes a given matrix; those that do: " +
                                             join(words, ", ")));
  return {*found, word.size() < onto.size() ? onto.substr(word.size() + 1) : ""};
}

/// "a=1,b=2" with the values of another such text in place of its own, and behind it what is new there.
std::string merged(const std::string& own, const std::string& others) {
  std::vector<std::string> parts = split(own, ',');
  if (others.empty()) return own;
  for (const std::string& part : split(others, ',')) {
    const std::string key = part.substr(0, part.find('=') + 1);
    const auto same = std::find_if(parts.begin(), parts.end(),
                                   [&](const std::string& p) { return !key.empty() && p.starts_with(key); });
    if (same == parts.end()) {
      parts.push_back(part);
    } else {
      *same = part;
    }
  }
  return join(parts, ",");
}

/// The part of a network whose rest is not there yet: without what is saved for sums behind it.
network::NetworkSpec part_of(network::NetworkSpec spec) {
  const auto adds = [&](const std::string& saved) {
    const std::string add = "add:" + saved.substr(std::string("save:").size());
    return std::any_of(spec.layers.begin(), spec.layers.end(),
                       [&](const std::string& text) { return text.substr(0, text.find(',')) == add; });
  };
  std::erase_if(spec.layers,
                [&](const std::string& text) { return text.starts_with("save:") && !adds(text); });
  return spec;
}

/// The text of a physical layer in place of a digital one; empty if the platform has none.
std::string text_on(const Goal& goal, const network::Layer& layer) {
  const bool patches = layer.kind == network::Kind::conv;
  if (patches && !goal.platform.convolves()) return {};
  std::string keys = goal.platform.matrix_keys(layer.matrix_rows, layer.matrix_cols);
  if (keys.empty()) return {};
  if (patches) keys += ",kernel=" + std::to_string(layer.kernel);
  if (patches && layer.pad > 0) keys += ",pad=" + std::to_string(layer.pad);
  if (patches && layer.stride > 1) keys += ",stride=" + std::to_string(layer.stride);
  return goal.platform.word() + (patches ? "-conv:" : ":") + merged(keys, goal.keys);
}

std::optional<std::string> why_not(const Goal& goal, const network::Layer& layer,
                                   const network::NetworkSpec& before, const platform::Process& process) {
  const std::string text = text_on(goal, layer);
  if (text.empty())
    return goal.platform.word() + " has no layer for " +
           (layer.kind == network::Kind::conv ? "convolutions"
                                              : "a matrix of " + std::to_string(layer.matrix_rows) + "x" +
                                                    std::to_string(layer.matrix_cols));
  if (layer.groups() > 1)
    return goal.platform.word() + " has no convolution with groups=" + std::to_string(layer.groups());
  network::NetworkSpec spec = before;
  spec.layers.push_back(text);
  try {
    network::resolve(part_of(spec), process);
  } catch (const UsageError& error) {
    return error.what();
  }
  return std::nullopt;
}

const Array<float>* find(const DigitalLayer& layer, const char* name) {
  for (const network::NamedValues& values : layer.values)
    if (values.name == name) return &values.values;
  return nullptr;
}

bool has_bias(const DigitalLayer& layer) {
  const Array<float>* bias = find(layer, "bias");
  return bias != nullptr && std::any_of(bias->data.begin(), bias->data.end(), [](float b) { return b != 0; });
}

/// The numbers of a network as a pass reads them.
struct Flat {
  std::vector<float> digital, state;
};
Flat flat_of(const DigitalNetwork& digital, const network::Resolved& network, const std::string& where) {
  const Index trained = network::digital_layout(network).trained_size;
  Flat flat;
  for (const network::NamedValues& values : network::segments_of(digital, where)) {
    std::vector<float>& to = Index(flat.digital.size()) < trained ? flat.digital : flat.state;
    to.insert(to.end(), values.values.data.begin(), values.values.data.end());
  }
  return flat;
}

/// A batchnorm behind this network that changes nothing, with the statistics of its outputs.
DigitalLayer neutral_batchnorm(DigitalNetwork digital, const network::SplitView& lessons,
                               const std::string& where) {
  const network::NetworkSpec part = part_of(digital.spec());
  std::erase_if(digital.layers, [&](const DigitalLayer& layer) {
    return std::find(part.layers.begin(), part.layers.end(), layer.text) == part.layers.end();
  });
  const network::Resolved network = network::resolve(part, {});
  Flat flat = flat_of(digital, network, where);
  const network::Shape out = network.output();
  const auto channels = std::size_t(out.channels);
  const Index positions = out.height * out.width, samples = std::min(lessons.size(), most_lessons);
  std::vector<double> sum(channels), squares(channels);
  network::Pass<float> pass(network, batch);
  for (Index begin = 0; begin < samples; begin += batch) {
    const Index count = std::min(batch, samples - begin);
    const ConstMatrixView<float> x(lessons.x.data() + begin * lessons.x.cols(), count, lessons.x.cols());
    const ConstMatrixView<float> y =
        pass.forward(x, {{}, flat.digital, flat.state}, network::Statistics::running);
    for (Index n = 0; n < count; ++n) {
      for (Index k = 0; k < y.cols(); ++k) {
        const double value = y(n, k);
        sum[std::size_t(k / positions)] += value;
        squares[std::size_t(k / positions)] += value * value;
      }
    }
  }
  std::vector<double> mean(channels), variance(channels), deviation(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const double count = double(samples * positions);
    mean[c] = sum[c] / count;
    variance[c] = std::max(0.0, squares[c] / count - mean[c] * mean[c]);
    deviation[c] = std::sqrt(variance[c] + network::batchnorm_epsilon);
  }
  return network::batchnorm_layer({deviation, mean}, mean, variance, network::batchnorm_epsilon,
                                  "bias of " + digital.layers.back().origin);
}

/// The digital network, with a batchnorm for each bias that has no other place, and the same with physical
/// layers.
struct Plan {
  DigitalNetwork source;
  network::NetworkSpec target;
  std::vector<std::size_t> placed;  ///< layers of `source` that are physical in `target`
  std::vector<std::string> notes;
};

Plan plan_for(const DigitalNetwork& digital, const Goal& goal, const platform::Process& process,
              const network::SplitView& lessons, const std::string& where) {
  const network::Resolved network = network::resolve(digital.spec(), {});
  Plan plan{{digital.inputs, {}}, {digital.inputs, {}}, {}, {}};
  const std::vector<const network::Layer*> layers = network::layers_of(digital.spec(), network);
  const auto is = [&](std::size_t k, network::Kind kind) {
    return k < layers.size() && layers[k] != nullptr && layers[k]->kind == kind;
  };
  std::string reason;
  for (std::size_t k = 0; k < digital.layers.size(); ++k) {
    const DigitalLayer& layer = digital.layers[k];
    plan.source.layers.push_back(layer);
    plan.target.layers.push_back(layer.text);
    if (layers[k] == nullptr || !network::is_digital_matrix(layers[k]->kind)) continue;
    plan.target.layers.pop_back();
    const std::optional<std::string> no = why_not(goal, *layers[k], plan.target, process);
    plan.target.layers.push_back(no ? layer.text : text_on(goal, *layers[k]));
    if (no) {
      if (reason.empty()) reason = *no;
      plan.notes.push_back(layers[k]->name + " stays digital: " + *no);
      continue;
    }
    plan.placed.push_back(plan.source.layers.size() - 1);
    // what is saved directly behind a matrix is saved with its scale taken back
    const bool saved = k + 1 < layers.size() && layers[k + 1] == nullptr;
    if (is(k + 1, network::Kind::batchnorm) || (!has_bias(layer) && !saved)) continue;
    plan.source.layers.push_back(neutral_batchnorm(plan.source, lessons, where));
    plan.target.layers.emplace_back("batchnorm");
  }
  if (plan.placed.empty())
    throw UsageError("--onto " + goal.platform.word() + ": no matrix of " + where +
                     " can be placed: " + reason);
  return plan;
}

/// The factor of the outputs of physical layer `k` that the layer behind takes back.
double scale_behind(const network::Resolved& network, std::size_t k, const train::Params& params,
                    const DigitalNetwork& source, std::size_t digital) {
  const auto values = [&](const std::string& name) -> const std::vector<float>& {
    const train::Tensor* found = train::find(params.digital, name);
    require(found != nullptr, "a layer behind a physical one has its numbers");
    return found->values.data;
  };
  do ++k;
  while (network.layers[k].kind == network::Kind::keep);
  const network::Layer& behind = network.layers[k];
  if (behind.kind == network::Kind::gain) return 1 / double(values(behind.name + "/gain").front());
  const std::vector<float>&after = values(behind.name + "/variance"),
        &before = find(source.layers[digital + 1], "variance")->data;
  const auto widest = std::size_t(std::max_element(before.begin(), before.end()) - before.begin());
  return before[widest] > 0 ? std::sqrt(double(after[widest]) / double(before[widest])) : 1;
}

/// Compares what signals find with the digital matrix.
void compare(const platform::LayerPlan& plan, ConstMatrixView<float> stored, const Array<float>& digital,
             PlacedMatrix& placed) {
  const auto rows = Index(digital.dim(0)), cols = Index(digital.stride());
  float largest = 0;
  for (const float w : digital.data) largest = std::max(largest, std::abs(w));
  placed.weights = rows * cols;
  for (Index begin = 0; begin < cols; begin += batch) {
    const Index count = std::min(batch, cols - begin);
    Matrix<float> in = Matrix<float>::Zero(count, plan.inputs()), out(count, plan.outputs());
    for (Index n = 0; n < count; ++n) in(n, begin + n) = 1;
    plan.transmit(stored, view(std::as_const(in)), view(out));
    for (Index n = 0; n < count; ++n) {
      for (Index row = 0; row < rows; ++row) {
        const double error = std::abs(double(out(n, row)) / placed.scale -
                                      double(digital.data[std::size_t(row * cols + begin + n)])) /
                             (largest > 0 ? double(largest) : 1.0);
        placed.clipped += error > clipped_beyond ? 1 : 0;
        placed.largest_error = std::max(placed.largest_error, error);
      }
    }
  }
}

}  // namespace

train::Params params_of(const DigitalNetwork& digital, network::Task task, const std::string& where) {
  train::Params params;
  params.network = network::resolve(digital.spec(), {}).spec;
  params.method = params.label = "imported";
  params.task = task;
  params.optimizer.finished = true;
  for (network::NamedValues& values : network::segments_of(digital, where))
    params.digital.push_back({values.name, "1", "", std::move(values.values)});
  const network::DigitalLayout layout = network::digital_layout(network::resolve(params.network, {}));
  std::size_t k = 0;
  for (const auto* segments : {&layout.trained, &layout.state})
    for (const network::Segment& segment : *segments) params.digital[k++].description = segment.description;
  return params;
}

PlacedNetwork place_matrices(const DigitalNetwork& digital, const std::string& onto,
                             const platform::Process& process, const network::SplitView& lessons,
                             network::Task task, const std::string& where) {
  const Goal goal = goal_of(onto);
  Plan plan = plan_for(digital, goal, process, lessons, where);
  PlacedNetwork made;
  made.network = network::resolve(plan.target, process);
  made.notes = std::move(plan.notes);
  const std::vector<platform::AnyPlan> plans = made.network.plans();
  const model::Model model = model::nominal_model(plans, process);
  train::Objective<float> objective(made.network, model::make_maps<float>(model, 0), task, 1);
  train::Start start = train::start_from(params_of(plan.source, task, where), made.network, objective,
                                         process, {}, made.notes);
  platform::project(start.controls, model::control_bounds(model, 0), plans);
  const auto controls = platform::by_layer(plans, std::span<const float>(start.controls));
  std::vector<Matrix<float>> weights;
  for (std::size_t k = 0; k < plans.size(); ++k) {
    auto& map = objective.map(k);
    map.evaluate({controls[k], {}, 0}, view(weights.emplace_back(map.rows(), map.cols())));
  }
  made.params.network = made.network.spec;
  made.params.process = process;
  made.params.method = made.params.label = "imported";
  made.params.task = task;
  made.params.optimizer.finished = true;
  train::write_flat(start, weights, made.network, made.params);
  for (std::size_t k = 0; k < made.network.layers.size(); ++k) {
    const network::Layer& layer = made.network.layers[k];
    if (layer.physical < 0) continue;
    const auto physical = std::size_t(layer.physical);
    const std::size_t from = plan.placed[physical];
    PlacedMatrix placed{layer.name, plan.target.layers[from], plan.source.layers[from].origin};
    placed.scale = scale_behind(made.network, k, made.params, plan.source, from);
    compare(plans[physical], view(std::as_const(weights[physical])),
            *find(plan.source.layers[from], "weight"), placed);
    made.matrices.push_back(std::move(placed));
  }
  return made;
}

}  // namespace pnn::study
