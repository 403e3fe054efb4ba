#include "pnn/network/spec.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/layer_text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::network {
namespace {

using platform::check_numbers;

bool is_physical(Kind k) {
  return k == Kind::physical || k == Kind::physical_conv;
}

constexpr double most_signals = 1e9, most_weights = 1e12, most_layers = 1e4;

void check_signals(const Shape& shape, const std::string& where) {
  check_numbers(double(shape.channels) * double(shape.height) * double(shape.width), most_signals,
                "numbers a sample", where);
}

/// Whether the outputs of a layer may be negative: some platforms cannot take them, others need two
/// read-outs.
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

/// For each of these layers whether what leaves it may be negative. Pooling and dropout change no sign.
std::vector<bool> signs_behind(std::span<const Layer> layers, bool inputs) {
  std::vector<bool> signs;
  for (const Layer& layer : layers) {
    const bool before = signs.empty() ? inputs : signs.back();
    if (layer.kind == Kind::maxpool || layer.kind == Kind::avgpool || layer.kind == Kind::dropout) {
      signs.push_back(before);
    } else if (layer.kind == Kind::add) {
      signs.push_back(before || (layer.from < 0 ? inputs : signs[std::size_t(layer.from)]));
    } else {
      signs.push_back(may_be_negative(layer.kind));
    }
  }
  return signs;
}

/// What a save gives a name to.
struct Saved {
  int layer;  ///< whose output it is, by its place; −1 for the inputs of the network
  Shape shape;
  std::string where;  ///< how errors name the save
  bool added = false;
};
using Names = std::map<std::string, Saved>;

void save(Names& names, const ParsedLayer& p, int layer, const Shape& shape) {
  const auto it = p.text.values.find("name");
  if (it == p.text.values.end() || it->second.empty())
    throw UsageError(p.text.where + ": needs a name, as save:a, which add:a then adds");
  const auto [place, is_new] = names.emplace(it->second, Saved{layer, shape, p.text.where});
  if (!is_new) throw UsageError(p.text.where + ": the name \"" + it->second + "\" stands twice");
}

/// Whether what reaches a layer may be a field.
bool takes_field(const ParsedLayer& p) {
  if (p.kind->platform != nullptr) return p.kind->platform->takes_field();
  return p.kind->kind == Kind::electro_optic || p.kind->kind == Kind::normalize;
}

void check_light(const Layer& layer, const ParsedLayer& p) {
  if (layer.in.field && !takes_field(p)) {
    throw UsageError(p.text.where +
                     ": light reaches it as a field; detect it first (detect=intensity, modulus or "
                     "coherent of the layer before)");
  }
  if (layer.kind == Kind::electro_optic && !layer.in.field) {
    throw UsageError(p.text.where +
                     ": acts on light, but numbers reach it; put a layer with detect=field before it");
  }
}

/// Fills kernel, padding and stride, and the height and width of what leaves.
void shape_convolution(Layer& layer, const LayerText& p) {
  layer.kernel = p.index("kernel", 0, 1);
  layer.pad = p.index("pad", 0, 0);
  layer.stride = p.index("stride", 1, 1);
  const Index height = layer.in.height + 2 * layer.pad - layer.kernel,
              width = layer.in.width + 2 * layer.pad - layer.kernel;
  if (height < 0 || width < 0) {
    throw UsageError(p.where + ": a kernel of " + std::to_string(layer.kernel) +
                     " does not fit what reaches it, " + layer.in.to_string() +
                     " (channels x height x width); give --inputs as 1x28x28, or pad");
  }
  layer.out = Shape{p.index("out", 0, 1), height / layer.stride + 1, width / layer.stride + 1};
  check_numbers(
      double(layer.kernel) * double(layer.kernel) * double(layer.in.channels) * double(layer.out.channels),
      most_weights, "weights", p.where);
}

/// Asks the platform for its plan, of a patch where it is a convolution.
void plan_physical(Layer& layer, const ParsedLayer& p, const platform::Process& process,
                   bool may_be_negative) {
  const bool patches = layer.kind == Kind::physical_conv;
  if (patches) shape_convolution(layer, p.text);
  const Shape in = patches ? Shape{layer.kernel * layer.kernel * layer.in.channels} : layer.in;
  layer.plan = p.kind->platform->plan({layer.name, in, p.text, process});
  const platform::LayerPlan& plan = *layer.plan;
  if (may_be_negative && !plan.takes_negative_inputs())
    throw UsageError(p.text.where +
                     ": takes no negative numbers; put relu, sigmoid, softplus or abs2 before it");
  if (!patches) layer.out = Shape{plan.size().first, 1, 1, plan.gives_field()};
  const std::vector<std::size_t> stored = plan.weights_port().shape;
  layer.matrix_cols = Index(stored.back());
  layer.matrix_rows = 1;
  for (std::size_t k = 0; k + 1 < stored.size(); ++k) layer.matrix_rows *= Index(stored[k]);
}

/// Finds what a sum adds, and checks that it fits.
void shape_sum(Layer& layer, const LayerText& p, Names& names) {
  const auto name = p.values.find("name");
  std::vector<std::string> known;
  for (const auto& [word, saved] : names) known.push_back(word);
  const auto it = name == p.values.end() ? names.end() : names.find(name->second);
  if (it == names.end())
    throw UsageError(p.where + ": adds nothing that a save before it has named" +
                     (name == p.values.end() ? "" : did_you_mean(name->second, known)) +
                     (known.empty() ? "; put save:a before the layers that the sum goes around"
                                    : " (saved: " + join(known, ", ") + ")"));
  Saved& saved = it->second;
  saved.added = true;
  layer.from = saved.layer;
  layer.stride = p.index("stride", 1, 1);
  const auto every = [&](Index size) { return (size - 1) / layer.stride + 1; };
  const bool fits = p.has("stride") ? layer.in.height == every(saved.shape.height) &&
                                          layer.in.width == every(saved.shape.width) &&
                                          layer.in.channels >= saved.shape.channels
                                    : layer.in == saved.shape;
  if (!fits)
    throw UsageError(p.where + ": " + layer.in.to_string() + " reaches it, and what was saved is " +
                     saved.shape.to_string() +
                     "; equal shapes are added, or with stride=S every S-th line and " +
                     "column of what was saved to the first channels of what reaches it");
}

/// Fills the shapes of one digital layer from its options and the shape that reaches it.
void shape_digital(Layer& layer, const LayerText& p) {
  if (layer.kind == Kind::dropout) {
    layer.power = p.number("rate", 0.5);
    if (!(layer.power > 0 && layer.power < 1))
      throw UsageError(p.where + ": expected a probability above 0 and below 1, found " +
                       format_number(layer.power));
  } else if (layer.kind == Kind::normalize) {
    layer.power = p.number("power", layer.power);
    if (!(layer.power >= 1e-6 && layer.power <= 1e6))
      throw UsageError(p.where + ": power: expected a number from 1e-6 to 1e6, found " +
                       format_number(layer.power));
  } else if (is_convolution(layer.kind)) {
    shape_convolution(layer, p);
    layer.matrix_rows = layer.out.channels;
    const Index groups = p.index("groups", 1, 1);
    if (layer.in.channels % groups != 0 || layer.out.channels % groups != 0)
      throw UsageError(p.where + ": groups: expected a number that divides the channels, " +
                       std::to_string(layer.in.channels) + " before and " +
                       std::to_string(layer.out.channels) + " behind it");
    layer.matrix_cols = layer.kernel * layer.kernel * layer.in.channels / groups;
  } else if (layer.kind == Kind::dense) {
    layer.out = Shape{p.index("out", 0, 1), 1, 1};
    layer.matrix_rows = layer.out.channels;
    layer.matrix_cols = layer.in.size();
  } else if (layer.kind == Kind::avgpool && p.has("size") && p.values.at("size") == "global") {
    layer.pool = 0;
    layer.out = Shape{layer.in.channels, 1, 1};
  } else if (layer.kind == Kind::maxpool || layer.kind == Kind::avgpool) {
    layer.pool = p.index("size", 2, 1);
    layer.out.height = layer.in.height / layer.pool;
    layer.out.width = layer.in.width / layer.pool;
    if (layer.out.height < 1 || layer.out.width < 1) {
      throw UsageError(p.where + ": pooling by " + std::to_string(layer.pool) + " leaves nothing of " +
                       layer.in.to_string());
    }
  }
}

}  // namespace

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
  std::string physical;
  for (const platform::Platform* platform : platform::registry()) {
    physical += platform->usage() + " | ";
    if (platform->convolves()) physical += platform->word() + "-conv:… with kernel=K[,pad=P][,stride=S] | ";
  }
  options.list(
      "layer", layers, "KIND[:key=value,…]",
      "a layer, in order: " + physical +
          "dense:out=N | conv:out=N,kernel=K[,pad=P][,stride=S][,groups=G] | batchnorm | maxpool:K | "
          "avgpool:K | avgpool:global | dropout:RATE | save:NAME, and behind other layers "
          "add:NAME[,stride=S] | relu | sigmoid | tanh | softplus | abs2 | electro-optic | "
          "normalize[:power=P]");
}

