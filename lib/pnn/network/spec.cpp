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
bool is_convolution(Kind k) {
  return k == Kind::physical_conv || k == Kind::conv;
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

/// Whether what leaves the last of these layers may be negative: the inputs of a network are powers of light,
/// and pooling changes no sign.
bool signs_leave(std::span<const Layer> layers) {
  const auto last =
      std::find_if(layers.rbegin(), layers.rend(), [](const Layer& l) { return l.kind != Kind::maxpool; });
  return last != layers.rend() && may_be_negative(last->kind);
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

/// Fills the shapes of one digital layer from its options and the shape that reaches it.
void shape_digital(Layer& layer, const LayerText& p) {
  if (layer.kind == Kind::normalize) {
    layer.power = p.number("power", layer.power);
    if (!(layer.power >= 1e-6 && layer.power <= 1e6))
      throw UsageError(p.where + ": power: expected a number from 1e-6 to 1e6, found " +
                       format_number(layer.power));
  } else if (is_convolution(layer.kind)) {
    shape_convolution(layer, p);
    layer.matrix_rows = layer.out.channels;
    layer.matrix_cols = layer.kernel * layer.kernel * layer.in.channels;
  } else if (layer.kind == Kind::dense) {
    layer.out = Shape{p.index("out", 0, 1), 1, 1};
    layer.matrix_rows = layer.out.channels;
    layer.matrix_cols = layer.in.size();
  } else if (layer.kind == Kind::maxpool) {
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
  options.list("layer", layers, "KIND[:key=value,…]",
               "a layer, in order: " + physical +
                   "dense:out=N | conv:out=N,kernel=K[,pad=P][,stride=S] | batchnorm | maxpool:K | relu | "
                   "sigmoid | tanh | softplus | abs2 | electro-optic | normalize[:power=P]");
}

std::vector<platform::AnyPlan> Resolved::plans() const {
  std::vector<platform::AnyPlan> plans;
  for (const Layer& layer : layers)
    if (layer.plan) plans.push_back(*layer.plan);
  return plans;
}

std::vector<bool> Resolved::signed_inputs() const {
  std::vector<bool> all;
  for (std::size_t k = 0; k < layers.size(); ++k)
    if (layers[k].physical >= 0) all.push_back(signs_leave(std::span(layers).first(k)));
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
  bool wants_gain = false;  // a physical layer's numbers have been detected, and nothing has scaled them yet
  for (std::size_t k = 0; k < parsed.size(); ++k) {
    const ParsedLayer& p = parsed[k];
    Layer layer{};
    layer.kind = p.kind->kind;
    layer.in = layer.out = shape;
    check_light(layer, p);
    layer.name = name_of(p.kind->platform != nullptr ? p.kind->platform->word() : p.kind->word);
    if (is_physical(layer.kind)) {
      plan_physical(layer, p, process, signs_leave(net.layers));
      layer.physical = physical++;
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
    const Kind next = k + 1 < parsed.size() ? parsed[k + 1].kind->kind : Kind::gain;
    if (wants_gain && next != Kind::normalize) {
      if (next != Kind::batchnorm) add(Kind::gain, "gain", shape, shape);
      wants_gain = false;
    }
  }
  return net;
}

}  // namespace pnn::network
