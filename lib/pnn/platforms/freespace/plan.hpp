// Layout of a matrix on the planes of a display, a modulator and a camera: cells, blocks, pictures, and the
// order of the controls.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::freespace {

/// How weights get a sign; the sums of the camera are subtracted digitally.
enum class Signs {
  halves,     ///< positive cells first, negative cells below, in one picture: W = s₊ − s₋
  exposures,  ///< the same cells in two exposures: W = s₊ − s₋
  offset,     ///< one cell: W = 2s − 1, with the sum of the inputs known
};

/// The display shows the input once in every cell, and there is one cell for each output. A cell contains an
/// image of `image_rows` × `image_cols` elements; an element is a block of `block_rows` × `block_cols` px,
/// and a dark guard band of `guard_rows` (above and below) and `guard_cols` (left and right) elements
/// surrounds the image. Cells form a grid; output i is in cell i mod cells() of picture i / cells(), with
/// cells and elements counted row by row. All planes have the same pixels; pixel (x, y) is number y·width() +
/// x, with x to the right and y down.
///
/// Controls are transmissions in [0, 1], [polarity, output, site]. A site is an element, or with `per_pixel`
/// a pixel of the image, row by row. Polarity 0 counts as positive, 1 as negative.
struct Plan {
  std::string name;  ///< name of the layer: "freespace1"
  Index out = 0;
  Index image_rows = 1, image_cols = 0;
  Index block_rows = 1, block_cols = 1;
  Index guard_rows = 0, guard_cols = 0;
  Index grid_rows = 1, grid_cols = 1;  ///< number of cells in a picture (in one half of it)
  Signs signs = Signs::halves;
  bool per_pixel = false;

  [[nodiscard]] Index in() const { return image_rows * image_cols; }
  [[nodiscard]] Index cells() const { return grid_rows * grid_cols; }
  [[nodiscard]] Index pictures() const { return (out + cells() - 1) / cells(); }
  [[nodiscard]] Index polarities() const { return signs == Signs::offset ? 1 : 2; }
  [[nodiscard]] Index block_area() const { return block_rows * block_cols; }
  [[nodiscard]] Index cell_height() const { return (image_rows + 2 * guard_rows) * block_rows; }
  [[nodiscard]] Index cell_width() const { return (image_cols + 2 * guard_cols) * block_cols; }
  /// Number of cells on the plane: with `halves` those of both halves.
  [[nodiscard]] Index plane_cells() const { return signs == Signs::halves ? 2 * cells() : cells(); }
  [[nodiscard]] Index height() const { return plane_cells() / grid_cols * cell_height(); }
  [[nodiscard]] Index width() const { return grid_cols * cell_width(); }
  [[nodiscard]] Index sites() const { return per_pixel ? in() * block_area() : in(); }
  [[nodiscard]] Index control_count() const { return polarities() * out * sites(); }
  [[nodiscard]] Index control(Index polarity, Index output, Index site) const {
    return (polarity * out + output) * sites() + site;
  }
  /// The element that pixel (x, y) of a cell shows, and the site that sets it; −1 in the guard band.
  [[nodiscard]] Index element_at(Index x, Index y) const;
  [[nodiscard]] Index site_at(Index x, Index y) const;
  bool operator==(const Plan&) const = default;
  operator platform::AnyPlan() const;  // NOLINT(google-explicit-constructor): it is the plan of a layer
};

/// All complaints about a plan; empty when fine.
std::vector<std::string> check_plan(const Plan& plan);

}  // namespace pnn::platforms::freespace