std::vector<platform::AnyPlan> Resolved::plans() const {
  std::vector<platform::AnyPlan> plans;
  for (const Layer& layer : layers)
    if (layer.plan) plans.push_back(*layer.plan);
  return plans;
}

std::vector<bool> Resolved::signed_inputs(bool negative_inputs) const {
  const std::vector<bool> signs = signs_behind(layers, negative_inputs);
  std::vector<bool> all;
  for (std::size_t k = 0; k < layers.size(); ++k)
    if (layers[k].physical >= 0) all.push_back(k > 0 ? signs[k - 1] : negative_inputs);
  return all;
}

Resolved resolve(const NetworkSpec& spec, const platform::Process& process) {
  if (spec.inputs.empty())
    throw UsageError("--inputs: a network needs the shape of its inputs, as --inputs 784");
  if (spec.layers.empty())
    throw UsageError("--layer: a network needs at least one layer, as --layer dense:out=10");
  check_numbers(double(spec.layers.size()), most_layers, "layers", "--layer");
  Resolved net;
  net.input = parse_shape(spec.inputs);
  net.spec.inputs = net.input.to_string();
  std::vector<ParsedLayer> parsed;
  for (const std::string& text : spec.layers) {
    parsed.push_back(parse_layer(text));
    net.spec.layers.push_back(canonical(parsed.back()));
    parsed.back().text.where = "--layer " + net.spec.layers.back();
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
  Names names;
  bool wants_gain = false;  // a physical layer's numbers have been detected, and nothing has scaled them yet
  for (std::size_t k = 0; k < parsed.size(); ++k) {
    const ParsedLayer& p = parsed[k];
    Layer layer{};
    layer.kind = p.kind->kind;
    layer.in = layer.out = shape;
    check_light(layer, p);
    if (layer.kind == Kind::save) {
      save(names, p, int(net.layers.size()) - 1, shape);
      continue;
    }
    layer.name = name_of(p.kind->platform != nullptr ? p.kind->platform->word() : p.kind->word);
    if (is_physical(layer.kind)) {
      const std::vector<bool> signs = signs_behind(net.layers, false);
      plan_physical(layer, p, process, !signs.empty() && signs.back());
      layer.physical = physical++;
    } else if (layer.kind == Kind::add) {
      shape_sum(layer, p.text, names);
    } else {
      shape_digital(layer, p.text);
    }
    check_signals(layer.out, p.text.where);
    shape = layer.out;
    net.layers.push_back(layer);
    if (is_physical(layer.kind)) wants_gain = !layer.out.field;
    if (p.text.has("keep")) {
      const Index kept = p.text.index("keep", 0, 1);
      if (kept > shape.channels || shape.field)
        throw UsageError(p.text.where + ": keep: expected at most the " + std::to_string(shape.channels) +
                         " detected outputs, found " + std::to_string(kept));
      add(Kind::keep, "keep", shape, Shape{kept, 1, 1});
    }
    std::size_t behind = k + 1;
    while (behind < parsed.size() && parsed[behind].kind->kind == Kind::save) ++behind;
    const Kind next = behind < parsed.size() ? parsed[behind].kind->kind : Kind::gain;
    if (wants_gain && next != Kind::normalize) {
      if (next != Kind::batchnorm) add(Kind::gain, "gain", shape, shape);
      wants_gain = false;
    }
  }
  for (const auto& [name, saved] : names)
    if (!saved.added) throw UsageError(saved.where + ": nothing adds it; put add:" + name + " behind it");
  if (net.layers.empty()) throw UsageError("--layer: a network needs a layer beside save");
  return net;
}

}  // namespace pnn::network
