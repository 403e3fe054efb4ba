// How a weight matrix lies on chips of rings: tiles, rings and their indices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// A matrix larger than the chip runs as tiles on one chip (`time`: every tile of every layer meets the
/// same rings) or on as many chips as it needs (`space`: every ring its own draw).
enum class Reuse { time, space };

/// The bank of one physical layer. Weight (i, j) sits in tile (i / rows, j / cols) at ring
/// (i mod rows, j mod cols). Ring numbers: time: row·cols + col of the one chip; space: tile·rows·cols
/// + row·cols + col with tiles row-major. Controls are one current a weight, [out, in] row-major; unused
/// rings of a ragged tile have none, are parked at 0 mA and left out.
struct BankPlan {
  std::string name;  ///< of the physical layer: "mrr1"
  Index out = 0, in = 0;
  int chip_rows = 16, chip_cols = 8;
  Reuse reuse = Reuse::time;

  [[nodiscard]] Index tile_rows() const { return (out + chip_rows - 1) / chip_rows; }
  [[nodiscard]] Index tile_cols() const { return (in + chip_cols - 1) / chip_cols; }
  [[nodiscard]] Index tiles() const { return tile_rows() * tile_cols(); }
  [[nodiscard]] Index weights() const { return out * in; }
  [[nodiscard]] Index rings_per_chip() const { return Index(chip_rows) * chip_cols; }
  /// Rings with a draw of their own.
  [[nodiscard]] Index rings() const {
    return reuse == Reuse::time ? rings_per_chip() : tiles() * rings_per_chip();
  }
  [[nodiscard]] Index ring_of(Index i, Index j) const {
    const Index local = (i % chip_rows) * chip_cols + j % chip_cols;
    return reuse == Reuse::time ? local
                                : ((i / chip_rows) * tile_cols() + j / chip_cols) * rings_per_chip() + local;
  }
  /// Layers with equal keys share one chip ("time16x8"); a spatial bank is its own ("mrr1").
  [[nodiscard]] std::string chip_key() const {
    return reuse == Reuse::space ? name
                                 : "time" + std::to_string(chip_rows) + "x" + std::to_string(chip_cols);
  }
  bool operator==(const BankPlan&) const = default;
};

}  // namespace pnn::platform
