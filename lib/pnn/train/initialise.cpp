#include "pnn/train/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::train {
namespace {

/// Copies segments that exist under the same name and size in `from`; names of those that do not.
void copy_segments(const std::vector<network::Segment>& segments, const std::vector<Tensor>& from,
                   std::vector<float>& to, std::vector<std::string>& missing) {
  for (const network::Segment& segment : segments) {
    const Tensor* tensor = find(from, segment.name);
    if (tensor == nullptr || Index(tensor->values.size()) != segment.size) {
      missing.push_back(segment.name);
      continue;
    }
    std::copy(tensor->values.data.begin(), tensor->values.data.end(), to.begin() + segment.offset);
  }
}

/// The matrix of layer `layer` of a params file: its digital weights, or what its model made of its controls.
const Tensor* matrix_of(const Params& params, const network::Layer& layer) {
  return layer.physical >= 0 ? find(params.weights, layer.name)
                             : find(params.digital, layer.name + "/weight");
}

/// The layer behind layer `k`, those left out that only choose outputs.
const network::Layer* behind(const network::Resolved& network, std::size_t k) {
  do ++k;
  while (k < network.layers.size() && network.layers[k].kind == network::Kind::keep);
  return k < network.layers.size() ? &network.layers[k] : nullptr;
}

/// Outputs of layer `k` that the network goes on with.
Index kept_outputs(const network::Resolved& network, std::size_t k) {
  const bool keeps = k + 1 < network.layers.size() && network.layers[k + 1].kind == network::Kind::keep;
  return (keeps ? network.layers[k + 1] : network.layers[k]).out.channels;
}

platform::StartSettings start_settings(const TrainSettings& settings) {
  return {settings.start.std, word_of(settings.start.flank)};
}

/// The start from parameters of the same network: all of them as they are, controls moved into the range of
/// this process, which may be tighter than that of the training.
Start same_network(const Params& params, const network::Resolved& network, Objective<float>& objective) {
  Start start;
  start.controls = flat_controls(params, network);
  flat_digital(params, network, start.digital, start.state);
  for (std::size_t layer = 0; layer < objective.layers(); ++layer) {
    const auto& map = objective.map(layer);
    const auto begin = std::size_t(objective.offset(layer)), end = std::size_t(objective.offset(layer + 1));
    platform::project(std::span(start.controls).subspan(begin, end - begin), map.bounds(), map.periodic());
  }
  return start;
}

/// All values of a start, random or zero, of the sizes that the network needs; digital ones initialised.
Start sized_start(const network::Resolved& network, const Objective<float>& objective, std::uint64_t seed) {
  Start start;
  start.controls.resize(std::size_t(objective.control_count()));
  start.digital.resize(std::size_t(objective.digital_count()));
  start.state.resize(std::size_t(objective.state_count()));
  network::initialise_digital(network, seed, start.digital, start.state);
  return start;
}

const network::Segment& segment_of(const std::vector<network::Segment>& segments, const std::string& name) {
  const auto it = std::find_if(segments.begin(), segments.end(),
                               [&](const network::Segment& segment) { return segment.name == name; });
  require(it != segments.end(), "the network has a segment of this name");
  return *it;
}

/// The layers of a network that have a matrix, by their place in it.
std::vector<std::size_t> matrix_layers(const network::Resolved& network) {
  std::vector<std::size_t> places;
  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    if (network.layers[k].matrix_rows > 0) places.push_back(k);
  }
  return places;
}

/// A start from the parameters of another network: matrices by order, everything else by name.
struct Adoption {
  const Params& params;
  const network::Resolved& network;
  Objective<float>& objective;
  const platform::Process& process;
  const TrainSettings& settings;
  std::vector<std::string>& remarks;

  network::Resolved source = network::resolve(params.network, params.process);
  network::DigitalLayout layout = network::digital_layout(network);
  Start made = sized_start(network, objective, 1);

  /// A layer with a matrix, and the layer of the other network whose matrix it takes.
  struct Pair {
    std::size_t place = 0;  ///< of the layer in this network
    const network::Layer& layer;
    const network::Layer& other;
    const Tensor& matrix;  ///< of the other layer
  };

  Start start() {
    copy_what_has_the_same_name();
    const std::vector<std::size_t> places = matrix_layers(network), others = matrix_layers(source);
    for (std::size_t n = 0; n < places.size(); ++n) {
      const network::Layer& layer = network.layers[places[n]];
      const network::Layer* other = n < others.size() ? &source.layers[others[n]] : nullptr;
      const Tensor* matrix = other != nullptr ? matrix_of(params, *other) : nullptr;
      if (matrix == nullptr) refuse(layer);
      const Pair pair{places[n], layer, *other, *matrix};
      if (layer.physical < 0) {
        copy_digital_matrix(pair);
        continue;
      }
      const platform::StartOutcome outcome = start_physical(pair);
      pass_scale_on(pair, outcome);
      remark_on_bias(pair, outcome);
    }
    if (places.size() != others.size()) {
      throw InputError("--init: the given parameters have " + std::to_string(others.size()) +
                       " matrices, this network " + std::to_string(places.size()));
    }
    return std::move(made);
  }

