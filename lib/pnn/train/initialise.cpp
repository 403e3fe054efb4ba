#include "pnn/train/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/mesh_start.hpp"

namespace pnn::train {
namespace {

/// Currents a little below or above the resonance, from which inversion finds that flank.
std::vector<float> flank_currents(const platform::MrrProcess& process, const std::string& flank,
                                  std::uint64_t seed, std::uint16_t layer, std::size_t count) {
  const double resonance =
      std::sqrt(std::max(0.0, process.delta_nm / (process.eta_nm_per_mw * process.resistance_ohm * 1e-3)));
  const double step = 0.05 * (process.current_max_ma - process.current_min_ma);
  const auto clamped = [&](double current) {
    return float(std::clamp(current, process.current_min_ma, process.current_max_ma));
  };
  std::vector<float> currents(count, clamped(flank == "upper" ? resonance + step : resonance - step));
  if (flank == "both") {
    for (std::size_t k = 0; k < count; ++k) {
      const bool upper =
          uniform({seed, Purpose::initial_controls, std::uint16_t(2 * layer + 1)}, std::uint32_t(k)) < 0.5;
      currents[k] = clamped(upper ? resonance + step : resonance - step);
    }
  }
  return currents;
}

const Tensor* find(const std::vector<Tensor>& tensors, const std::string& name) {
  const auto it =
      std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  return it == tensors.end() ? nullptr : &*it;
}

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

/// The map of a bank, which has an inverse.
platform::WeightwiseMap<float>& weightwise(platform::TransferMap<float>& map) {
  return dynamic_cast<platform::WeightwiseMap<float>&>(map);
}

/// The matrix of layer `layer` of a params file: its digital weights, or what its model made of its controls.
const Tensor* matrix_of(const Params& params, const network::Layer& layer) {
  return layer.physical >= 0 ? find(params.weights, layer.name)
                             : find(params.digital, layer.name + "/weight");
}

}  // namespace

Start random_start(const network::Resolved& network, Objective<float>& objective,
                   const platform::Process& process, const TrainSettings& settings, std::uint64_t seed) {
  Start start;
  start.controls.resize(std::size_t(objective.control_count()));
  start.digital.resize(std::size_t(objective.digital_count()));
  start.state.resize(std::size_t(objective.state_count()));
  network::initialise_digital(network, seed, start.digital, start.state);
  const std::vector<platform::LayerPlan> plans = network.plans();
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const std::span<float> controls =
        std::span(start.controls)
            .subspan(std::size_t(objective.offset(layer)), std::size_t(plans[layer].controls()));
    if (const platform::MeshLayer* mesh = plans[layer].mesh(); mesh != nullptr) {
      platform::start_controls<float>(mesh->mesh, {seed, Purpose::initial_controls, std::uint16_t(2 * layer)},
                                      controls);
      continue;
    }
    auto& map = weightwise(objective.map(layer));
    Matrix<float> weights(map.rows(), map.cols());
    const std::span<float> flat(weights.data(), std::size_t(weights.size()));
    fill_normal(Stream{seed, Purpose::initial_controls, std::uint16_t(2 * layer)}, flat);
    for (float& w : flat) w = std::clamp(w * float(settings.init_std), -0.8F, 0.8F);
    const auto currents =
        flank_currents(process.mrr, settings.init_flank, seed, std::uint16_t(layer), flat.size());
    std::copy(currents.begin(), currents.end(), controls.begin());
    map.invert(view(std::as_const(weights)), controls);
  }
  return start;
}

