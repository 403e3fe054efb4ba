// Layout of a weight matrix on chips of rings: tiles, and numbers of rings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::mrr {

/// How a matrix larger than a chip runs: as tiles on one chip in turn (`time`: all tiles of all layers use
/// the same rings), or on as many chips as it needs (`space`: every tile has rings of its own).
enum class Reuse { time, space };

/// The bank of one physical layer. Weight (i, j) is in tile (i / rows, j / cols), at ring (i mod rows, j mod
/// cols). Number of a ring: with time, row·cols + col of the one chip; with space, tile·rows·cols + row·cols
/// + col, tiles row by row. The controls are one current for each weight, [out, in] row by row; rings of an
/// incomplete tile that carry no weight have no control, stay at 0 mA and are left out of all sums.
struct BankPlan {
  std::string name;  ///< name of the layer: "mrr1"
  Index out = 0, in = 0;
  int chip_rows = 16, chip_cols = 8;
  Reuse reuse = Reuse::time;

  [[nodiscard]] Index tile_rows() const { return (out + chip_rows - 1) / chip_rows; }
  [[nodiscard]] Index tile_cols() const { return (in + chip_cols - 1) / chip_cols; }
  [[nodiscard]] Index tiles() const { return tile_rows() * tile_cols(); }
  [[nodiscard]] Index weights() const { return out * in; }
  [[nodiscard]] Index rings_per_chip() const { return Index(chip_rows) * chip_cols; }
  /// Number of physical rings.
  [[nodiscard]] Index rings() const {
    return reuse == Reuse::time ? rings_per_chip() : tiles() * rings_per_chip();
  }
  [[nodiscard]] Index ring_of(Index i, Index j) const {
    const Index local = (i % chip_rows) * chip_cols + j % chip_cols;
    return reuse == Reuse::time ? local
                                : ((i / chip_rows) * tile_cols() + j / chip_cols) * rings_per_chip() + local;
  }
  /// Layers with equal keys share one chip: "time16x8", or for space the name of the layer.
  [[nodiscard]] std::string chip_key() const {
    return reuse == Reuse::space ? name
                                 : "time" + std::to_string(chip_rows) + "x" + std::to_string(chip_cols);
  }
  bool operator==(const BankPlan&) const = default;
  operator platform::AnyPlan() const;  // NOLINT(google-explicit-constructor): it is the plan of a layer
};

/// The names of a plan's rings, in their order: "row 3 col 7", or with space "tile 2 row 3 col 7".
std::vector<std::string> ring_names(const BankPlan& plan);

}  // namespace pnn::platforms::mrr