  void copy_what_has_the_same_name() {
    std::vector<std::string> missing;
    copy_segments(layout.trained, params.digital, made.digital, missing);
    copy_segments(layout.state, params.digital, made.state, missing);
  }

  /// Throws InputError for a layer without a counterpart.
  [[noreturn]] static void refuse(const network::Layer& layer) {
    const auto [rows, cols] =
        layer.plan ? (*layer.plan)->size() : std::pair(layer.matrix_rows, layer.matrix_cols);
    throw InputError("--init: the matrix of layer " + layer.name + " (" + std::to_string(rows) + "x" +
                     std::to_string(cols) +
                     ") has no counterpart in the network of the given parameters; both need the same "
                     "sizes in the same order");
  }

  /// Weights and bias; names count layers of a kind, so that a bias too goes by order.
  void copy_digital_matrix(const Pair& pair) {
    if (Index(pair.matrix.values.size()) != pair.layer.matrix_rows * pair.layer.matrix_cols)
      refuse(pair.layer);
    const auto copy = [&](const Tensor& tensor, const std::string& name) {
      std::copy(tensor.values.data.begin(), tensor.values.data.end(),
                made.digital.begin() + segment_of(layout.trained, name).offset);
    };
    copy(pair.matrix, pair.layer.name + "/weight");
    const Tensor* bias = find(params.digital, pair.other.name + "/bias");
    if (bias != nullptr) copy(*bias, pair.layer.name + "/bias");
  }

  [[nodiscard]] std::span<float> controls_of(const Pair& pair) {
    const auto layer = std::size_t(pair.layer.physical);
    const auto begin = std::size_t(objective.offset(layer)), end = std::size_t(objective.offset(layer + 1));
    return std::span(made.controls).subspan(begin, end - begin);
  }

  /// Controls with which the platform of the layer reproduces the matrix of the other one.
  platform::StartOutcome start_physical(const Pair& pair) {
    if (Index(pair.matrix.values.size()) != pair.other.matrix_rows * pair.other.matrix_cols)
      refuse(pair.layer);
    const auto behind_other = std::size_t(&pair.other - source.layers.data()) + 1;
    const platform::StartTarget target{
        {pair.matrix.values.data.data(), pair.other.matrix_rows, pair.other.matrix_cols},
        pair.other.plan ? &**pair.other.plan : nullptr,
        kept_outputs(network, pair.place),
        behind_other < source.layers.size() && source.layers[behind_other].kind == network::Kind::abs2,
        pair.other.name};
    const auto layer = std::size_t(pair.layer.physical);
    platform::StartOutcome outcome =
        (*pair.layer.plan)
            ->start_from(objective.map(layer), process, start_settings(settings),
                         {1, Purpose::initial_controls, std::uint16_t(2 * layer)}, target, controls_of(pair));
    if (!outcome.fits) refuse(pair.layer);
    for (const std::string& remark : outcome.remarks) remarks.push_back(pair.layer.name + ": " + remark);
    return outcome;
  }

  [[nodiscard]] bool normalised(const Pair& pair) const {
    const network::Layer* next = behind(network, pair.place);
    return next != nullptr && next->kind == network::Kind::batchnorm;
  }

  /// The layer behind makes up for the scale: its gain, or its running statistics, which also take the bias
  /// of the other layer as a shift of their mean.
  void pass_scale_on(const Pair& pair, const platform::StartOutcome& outcome) {
    const float scale = outcome.scale;
    const network::Layer* next = behind(network, pair.place);
    if (next != nullptr && next->kind == network::Kind::gain) {
      float& gain = made.digital[std::size_t(segment_of(layout.trained, next->name + "/gain").offset)];
      const Tensor* old = pair.other.physical >= 0 ? find(params.digital, next->name + "/gain") : nullptr;
      gain = (old != nullptr ? old->values.data[0] : 1.0F) / scale;
    } else if (normalised(pair)) {
      const network::Segment& mean = segment_of(layout.state, next->name + "/mean");
      const network::Segment& variance = segment_of(layout.state, next->name + "/variance");
      const network::Segment& factor = segment_of(layout.trained, next->name + "/scale");
      const Tensor* bias = outcome.linear ? find(params.digital, pair.other.name + "/bias") : nullptr;
      for (Index c = 0; c < mean.size; ++c) {
        float& m = made.state[std::size_t(mean.offset + c)];
        m = (m - (bias != nullptr ? bias->values.data[std::size_t(c)] : 0.0F)) * scale;
        float& v = made.state[std::size_t(variance.offset + c)];
        const double squared = double(scale) * double(scale), before = double(v) + network::batchnorm_epsilon;
        v *= scale * scale;
        // what is added to the variance is not scaled with it
        made.digital[std::size_t(factor.offset + c)] *=
            float(std::sqrt((double(v) + network::batchnorm_epsilon) / (squared * before)));
      }
    }
  }