Start start_from(const Params& params, const network::Resolved& network, Objective<float>& objective,
                 const platform::Process& process, const TrainSettings& settings,
                 std::vector<std::string>& remarks) {
  Start start;
  if (params.network == network.spec) {
    start.controls = flat_controls(params, network);
    flat_digital(params, network, start.digital, start.state);
    for (std::size_t layer = 0; layer < objective.layers();
         ++layer) {  // another process may have a tighter range
      const auto& map = objective.map(layer);
      if (map.periodic()) continue;
      for (auto k = objective.offset(layer); k < objective.offset(layer + 1); ++k) {
        float& control = start.controls[std::size_t(k)];
        control = std::clamp(control, float(map.lower()), float(map.upper()));
      }
    }
    return start;
  }

  // Another network: matrices by order, everything else by name.
  start.controls.resize(std::size_t(objective.control_count()));
  start.digital.resize(std::size_t(objective.digital_count()));
  start.state.resize(std::size_t(objective.state_count()));
  network::initialise_digital(network, 1, start.digital, start.state);
  const network::DigitalLayout layout = network::digital_layout(network);
  std::vector<std::string> missing;
  copy_segments(layout.trained, params.digital, start.digital, missing);
  copy_segments(layout.state, params.digital, start.state, missing);
  const network::Resolved source = network::resolve(params.network, 16, 8);
  std::vector<const network::Layer*> from;
  for (const network::Layer& layer : source.layers) {
    if (layer.matrix_rows > 0) from.push_back(&layer);
  }
  const auto segment = [&](const std::vector<network::Segment>& list, const std::string& name) {
    return std::find_if(list.begin(), list.end(), [&](const network::Segment& s) { return s.name == name; });
  };
  std::size_t number = 0;
  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    const network::Layer& layer = network.layers[k];
    if (layer.matrix_rows == 0) continue;
    const network::Layer* other = number < from.size() ? from[number] : nullptr;
    ++number;
    const Tensor* tensor = other != nullptr ? matrix_of(params, *other) : nullptr;
    if (tensor == nullptr || Index(tensor->values.size()) != layer.matrix_rows * layer.matrix_cols) {
      throw InputError("--init: the matrix of layer " + layer.name + " (" +
                       std::to_string(layer.matrix_rows) + "x" + std::to_string(layer.matrix_cols) +
                       ") has no counterpart in the network of the given parameters; both need the same "
                       "sizes in the same order");
    }
    if (layer.physical < 0) {
      std::copy(tensor->values.data.begin(), tensor->values.data.end(),
                start.digital.begin() + segment(layout.trained, layer.name + "/weight")->offset);
      continue;
    }
    if (layer.kind == network::Kind::mzi) {
      throw InputError("--init: " + layer.name +
                       " is a mesh, which takes no matrix from another network; start from parameters of the "
                       "same network");
    }
    auto& map = weightwise(objective.map(std::size_t(layer.physical)));
    const ConstMatrixView<float> source_weights(tensor->values.data.data(), layer.matrix_rows,
                                                layer.matrix_cols);
    const float largest = source_weights.cwiseAbs().maxCoeff();
    const float scale = largest > 0 ? 0.85F / largest : 1.0F;  // a parked ring shows about -0.87
    const Matrix<float> weights = source_weights * scale;
    const auto begin = std::size_t(objective.offset(std::size_t(layer.physical)));
    const auto currents = flank_currents(process.mrr, settings.init_flank, 1, std::uint16_t(layer.physical),
                                         std::size_t(weights.size()));
    std::copy(currents.begin(), currents.end(), start.controls.begin() + Index(begin));
    const double left = map.invert(view(weights), std::span(start.controls).subspan(begin, currents.size()));
    if (left > 0.02)
      remarks.push_back(layer.name + ": some weights are out of the rings' reach, the largest by " +
                        format_short(left, 2));
    const network::Layer* next = k + 1 < network.layers.size() ? &network.layers[k + 1] : nullptr;
    if (next != nullptr && next->kind == network::Kind::gain) {
      float& gain = start.digital[std::size_t(segment(layout.trained, next->name + "/gain")->offset)];
      const Tensor* old = other->physical >= 0 ? find(params.digital, next->name + "/gain") : nullptr;
      gain = (old != nullptr ? old->values.data[0] : 1.0F) / scale;
    } else if (next != nullptr && next->kind == network::Kind::batchnorm) {
      const auto mean = segment(layout.state, next->name + "/mean"),
                 variance = segment(layout.state, next->name + "/variance");
      const Tensor* bias = find(params.digital, other->name + "/bias");
      for (Index c = 0; c < mean->size; ++c) {  // a bias before a batchnorm is a shift of its mean
        float& m = start.state[std::size_t(mean->offset + c)];
        m = (m - (bias != nullptr ? bias->values.data[std::size_t(c)] : 0.0F)) * scale;
        start.state[std::size_t(variance->offset + c)] *= scale * scale;
      }
    }
    if (is_digital_matrix(other->kind) && (next == nullptr || next->kind != network::Kind::batchnorm)) {
      remarks.push_back(layer.name + ": the bias of " + other->name +
                        " has no place on rings and is dropped");
    }
  }
  if (number != from.size())
    throw InputError("--init: the given parameters have " + std::to_string(from.size()) +
                     " matrices, this network " + std::to_string(number));
  return start;
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
