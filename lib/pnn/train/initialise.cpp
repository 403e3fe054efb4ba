#include "pnn/train/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/clements.hpp"
#include "pnn/platform/d2nn_masks.hpp"
#include "pnn/platform/freespace.hpp"
#include "pnn/platform/mesh_start.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::train {
namespace {

/// Currents a little below or above the resonance, from which inversion finds that flank.
std::vector<float> flank_currents(const platform::MrrProcess& process, const std::string& flank,
                                  std::uint64_t seed, std::uint16_t layer, std::size_t count) {
  const double resonance =
      std::sqrt(std::max(0.0, process.delta_nm / (process.eta_nm_per_mw * process.resistance_ohm * 1e-3)));
  const double step = 0.05 * (process.current_max_ma - process.current_min_ma);
  const platform::FloatRange range = platform::inwards(process.current_min_ma, process.current_max_ma);
  const auto clamped = [&](double current) { return std::clamp(float(current), range.lower, range.upper); };
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

/// Outputs of mesh layer `k` that the network goes on with.
Index kept_outputs(const network::Resolved& network, std::size_t k) {
  const bool keeps = k + 1 < network.layers.size() && network.layers[k + 1].kind == network::Kind::keep;
  return (keeps ? network.layers[k + 1] : network.layers[k]).out.channels;
}

/// The matrix [kept, modes] or [modes, modes] that a mesh is to have: the real one of a digital layer, or
/// that of another mesh; nothing where the sizes do not fit.
std::optional<platform::ComplexMatrix> target_of_mesh(const Tensor& from, const network::Layer& other,
                                                      const network::Layer& layer, Index kept) {
  const bool complex = other.kind == network::Kind::mzi;
  const Index modes = layer.matrix_cols, rows = complex ? other.matrix_rows / 2 : other.matrix_rows;
  if (other.matrix_cols != modes || (rows != modes && rows != kept) ||
      Index(from.values.size()) != other.matrix_rows * modes) {
    return std::nullopt;
  }
  const ConstMatrixView<float> stored(from.values.data.data(), other.matrix_rows, modes);
  if (complex) return platform::complex_matrix(stored);
  return platform::ComplexMatrix(stored.cast<std::complex<double>>());
}

/// Controls that give `weights`, of rings (near the flank that is asked for), in free space or of masks.
/// Returns the largest error left.
double start_weights(platform::TransferMap<float>& map, ConstMatrixView<float> weights,
                     const platform::Process& process, const std::string& flank, std::uint64_t seed,
                     std::size_t layer, std::span<float> controls) {
  if (const auto* optics = dynamic_cast<const platform::Freespace<float>*>(&map); optics != nullptr) {
    platform::show_weights(optics->plan(), weights, controls);
    return 0;
  }
  if (map.periodic()) return map.invert(weights, controls);
  const auto currents = flank_currents(process.mrr, flank, seed, std::uint16_t(layer), controls.size());
  std::copy(currents.begin(), currents.end(), controls.begin());
  return map.invert(weights, controls);
}

/// Programs a mesh with the target as far as it goes, outputs without a row left to themselves. Returns by
/// which factor what its detectors give is smaller than what the target would give.
float start_mesh(const platform::Mesh<float>& map, const platform::ComplexMatrix& target,
                 const network::Layer& layer, std::span<float> controls, std::vector<std::string>& remarks) {
  const Index modes = layer.matrix_cols;
  platform::ComplexMatrix whole = platform::ComplexMatrix::Zero(modes, modes);
  whole.topRows(target.rows()) = target;
  platform::MeshProgram found = platform::program(map, whole);
  std::copy(found.controls.begin(), found.controls.end(), controls.begin());
  // of a unitary matrix the rows alone that are asked for count
  if (layer.layout == platform::MeshLayout::unitary) found.gain *= double(modes) / double(target.rows());
  Matrix<float> stored(2 * modes, modes);
  platform::Mesh<float> mesh(map.plan(), {}, map.errors());
  mesh.evaluate({std::span<const float>(controls).first(found.controls.size()), {}, 0}, view(stored));
  const platform::ComplexMatrix got = platform::complex_matrix(view(std::as_const(stored)));
  const double left = norm(target - found.gain * got.topRows(target.rows()));
  if (left > 0.02 * norm(target)) {
    remarks.push_back(layer.name + ": " +
                      (layer.layout == platform::MeshLayout::unitary
                           ? "no unitary matrix is the given one, what is left is "
                           : "splitter errors leave ") +
                      format_short(100 * left / norm(target), 2) + " % of its norm");
  }
  if (layer.detection == platform::Detection::field && std::abs(found.gain - 1) > 1e-3) {
    remarks.push_back(layer.name + ": light is passed on as it is, so that the factor " +
                      format_short(found.gain, 3) + " of the matrix is dropped");
  }
  if (layer.detection == platform::Detection::field || !(found.gain > 0)) return 1;
  const bool square = layer.detection == platform::Detection::intensity;
  return float(1 / (square ? found.gain * found.gain : found.gain));
}

/// A word where the detectors of a mesh give another function of the product than the digital network had.
void remark_on_detection(const network::Resolved& source, const network::Layer& other,
                         const network::Layer& layer, std::vector<std::string>& remarks) {
  if (!is_digital_matrix(other.kind)) return;
  const bool power = layer.detection == platform::Detection::intensity;
  if (!power && layer.detection != platform::Detection::modulus) return;
  const auto number = std::size_t(&other - source.layers.data());
  if (power && number + 1 < source.layers.size() && source.layers[number + 1].kind == network::Kind::abs2)
    return;
  remarks.push_back(layer.name + ": its detectors give " + (power ? "|z|²" : "|z|") + " where " + other.name +
                    " gave z" + (power ? "; with abs2 behind " + other.name + " they would agree" : ""));
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
    if (const platform::D2nnPlan* masks = plans[layer].d2nn(); masks != nullptr) {
      platform::start_phases(*masks, {seed, Purpose::initial_controls, std::uint16_t(2 * layer)},
                             settings.init_std, controls);
      continue;
    }
    Matrix<float> weights(objective.map(layer).rows(), objective.map(layer).cols());
    const std::span<float> flat(weights.data(), std::size_t(weights.size()));
    fill_normal(Stream{seed, Purpose::initial_controls, std::uint16_t(2 * layer)}, flat);
    for (float& w : flat) w = std::clamp(w * float(settings.init_std), -0.8F, 0.8F);
    start_weights(objective.map(layer), view(std::as_const(weights)), process, settings.init_flank, seed,
                  layer, controls);
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
      const platform::FloatRange range = platform::inwards(map.lower(), map.upper());
      for (auto k = objective.offset(layer); k < objective.offset(layer + 1); ++k) {
        float& control = start.controls[std::size_t(k)];
        control = std::clamp(control, range.lower, range.upper);
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
    const bool mesh = layer.kind == network::Kind::mzi;
    std::optional<platform::ComplexMatrix> mesh_target;
    if (tensor != nullptr && mesh)
      mesh_target = target_of_mesh(*tensor, *other, layer, kept_outputs(network, k));
    if (tensor == nullptr ||
        (mesh ? !mesh_target : Index(tensor->values.size()) != layer.matrix_rows * layer.matrix_cols)) {
      throw InputError("--init: the matrix of layer " + layer.name + " (" +
                       std::to_string(mesh ? layer.out.channels : layer.matrix_rows) + "x" +
                       std::to_string(layer.matrix_cols) +
                       ") has no counterpart in the network of the given parameters; both need the same "
                       "sizes in the same order");
    }
    if (layer.physical < 0) {  // names count layers of a kind, so that a bias too goes by order
      const Tensor* bias = find(params.digital, other->name + "/bias");
      std::copy(tensor->values.data.begin(), tensor->values.data.end(),
                start.digital.begin() + segment(layout.trained, layer.name + "/weight")->offset);
      if (bias != nullptr) {
        std::copy(bias->values.data.begin(), bias->values.data.end(),
                  start.digital.begin() + segment(layout.trained, layer.name + "/bias")->offset);
      }
      continue;
    }
    const auto begin = std::size_t(objective.offset(std::size_t(layer.physical)));
    float scale = 1;  // of what leaves the layer, against what left the other
    if (mesh) {
      auto& map = dynamic_cast<platform::Mesh<float>&>(objective.map(std::size_t(layer.physical)));
      scale = start_mesh(map, *mesh_target, layer, std::span(start.controls).subspan(begin), remarks);
      remark_on_detection(source, *other, layer, remarks);
    } else {
      const ConstMatrixView<float> source_weights(tensor->values.data.data(), layer.matrix_rows,
                                                  layer.matrix_cols);
      const float largest = source_weights.cwiseAbs().maxCoeff();
      const bool scalable = layer.kind != network::Kind::d2nn;   // a transmission is what it is
      scale = scalable && largest > 0 ? 0.85F / largest : 1.0F;  // a parked ring shows about -0.87
      const Matrix<float> weights = source_weights * scale;
      const auto physical = std::size_t(layer.physical);
      const auto end = std::size_t(objective.offset(physical + 1));
      const double left = start_weights(objective.map(physical), view(weights), process, settings.init_flank,
                                        1, physical, std::span(start.controls).subspan(begin, end - begin));
      if (left > 0.02)
        remarks.push_back(layer.name + ": some weights are out of reach, the largest by " +
                          format_short(left, 2));
    }
    const network::Layer* next = behind(network, k);
    const bool linear = !mesh || layer.detection == platform::Detection::coherent;
    const bool normalised = next != nullptr && next->kind == network::Kind::batchnorm;
    if (next != nullptr && next->kind == network::Kind::gain) {
      float& gain = start.digital[std::size_t(segment(layout.trained, next->name + "/gain")->offset)];
      const Tensor* old = other->physical >= 0 ? find(params.digital, next->name + "/gain") : nullptr;
      gain = (old != nullptr ? old->values.data[0] : 1.0F) / scale;
    } else if (normalised) {
      const auto mean = segment(layout.state, next->name + "/mean"),
                 variance = segment(layout.state, next->name + "/variance");
      const Tensor* bias = linear ? find(params.digital, other->name + "/bias") : nullptr;
      for (Index c = 0; c < mean->size; ++c) {  // a bias before a batchnorm is a shift of its mean
        float& m = start.state[std::size_t(mean->offset + c)];
        m = (m - (bias != nullptr ? bias->values.data[std::size_t(c)] : 0.0F)) * scale;
        start.state[std::size_t(variance->offset + c)] *= scale * scale;
      }
    }
    if (is_digital_matrix(other->kind) && !(linear && normalised)) {
      remarks.push_back(layer.name + ": the bias of " + other->name + " has no place on " +
                        (mesh ? "a mesh" : "rings") + " and is dropped");
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
