// The description of a network: as a user writes it, and resolved to shapes and names.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/options.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace pnn::network {

/// Signals are images [channels, height, width] in memory (width fastest); a vector has height = width = 1.
/// A field is a vector of complex amplitudes: its real parts, then its imaginary parts.
struct Shape {
  Index channels = 0, height = 1, width = 1;
  bool field = false;
  /// Real numbers of one signal.
  [[nodiscard]] Index size() const { return channels * height * width * (field ? 2 : 1); }
  bool operator==(const Shape&) const = default;
  [[nodiscard]] std::string to_string() const;  ///< "784", "1x28x28", or "64c" for 64 amplitudes
};
/// The inverse of to_string. Throws UsageError naming --inputs.
Shape parse_shape(const std::string& text);

/// What a user writes: --inputs 1x28x28 --layer mrr-conv:out=6,kernel=5,pad=2 …; the canonical form of it.
struct NetworkSpec {
  std::string inputs;
  std::vector<std::string> layers;
  bool operator==(const NetworkSpec&) const = default;
  void describe(Options& options);  ///< --inputs and --layer
  [[nodiscard]] bool empty() const { return inputs.empty() && layers.empty(); }
  [[nodiscard]] std::string to_string() const;  ///< "784 | mrr:out=64 | relu | mrr:out=10"
};

enum class Kind {
  mrr,
  mrr_conv,
  mzi,
  freespace,
  d2nn,
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
  keep,  ///< the first channels alone; stands behind a mesh with keep=K
  gain,  ///< one trainable factor
};

/// Layers whose matrix is digital, with a bias.
inline bool is_digital_matrix(Kind kind) {
  return kind == Kind::dense || kind == Kind::conv;
}

/// One layer with its shapes. A `gain` (one trainable scalar) stands after each physical layer that no
/// batchnorm follows and whose output is not a field; behind `keep` and `normalize` where those follow.
struct Layer {
  Kind kind;
  std::string name;  ///< "mrr1" (counting the layers of a platform), "dense1", "batchnorm2", …
  Shape in, out;
  Index kernel = 1, pad = 0, stride = 1;   ///< convolutions
  Index pool = 1;                          ///< maxpool
  Index matrix_rows = 0, matrix_cols = 0;  ///< of its weights as stored, if it has any
  double power = 1;                        ///< normalize: squared norm of its output
  int physical = -1;                       ///< number among the physical layers, or −1
  std::string chip = "16x8";
  platform::Reuse reuse = platform::Reuse::time;
  platform::MeshLayout layout = platform::MeshLayout::unitary;
  platform::Detection detection = platform::Detection::intensity;
  platform::FreespacePlan optics;  ///< freespace: all but name and outputs
  platform::D2nnPlan diffraction;  ///< d2nn: all but name
};

struct Resolved {
  NetworkSpec spec;  ///< canonical text
  Shape input;
  std::vector<Layer> layers;
  [[nodiscard]] Shape output() const { return layers.empty() ? input : layers.back().out; }
  [[nodiscard]] std::vector<platform::LayerPlan> plans() const;
  /// For each physical layer, whether what reaches it may be negative: it comes from a layer other than relu,
  /// sigmoid, softplus and abs2 (pooling aside). What enters the network is taken for powers of light.
  [[nodiscard]] std::vector<bool> signed_inputs() const;
};

/// Throws UsageError: unknown kinds and keys name the nearest known one; shapes that do not fit say where.
/// `chip_rows` × `chip_cols` is the chip of layers that do not name one (the process's).
Resolved resolve(const NetworkSpec& spec, int chip_rows, int chip_cols);

}  // namespace pnn::network
