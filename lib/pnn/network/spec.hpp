// The description of a network: as a user writes it, and resolved to shapes and names.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/options.hpp"
#include "pnn/platform/bank_plan.hpp"

namespace pnn::network {

/// Signals are images [channels, height, width] in memory (width fastest); a vector has height = width = 1.
struct Shape {
  Index channels = 0, height = 1, width = 1;
  [[nodiscard]] Index size() const { return channels * height * width; }
  bool operator==(const Shape&) const = default;
  [[nodiscard]] std::string to_string() const;  ///< "784" or "1x28x28"
};

/// What a user writes: --inputs 1x28x28 --layer mrr-conv:out=6,kernel=5,pad=2 …; the canonical form of it.
struct NetworkSpec {
  std::string inputs;
  std::vector<std::string> layers;
  bool operator==(const NetworkSpec&) const = default;
  void describe(Options& options);  ///< --inputs and --layer
  [[nodiscard]] bool empty() const { return inputs.empty() && layers.empty(); }
};

enum class Kind { mrr, mrr_conv, dense, conv, batchnorm, maxpool, relu, sigmoid, tanh, softplus, abs2, gain };

/// Layers whose matrix is digital, with a bias.
inline bool is_digital_matrix(Kind kind) {
  return kind == Kind::dense || kind == Kind::conv;
}

/// One layer with its shapes. A `gain` (one trainable scalar) stands after each physical layer that no
/// batchnorm follows.
struct Layer {
  Kind kind;
  std::string name;  ///< "mrr1" (counting physical layers), "dense1", "batchnorm2", …
  Shape in, out;
  Index kernel = 1, pad = 0, stride = 1;   ///< convolutions
  Index pool = 1;                          ///< maxpool
  Index matrix_rows = 0, matrix_cols = 0;  ///< of the weight matrix, if it has one
  int physical = -1;                       ///< number among the physical layers, or −1
  std::string chip = "16x8";
  platform::Reuse reuse = platform::Reuse::time;
};

struct Resolved {
  NetworkSpec spec;  ///< canonical text
  Shape input;
  std::vector<Layer> layers;
  [[nodiscard]] Shape output() const { return layers.empty() ? input : layers.back().out; }
  [[nodiscard]] std::vector<platform::BankPlan> plans() const;
};

/// Throws UsageError: unknown kinds and keys name the nearest known one; shapes that do not fit say where.
/// `chip_rows` × `chip_cols` is the chip of layers that do not name one (the process's).
Resolved resolve(const NetworkSpec& spec, int chip_rows, int chip_cols);

}  // namespace pnn::network
