#include "pnn/network/digital_network.hpp"

#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/layer_text.hpp"
#include "pnn/network/network.hpp"

namespace pnn::network {
namespace {

NamedValues vector_of(const char* name, const std::vector<double>& values) {
  NamedValues named{name, Array<float>({values.size()})};
  for (std::size_t k = 0; k < values.size(); ++k) named.values.data[k] = float(values[k]);
  return named;
}

NamedValues* find(DigitalLayer& layer, const std::string& name) {
  for (NamedValues& values : layer.values)
    if (values.name == name) return &values;
  return nullptr;
}

std::string sizes_of(const std::vector<std::size_t>& shape) {
  std::vector<std::string> sizes;
  for (const std::size_t size : shape) sizes.push_back(std::to_string(size));
  return "[" + join(sizes, ", ") + "]";
}

std::size_t count_of(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) count *= size;
  return count;
}

/// Whether values of this shape are a segment's: as many along the first axis, and as many in all.
bool fits(const std::vector<std::size_t>& shape, const std::vector<std::size_t>& segment) {
  return !shape.empty() && shape.front() == segment.front() && count_of(shape) == count_of(segment);
}

/// Multiplies the weights of each channel by its factor, and adds what the offsets give to the bias.
void put_into_weights(DigitalLayer& layer, const Affine& affine, Index channels) {
  Array<float>&weight = find(layer, "weight")->values, &bias = find(layer, "bias")->values;
  const std::size_t cols = weight.stride(), apart = cols / std::size_t(channels);
  for (std::size_t row = 0; row < weight.dim(0); ++row) {
    double shift = bias.data[row];
    for (std::size_t k = 0; k < cols; ++k) {
      float& w = weight.data[row * cols + k];
      shift += double(w) * affine.offset[k / apart];
      w = float(double(w) * affine.factor[k / apart]);
    }
    bias.data[row] = float(shift);
  }
}

}  // namespace

NetworkSpec DigitalNetwork::spec() const {
  NetworkSpec spec{inputs, {}};
  for (const DigitalLayer& layer : layers) spec.layers.push_back(layer.text);
  return spec;
}

std::vector<const Layer*> layers_of(const NetworkSpec& digital, const Resolved& resolved) {
  std::vector<const Layer*> all;
  std::size_t next = 0;
  for (const std::string& text : digital.layers)
    all.push_back(parse_layer(text).kind->kind == Kind::save ? nullptr : &resolved.layers.at(next++));
  require(next == resolved.layers.size(), "a layer a text where none is physical");
  return all;
}

DigitalLayer batchnorm_layer(const Affine& behind, std::vector<double> mean, std::vector<double> variance,
                             double epsilon, std::string origin) {
  std::vector<double> scale = behind.factor;
  for (std::size_t c = 0; c < scale.size(); ++c)
    scale[c] *= std::sqrt((variance[c] + batchnorm_epsilon) / (variance[c] + epsilon));
  return {"batchnorm",
          std::move(origin),
          {vector_of("scale", scale), vector_of("shift", behind.offset), vector_of("mean", mean),
           vector_of("variance", variance)}};
}

std::vector<NamedValues> segments_of(const DigitalNetwork& network, const std::string& where) {
  const Resolved resolved = resolve(network.spec(), {});
  const std::vector<const Layer*> layers = layers_of(network.spec(), resolved);
  const DigitalLayout layout = digital_layout(resolved);
  Complaints complaints(where);
  std::vector<NamedValues> all;
  for (const auto* segments : {&layout.trained, &layout.state}) {
    for (const Segment& segment : *segments) {
      for (std::size_t k = 0; k < layers.size(); ++k) {
        if (layers[k] == nullptr || !segment.name.starts_with(layers[k]->name + "/")) continue;
        const std::string part = segment.name.substr(layers[k]->name.size() + 1);
        for (const NamedValues& values : network.layers[k].values) {
          if (values.name != part) continue;
          if (!fits(values.values.shape, segment.shape)) {
            complaints.add(network.layers[k].origin + ": " + part + " of " + sizes_of(values.values.shape) +
                           ", where " + layers[k]->in.to_string() + " numbers reach it and " +
                           sizes_of(segment.shape) + " are expected" +
                           (layers[k]->kind == Kind::batchnorm
                                ? "; a batchnorm has a scale a channel: put it before flatten"
                                : ""));
            continue;
          }
          if (!all_finite(std::span<const float>(values.values.data)))
            complaints.add(network.layers[k].origin + ": " + part + " has numbers that are not finite");
          all.push_back({segment.name, Array<float>(segment.shape)});
          all.back().values.data = values.values.data;
        }
      }
    }
  }
  complaints.raise();
  require(all.size() == layout.trained.size() + layout.state.size(), "every segment has its numbers");
  return all;
}

void put_in_front(DigitalNetwork& network, const Affine& normalisation, const std::string& where) {
  static_cast<void>(segments_of(network, where));  // every number has its place
  const Shape in = parse_shape(network.inputs);
  Affine each = normalisation;
  if (each.factor.size() == 1) {
    each.factor.resize(std::size_t(in.channels), each.factor.front());
    each.offset.resize(std::size_t(in.channels), each.offset.front());
  }
  if (Index(each.factor.size()) != in.channels)
    throw InputError(where + ": " + std::to_string(each.factor.size()) + " means, and inputs of " +
                     in.to_string() + " have " + std::to_string(in.channels) + " channels");
  if (!network.layers.empty() && !network.layers.front().values.empty()) {
    DigitalLayer& first = network.layers.front();
    const ParsedLayer parsed = parse_layer(first.text);
    const Kind kind = parsed.kind->kind;
    if (kind == Kind::dense || (kind == Kind::conv && parsed.text.index("pad", 0, 0) == 0)) {
      put_into_weights(first, each, in.channels);
      network.notes.push_back("the normalisation of the inputs is in the weights of the first layer");
      return;
    }
  }
  std::vector<double> mean, variance;
  for (std::size_t c = 0; c < each.factor.size(); ++c) {
    mean.push_back(-each.offset[c] / each.factor[c]);
    variance.push_back(1 / (each.factor[c] * each.factor[c]));
    each.factor[c] = std::copysign(1.0, each.factor[c]);
    each.offset[c] = 0;
  }
  network.layers.insert(network.layers.begin(),
                        batchnorm_layer(each, mean, variance, 0, "normalisation of the inputs"));
  network.notes.push_back("the normalisation of the inputs is a batchnorm in front");
}

Affine parse_normalisation(const std::string& text, const std::string& option) {
  Affine affine;
  for (const std::string& pair : split(text, ',')) {
    const std::vector<std::string> numbers = split(pair, ':');
    const auto mean = numbers.size() == 2 ? read_number(numbers[0]) : std::nullopt,
               deviation = numbers.size() == 2 ? read_number(numbers[1]) : std::nullopt;
    if (!mean || !deviation || !(*deviation > 0) || !std::isfinite(*mean) || !std::isfinite(*deviation))
      throw UsageError(option +
                       ": expected MEAN:DEVIATION for all channels or, with commas, for each, as "
                       "0.1307:0.3081, or none; found \"" +
                       text + "\"");
    affine.factor.push_back(1 / *deviation);
    affine.offset.push_back(-*mean / *deviation);
  }
  return affine;
}

}  // namespace pnn::network
