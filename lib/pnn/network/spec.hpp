// The description of a network: as users write it, and resolved to shapes and names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/options.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platform/shape.hpp"

namespace pnn::network {

using platform::Shape;

/// The inverse of Shape::to_string. Throws UsageError, naming --inputs.
Shape parse_shape(const std::string& text);

/// A network as a user writes it (--inputs 1x28x28 --layer conv:out=6,kernel=5,pad=2 …), or its canonical
/// text.
struct NetworkSpec {
  std::string inputs;
  std::vector<std::string> layers;
  bool operator==(const NetworkSpec&) const = default;
  void describe(Options& options);  ///< --inputs and --layer
  [[nodiscard]] bool empty() const { return inputs.empty() && layers.empty(); }
  [[nodiscard]] std::string to_string() const;  ///< "784 | dense:out=64 | relu | dense:out=10"
};

/// The kinds of layers.
enum class Kind {
  physical,       ///< a layer on a platform, applied to its whole input
  physical_conv,  ///< a layer on a platform, applied patch by patch (a convolution)
  dense,
  conv,
  batchnorm,
  maxpool,
  relu,
  sigmoid,
  tanh,
  softplus,
  abs2,
  electro_optic,
  normalize,
  keep,  ///< the first channels alone; follows a physical layer with keep=K
  gain,  ///< one trainable factor
  avgpool,
  dropout,  ///< numbers left out at random, in training
  save,     ///< a name for what reaches it, and no layer of its own
  add,      ///< the sum with what has such a name
};

/// Whether a layer has a digital matrix, with a bias.
inline bool is_digital_matrix(Kind kind) {
  return kind == Kind::dense || kind == Kind::conv;
}

/// Whether a layer multiplies patches of its input.
inline bool is_convolution(Kind kind) {
  return kind == Kind::physical_conv || kind == Kind::conv;
}

/// One layer with its shapes. A `gain` (one trainable factor) follows each physical layer whose output is not
/// a field and that no batchnorm follows; `keep` and `normalize` come before it. A `save` is no layer.
struct Layer {
  Kind kind;
  int from = -1;  ///< add: the layer whose output is added, by its place; −1 for the inputs of the network
  std::string name;  ///< "dense1", "batchnorm2", or a platform's word and a number
  Shape in, out;
  Index kernel = 1, pad = 0, stride = 1;   ///< convolutions; add: every `stride`-th line and column
  Index pool = 1;                          ///< maxpool, avgpool: size of a window; 0: the whole picture
  Index matrix_rows = 0, matrix_cols = 0;  ///< size of its weights as stored, if it has any
  double power = 1;   ///< normalize: squared norm of its output; dropout: probability of 0
  int physical = -1;  ///< number among the physical layers, or −1
  std::optional<platform::AnyPlan> plan;  ///< plan of a physical layer

  /// Digital convolutions: the parts into which channels are cut, each output channel reading one of them.
  [[nodiscard]] Index groups() const {
    return kind == Kind::conv ? kernel * kernel * in.channels / matrix_cols : 1;
  }
};

/// A network with all shapes, names and plans.
struct Resolved {
  NetworkSpec spec;  ///< canonical text
  Shape input;
  std::vector<Layer> layers;
  [[nodiscard]] Shape output() const { return layers.empty() ? input : layers.back().out; }
  /// The shape of what layer `k`, an add, adds to its input.
  [[nodiscard]] const Shape& added(std::size_t k) const {
    return layers[k].from < 0 ? input : layers[std::size_t(layers[k].from)].out;
  }
  [[nodiscard]] std::vector<platform::AnyPlan> plans() const;
  /// For each physical layer, whether its inputs may be negative: they come from a layer other than relu,
  /// sigmoid, softplus and abs2 (pooling and dropout change no sign, and a sum has those of both its parts).
  /// The inputs of the network are powers of light unless `negative_inputs`.
  [[nodiscard]] std::vector<bool> signed_inputs(bool negative_inputs = false) const;
};

/// Throws UsageError: for unknown kinds and keys it names the nearest known one, for shapes that do not fit
/// the place. `process` provides the chip sizes that a layer does not give itself.
Resolved resolve(const NetworkSpec& spec, const platform::Process& process);

}  // namespace pnn::network