  void remark_on_bias(const Pair& pair, const platform::StartOutcome& outcome) const {
    if (!is_digital_matrix(pair.other.kind) || (outcome.linear && normalised(pair))) return;
    const Tensor* bias = find(params.digital, pair.other.name + "/bias");
    if (bias != nullptr &&
        std::all_of(bias->values.data.begin(), bias->values.data.end(), [](float b) { return b == 0; }))
      return;
    remarks.push_back(pair.layer.name + ": the bias of " + pair.other.name +
                      " has no place on it and is dropped");
  }
};

}  // namespace

bool has_flanks(const std::vector<platform::AnyPlan>& plans) {
  return std::any_of(plans.begin(), plans.end(),
                     [](const platform::LayerPlan& plan) { return plan.platform().has_flanks(); });
}

Start random_start(const network::Resolved& network, Objective<float>& objective,
                   const platform::Process& process, const TrainSettings& settings, std::uint64_t seed) {
  Start start = sized_start(network, objective, seed);
  const std::vector<platform::AnyPlan> plans = network.plans();
  const auto controls = platform::by_layer(plans, std::span(start.controls));
  for (std::size_t layer = 0; layer < plans.size(); ++layer)
    plans[layer]->start(objective.map(layer), process, start_settings(settings),
                        {seed, Purpose::initial_controls, std::uint16_t(2 * layer)}, controls[layer]);
  return start;
}

Start start_from(const Params& params, const network::Resolved& network, Objective<float>& objective,
                 const platform::Process& process, const TrainSettings& settings,
                 std::vector<std::string>& remarks) {
  if (params.network == network.spec) return same_network(params, network, objective);
  return Adoption{params, network, objective, process, settings, remarks}.start();
}

std::vector<float> flat_controls(const Params& params, const network::Resolved& network) {
  std::vector<float> flat;
  Complaints complaints("params");
  for (const platform::LayerPlan& plan : network.plans()) {
    const Tensor* tensor = find(params.controls, plan.name());
    if (tensor == nullptr || Index(tensor->values.size()) != plan.controls()) {
      complaints.add("/controls/" + plan.name() + ": expected " + std::to_string(plan.controls()) +
                     " values, found " +
                     (tensor == nullptr ? "none" : std::to_string(tensor->values.size())));
      continue;
    }
    flat.insert(flat.end(), tensor->values.data.begin(), tensor->values.data.end());
  }
  complaints.raise();
  return flat;
}

void write_flat(const Start& start, std::span<const Matrix<float>> weights, const network::Resolved& network,
                Params& params) {
  const std::vector<platform::AnyPlan> plans = network.plans();
  const auto controls = platform::by_layer(plans, std::span<const float>(start.controls));
  for (std::size_t k = 0; k < plans.size(); ++k) {
    const platform::LayerPlan& plan = plans[k];
    Tensor control{plan.name(), plan.controls_port().unit, plan.controls_port().description,
                   Array<float>(plan.controls_port().shape)};
    std::copy(controls[k].begin(), controls[k].end(), control.values.data.begin());
    Tensor weight{plan.name(), "1", "weights that the model makes of the controls",
                  Array<float>(plan.weights_port().shape)};
    std::copy_n(weights[k].data(), weight.values.size(), weight.values.data.begin());
    params.controls.push_back(std::move(control));
    params.weights.push_back(std::move(weight));
  }
  const network::DigitalLayout layout = network::digital_layout(network);
  const auto add = [&](const std::vector<network::Segment>& segments, const std::vector<float>& values) {
    for (const network::Segment& s : segments) {
      Tensor tensor{s.name, "1", s.description, Array<float>(s.shape)};
      std::copy_n(values.begin() + s.offset, s.size, tensor.values.data.begin());
      params.digital.push_back(std::move(tensor));
    }
  };
  add(layout.trained, start.digital);
  add(layout.state, start.state);
}

void flat_digital(const Params& params, const network::Resolved& network, std::vector<float>& trained,
                  std::vector<float>& state) {
  const network::DigitalLayout layout = network::digital_layout(network);
  trained.assign(std::size_t(layout.trained_size), 0);
  state.assign(std::size_t(layout.state_size), 0);
  std::vector<std::string> missing;
  copy_segments(layout.trained, params.digital, trained, missing);
  copy_segments(layout.state, params.digital, state, missing);
  if (!missing.empty())
    throw InputError("params: /digital lacks " + join(missing, ", ") + ", which the network needs");
}

}  // namespace pnn::train
