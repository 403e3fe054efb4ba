#include "pnn/network/spec.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <tuple>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/layer_text.hpp"

namespace pnn::network {
namespace {

bool is_ring_layer(Kind k) {
  return k == Kind::mrr || k == Kind::mrr_conv;
}
bool is_physical(Kind k) {
  return is_ring_layer(k) || k == Kind::mzi || k == Kind::freespace || k == Kind::d2nn;
}
bool is_convolution(Kind k) {
  return k == Kind::mrr_conv || k == Kind::conv;
}
bool has_real_matrix(Kind k) {
  return is_ring_layer(k) || is_digital_matrix(k);
}

/// The picture that reaches a layer which shows it on a plane: channels below one another; a vector is a row.
std::pair<int, int> picture_of(const Shape& shape) {
  return shape.height * shape.width > 1 ? std::pair(int(shape.channels * shape.height), int(shape.width))
                                        : std::pair(1, int(shape.size()));
}

/// Sizes come from files too: what no memory holds is refused before it is multiplied or asked for.
void check_numbers(double numbers, double most, const char* what, const std::string& where) {
  if (numbers <= most) return;
  throw UsageError(where + ": " + format_short(numbers, 3) + " " + what + ", where " + format_short(most, 3) +
                   " is the most");
}
constexpr double most_signals = 1e9, most_weights = 1e12, most_detectors = 1e6, most_layers = 1e4;

void check_signals(const Shape& shape, const std::string& where) {
  check_numbers(double(shape.channels) * double(shape.height) * double(shape.width), most_signals,
                "numbers a sample", where);
}

void check_picture(Index rows, Index cols, Index numbers, const std::string& where) {
  if (rows * cols == numbers) return;
  throw UsageError(where + ": image: " + std::to_string(rows) + "x" + std::to_string(cols) +
                   " elements do not hold the " + std::to_string(numbers) + " numbers that reach it");
}

void shape_freespace(Layer& layer, const Parsed& p, const std::string& where) {
  platform::FreespacePlan& plan = layer.optics;
  const auto size = [&](const char* key, std::pair<int, int> fallback, int least) {
    const auto it = p.values.find(key);
    return it == p.values.end() ? fallback : parse_size(it->second, where + ": " + key, least, 100'000);
  };
  plan.out = get_index(p, "out", 0, 1, where);
  const bool grid =
      word_of(p, "layout", {p.values.contains("grid") ? "grid" : "strip", "strip", "grid"}, where) == "grid";
  if (grid != p.values.contains("grid"))
    throw UsageError(where + ": layout=grid and grid=ROWSxCOLUMNS (cells of a picture) belong together");
  if (!grid && p.values.contains("image"))
    throw UsageError(where + ": a strip has one row of blocks a cell; image needs grid=ROWSxCOLUMNS");
  const auto pair = [](Index& rows, Index& cols, std::pair<int, int> value) {
    rows = value.first;
    cols = value.second;
  };
  const Index in = layer.in.size();
  pair(plan.image_rows, plan.image_cols,
       size("image", grid ? picture_of(layer.in) : std::pair(1, int(in)), 1));
  check_picture(plan.image_rows, plan.image_cols, in, where);
  pair(plan.block_rows, plan.block_cols, size("block", {1, 1}, 1));
  pair(plan.guard_rows, plan.guard_cols, size("guard", {0, 0}, 0));
  pair(plan.grid_rows, plan.grid_cols, size("grid", {int(plan.out), 1}, 1));
  const std::string signs = word_of(p, "signed", {"halves", "exposures", "offset"}, where);
  plan.signs = signs == "halves"      ? platform::Signs::halves
               : signs == "exposures" ? platform::Signs::exposures
                                      : platform::Signs::offset;
  plan.per_pixel = word_of(p, "per", {"block", "pixel"}, where) == "pixel";
  if (const auto wrong = platform::check_plan(plan); !wrong.empty())
    throw UsageError(where + ": " + join(wrong, "; "));
  layer.out = Shape{plan.out, 1, 1};
  layer.matrix_rows = plan.out;
  layer.matrix_cols = in;
}

/// The masks (from 0) that system parameters move: "rest" is every mask but the first (a lone one itself).
std::vector<Index> moving_masks(const Parsed& p, Index masks, const std::string& where) {
  const auto it = p.values.find("moving");
  const std::string text = it == p.values.end() ? "rest" : it->second;
  if (text != "rest" && text != "all") {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
      throw UsageError(where + ": moving: expected rest, all or the number of a mask, found \"" + text +
                       "\"");
    const Index mask = get_index(p, "moving", 0, 1, where);
    if (mask > masks)
      throw UsageError(where + ": moving: there are masks 1 to " + std::to_string(masks) + ", found " + text);
    return {mask - 1};
  }
  std::vector<Index> moving;
  for (Index k = text == "all" || masks == 1 ? 0 : 1; k < masks; ++k) moving.push_back(k);
  return moving;
}

void shape_d2nn(Layer& layer, const Parsed& p, const std::string& where) {
  platform::D2nnPlan& plan = layer.diffraction;
  const auto number = [&](const char* key, double fallback) {
    const auto it = p.values.find(key);
    return it == p.values.end() ? fallback : parse_number(it->second, where + ": " + key);
  };
  const auto size = [&](const char* key, std::pair<Index, Index> fallback) {
    const auto it = p.values.find(key);
    if (it == p.values.end()) return fallback;
    if (it->second.find('x') != std::string::npos) {
      const auto [rows, cols] = parse_size(it->second, where + ": " + key, 1, 100'000);
      return std::pair<Index, Index>(rows, cols);
    }
    const Index side = get_index(p, key, 0, 1, where);
    return std::pair(side, side);
  };
  const Index out = get_index(p, "out", 0, 1, where), masks = get_index(p, "masks", 2, 1, where);
  if (masks > 100) throw UsageError(where + ": masks: expected 1 to 100, found " + std::to_string(masks));
  std::tie(plan.plane.height, plan.plane.width) = size("pixels", {128, 128});
  plan.plane.pixel_um = number("pitch", plan.plane.pixel_um);
  plan.plane.wavelength_nm = number("wavelength", plan.plane.wavelength_nm);
  const double gap = number("gap", 2);
  plan.gaps_mm.assign(std::size_t(masks), gap);
  plan.entry_mm = number("entry", gap);
  plan.levels = get_index(p, "levels", 0, 0, where);
  plan.moving = moving_masks(p, masks, where);
  std::tie(plan.input.rows, plan.input.cols) = size("image", picture_of(layer.in));
  check_picture(plan.input.rows, plan.input.cols, layer.in.size(), where);
  const Index fitting = std::min(plan.plane.height / plan.input.rows, plan.plane.width / plan.input.cols);
  plan.input.block = get_index(p, "block", std::max<Index>(fitting, 1), 1, where);
  plan.input.encoding = word_of(p, "encode", {"amplitude", "phase"}, where) == "phase"
                            ? platform::D2nnEncoding::phase
                            : platform::D2nnEncoding::amplitude;
  const auto rows = Index(std::floor(std::sqrt(double(out))));
  const auto [grid_rows, grid_cols] = size("detectors", {rows, (out + rows - 1) / rows});
  if (grid_rows * grid_cols < out)
    throw UsageError(where + ": detectors: " + std::to_string(grid_rows) + "x" + std::to_string(grid_cols) +
                     " places do not hold " + std::to_string(out) + " outputs");
  check_numbers(double(grid_rows) * double(grid_cols), most_detectors, "places of detectors", where);
  const Index part = std::min(plan.plane.height / grid_rows, plan.plane.width / grid_cols);
  const Index side = get_index(p, "side", std::max<Index>(part / 2, 1), 1, where);
  plan.detectors = platform::detector_grid(plan.plane, grid_rows, grid_cols, side);
  plan.detectors.resize(std::size_t(out));
  if (const auto wrong = platform::check_plan(plan); !wrong.empty())
    throw UsageError(where + ": " + join(wrong, "; "));
  layer.out = Shape{out, 1, 1};
  layer.matrix_rows = masks;
  layer.matrix_cols = plan.plane.field_size() + 1;
}

/// Layers whose numbers may be negative, which no display shows and rings take in two read-outs.
bool may_be_negative(Kind kind) {
  switch (kind) {
    case Kind::relu:
    case Kind::sigmoid:
    case Kind::softplus:
    case Kind::abs2:
      return false;
    default:
      return true;
  }
}

/// Whether what leaves the last of these layers may be negative: the inputs of a network are powers of light,
/// and pooling changes no sign.
bool signs_leave(std::span<const Layer> layers) {
  const auto last =
      std::find_if(layers.rbegin(), layers.rend(), [](const Layer& l) { return l.kind != Kind::maxpool; });
  return last != layers.rend() && may_be_negative(last->kind);
}

void shape_mesh(Layer& layer, const Parsed& p, const std::string& where) {
  const Index modes = get_index(p, "modes", 0, 1, where);
  if (layer.in.height * layer.in.width != 1 || layer.in.channels != modes) {
    throw UsageError(where + ": a mesh of " + std::to_string(modes) + " modes takes " +
                     std::to_string(modes) + " amplitudes, but " + layer.in.to_string() +
                     " reach it; put a dense layer before it");
  }
  const bool svd = word_of(p, "layout", {"unitary", "svd"}, where) == "svd";
  layer.layout = svd ? platform::MeshLayout::svd : platform::MeshLayout::unitary;
  const auto detect = p.values.find("detect");
  layer.detection = platform::parse_detection(detect == p.values.end() ? "intensity" : detect->second, where);
  layer.out = Shape{modes, 1, 1, layer.detection == platform::Detection::field};
  layer.matrix_rows = 2 * modes;
  layer.matrix_cols = modes;
}

/// Whether what reaches a layer may be a field.
bool takes_field(Kind kind) {
  return kind == Kind::mzi || kind == Kind::electro_optic || kind == Kind::normalize;
}

/// Fills the shapes of one layer from its options and the shape that reaches it.
void shape_layer(Layer& layer, const Parsed& p, const std::string& where) {
  layer.out = layer.in;
  if (layer.in.field && !takes_field(layer.kind)) {
    throw UsageError(where +
                     ": light reaches it as a field; detect it first (detect=intensity, modulus or "
                     "coherent of the mesh before)");
  }
  if (layer.kind == Kind::electro_optic && !layer.in.field) {
    throw UsageError(where + ": acts on light, but numbers reach it; put a mesh with detect=field before it");
  }
  if (layer.kind == Kind::mzi) return shape_mesh(layer, p, where);
  if (layer.kind == Kind::freespace) return shape_freespace(layer, p, where);
  if (layer.kind == Kind::d2nn) return shape_d2nn(layer, p, where);
  if (layer.kind == Kind::normalize) {
    if (const auto it = p.values.find("power"); it != p.values.end())
      layer.power = parse_number(it->second, where + ": power");
    if (!(layer.power >= 1e-6 && layer.power <= 1e6))
      throw UsageError(where + ": power: expected a number from 1e-6 to 1e6, found " +
                       format_number(layer.power));
    return;
  }
  if (is_convolution(layer.kind)) {
    layer.kernel = get_index(p, "kernel", 0, 1, where);
    layer.pad = get_index(p, "pad", 0, 0, where);
    layer.stride = get_index(p, "stride", 1, 1, where);
    const Index height = layer.in.height + 2 * layer.pad - layer.kernel,
                width = layer.in.width + 2 * layer.pad - layer.kernel;
    if (height < 0 || width < 0) {
      throw UsageError(where + ": a kernel of " + std::to_string(layer.kernel) +
                       " does not fit what reaches it, " + layer.in.to_string() +
                       " (channels x height x width); give --inputs as 1x28x28, or pad");
    }
    layer.out = Shape{get_index(p, "out", 0, 1, where), height / layer.stride + 1, width / layer.stride + 1};
    check_numbers(
        double(layer.kernel) * double(layer.kernel) * double(layer.in.channels) * double(layer.out.channels),
        most_weights, "weights", where);
    layer.matrix_rows = layer.out.channels;
    layer.matrix_cols = layer.kernel * layer.kernel * layer.in.channels;
  } else if (has_real_matrix(layer.kind)) {
    layer.out = Shape{get_index(p, "out", 0, 1, where), 1, 1};
    layer.matrix_rows = layer.out.channels;
    layer.matrix_cols = layer.in.size();
  } else if (layer.kind == Kind::maxpool) {
    layer.pool = get_index(p, "size", 2, 1, where);
    layer.out.height = layer.in.height / layer.pool;
    layer.out.width = layer.in.width / layer.pool;
    if (layer.out.height < 1 || layer.out.width < 1) {
      throw UsageError(where + ": pooling by " + std::to_string(layer.pool) + " leaves nothing of " +
                       layer.in.to_string());
    }
  }
}

}  // namespace

std::string Shape::to_string() const {
  if (field) return std::to_string(channels) + "c";
  if (height == 1 && width == 1) return std::to_string(channels);
  return std::to_string(channels) + "x" + std::to_string(height) + "x" + std::to_string(width);
}

Shape parse_shape(const std::string& text) {
  const bool field = !text.empty() && text.back() == 'c';
  const auto parts = split(field ? std::string_view(text).substr(0, text.size() - 1) : text, 'x');
  if (parts.empty() || (parts.size() != 1 && (parts.size() != 3 || field))) {
    throw UsageError(
        "--inputs: expected FEATURES, CHANNELSxHEIGHTxWIDTH or AMPLITUDESc (784, 1x28x28, 64c), found \"" +
        text + "\"");
  }
  std::array<Index, 3> n{1, 1, 1};
  for (std::size_t k = 0; k < parts.size(); ++k) {
    n[k] = parse_integer(parts[k], "--inputs");
    if (n[k] < 1 || n[k] > 10'000'000)
      throw UsageError("--inputs: expected positive sizes, found \"" + text + "\"");
  }
  const Shape shape{n[0], n[1], n[2], field};
  check_signals(shape, "--inputs " + text);
  return shape;
}

std::string NetworkSpec::to_string() const {
  return inputs + " | " + join(layers, " | ");
}

void NetworkSpec::describe(Options& options) {
  options.group("Network");
  options.text(
      "inputs", inputs, "SHAPE",
      "what enters the network: FEATURES, CHANNELSxHEIGHTxWIDTH or AMPLITUDESc, as 784, 1x28x28 or 64c");
  options.list(
      "layer", layers, "KIND[:key=value,…]",
      "a layer, in order: mrr:out=N | mrr-conv:out=N,kernel=K[,pad=P][,stride=S] (both: chip=16x8, "
      "reuse=time|space; inputs of both signs are sent in two read-outs) | "
      "mzi:modes=N[,layout=unitary|svd][,detect=intensity|modulus|coherent|field]"
      "[,keep=K] | "
      "freespace:out=N[,grid=RxC[,image=RxC]][,block=RxC][,guard=RxC][,signed=halves|exposures|offset]"
      "[,per=block|pixel] | "
      "d2nn:out=N[,masks=K][,pixels=N|RxC][,pitch=UM][,wavelength=NM][,gap=MM][,entry=MM][,levels=K]"
      "[,image=RxC][,block=K][,encode=amplitude|phase][,detectors=RxC][,side=K][,moving=rest|all|K] | "
      "dense:out=N | conv:out=N,kernel=K[,pad=P][,stride=S] | batchnorm | maxpool:K | relu | "
      "sigmoid | tanh | softplus | abs2 | electro-optic | normalize[:power=P]");
}

std::vector<platform::LayerPlan> Resolved::plans() const {
  std::vector<platform::LayerPlan> plans;
  for (const Layer& layer : layers) {
    if (layer.physical < 0) continue;
    if (layer.kind == Kind::mzi) {
      plans.push_back(platform::MeshLayer{
          {layer.name, layer.matrix_cols, layer.matrix_cols, layer.layout}, layer.detection, layer.in.field});
      continue;
    }
    if (layer.kind == Kind::freespace) {
      platform::FreespacePlan plan = layer.optics;
      plan.name = layer.name;
      plans.push_back(std::move(plan));
      continue;
    }
    if (layer.kind == Kind::d2nn) {
      platform::D2nnPlan plan = layer.diffraction;
      plan.name = layer.name;
      plans.push_back(std::move(plan));
      continue;
    }
    const auto [rows, cols] = parse_chip(layer.chip, layer.name);
    plans.push_back(
        platform::BankPlan{layer.name, layer.matrix_rows, layer.matrix_cols, rows, cols, layer.reuse});
  }
  return plans;
}

std::vector<bool> Resolved::signed_inputs() const {
  std::vector<bool> all;
  for (std::size_t k = 0; k < layers.size(); ++k)
    if (layers[k].physical >= 0) all.push_back(signs_leave(std::span(layers).first(k)));
  return all;
}

Resolved resolve(const NetworkSpec& spec, int chip_rows, int chip_cols) {
  if (spec.inputs.empty())
    throw UsageError("--inputs: a network needs the shape of its inputs, as --inputs 784");
  if (spec.layers.empty())
    throw UsageError("--layer: a network needs at least one layer, as --layer mrr:out=10");
  check_numbers(double(spec.layers.size()), most_layers, "layers", "--layer");
  Resolved net;
  net.input = parse_shape(spec.inputs);
  net.spec.inputs = net.input.to_string();
  std::vector<Parsed> parsed;
  for (const std::string& text : spec.layers) {
    parsed.push_back(parse_layer(text));
    net.spec.layers.push_back(canonical(parsed.back()));
  }
  std::map<std::string, int> counts;
  const auto name_of = [&](const std::string& word) { return word + std::to_string(++counts[word]); };
  Shape shape = net.input;
  int physical = 0;
  const auto add = [&](Kind kind, const char* word, const Shape& in, const Shape& out) {
    Layer layer{};
    layer.kind = kind;
    layer.name = name_of(word);
    layer.in = in;
    layer.out = out;
    net.layers.push_back(layer);
    shape = out;
  };
  bool wants_gain = false;  // a physical layer's numbers have been detected, and nothing has scaled them yet
  for (std::size_t k = 0; k < parsed.size(); ++k) {
    const Parsed& p = parsed[k];
    const std::string where = "--layer " + net.spec.layers[k];
    Layer layer{};
    layer.kind = p.info->kind;
    layer.in = shape;
    shape_layer(layer, p, where);
    check_signals(layer.out, where);
    if (layer.kind == Kind::freespace && signs_leave(net.layers))
      throw UsageError(
          where + ": a display shows no negative numbers; put relu, sigmoid, softplus or abs2 before it");
    if (is_physical(layer.kind)) layer.physical = physical++;
    if (is_ring_layer(layer.kind)) {
      layer.name = name_of("mrr");
      layer.chip = std::to_string(chip_rows) + "x" + std::to_string(chip_cols);
      if (const auto it = p.values.find("chip"); it != p.values.end()) layer.chip = it->second;
      static_cast<void>(parse_chip(layer.chip, where));
      if (const auto it = p.values.find("reuse"); it != p.values.end()) {
        if (it->second != "time" && it->second != "space")
          throw UsageError(where + ": reuse: expected time or space, found \"" + it->second + "\"");
        layer.reuse = it->second == "space" ? platform::Reuse::space : platform::Reuse::time;
      }
    } else {
      layer.name = name_of(p.info->word);
    }
    shape = layer.out;
    net.layers.push_back(layer);
    if (is_physical(layer.kind)) wants_gain = !layer.out.field;
    if (p.values.contains("keep")) {
      const Index kept = get_index(p, "keep", 0, 1, where);
      if (kept > shape.channels || shape.field)
        throw UsageError(where + ": keep: expected at most the " + std::to_string(shape.channels) +
                         " detected outputs, found " + std::to_string(kept));
      add(Kind::keep, "keep", shape, Shape{kept, 1, 1});
    }
    const Kind next = k + 1 < parsed.size() ? parsed[k + 1].info->kind : Kind::gain;
    if (wants_gain && next != Kind::normalize) {
      if (next != Kind::batchnorm) add(Kind::gain, "gain", shape, shape);
      wants_gain = false;
    }
  }
  return net;
}

}  // namespace pnn::network
