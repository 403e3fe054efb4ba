// How a matrix of signed weights lies on arrays of phase-change cells, and the order of the controls.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::pcm {

/// How weights get a sign: by the difference of two columns of cells.
enum class Signs {
  differential,  ///< an output has two columns of its own, W = T₊ − T₋
  reference,  ///< all outputs of an array share one column, whose cells are never changed: W = 2 (T − T_ref)
};

/// A matrix larger than an array takes as many arrays as it needs, each with cells and couplers of its own:
/// outputs in `groups`, inputs in `stacks`, whose outputs are added digitally. The last group and stack may
/// be smaller.
///
/// Controls are levels in [0, 1], [polarity, output, input], polarity 0 counting positive and 1 negative
/// (differential alone). Cells are counted as their controls; those of the reference columns follow, [group,
/// input].
struct Plan {
  std::string name;  ///< of the physical layer: "pcm1"
  Index out = 0, in = 0;
  Index array_rows = 16, array_cols = 16;
  Signs signs = Signs::differential;

  [[nodiscard]] bool differential() const { return signs == Signs::differential; }
  [[nodiscard]] Index polarities() const { return differential() ? 2 : 1; }
  [[nodiscard]] Index weights() const { return out * in; }
  [[nodiscard]] Index control_count() const { return polarities() * weights(); }
  [[nodiscard]] Index outputs_of_array() const { return differential() ? array_cols / 2 : array_cols - 1; }
  [[nodiscard]] Index groups() const { return (out + outputs_of_array() - 1) / outputs_of_array(); }
  [[nodiscard]] Index stacks() const { return (in + array_rows - 1) / array_rows; }
  [[nodiscard]] Index cells() const { return control_count() + (differential() ? 0 : groups() * in); }
  [[nodiscard]] Index cell(Index polarity, Index output, Index input) const {
    return (polarity * out + output) * in + input;
  }
  [[nodiscard]] Index reference_cell(Index group, Index input) const {
    return weights() + group * in + input;
  }
  /// Inputs and columns of an array.
  [[nodiscard]] Index rows_of(Index stack) const { return std::min(array_rows, in - stack * array_rows); }
  [[nodiscard]] Index cols_of(Index group) const {
    const Index outputs = std::min(outputs_of_array(), out - group * outputs_of_array());
    return differential() ? 2 * outputs : outputs + 1;
  }
  /// The cell at a place of an array. Columns: the outputs in their order, positive before negative; a
  /// reference last.
  [[nodiscard]] Index cell_at(Index group, Index stack, Index row, Index col) const;
  /// Crossings that light passes on the longest way through the largest array: all ways, where couplers share
  /// evenly.
  [[nodiscard]] Index longest_way() const { return rows_of(0) + cols_of(0) - 2; }
  bool operator==(const Plan&) const = default;
  operator platform::AnyPlan() const;  // NOLINT(google-explicit-constructor): it is the plan of a layer
};

/// "output 3 input 7" or "output 3 input 7 minus": names of the cells that have a control, in their order.
std::vector<std::string> cell_names(const Plan& plan);

}  // namespace pnn::platforms::pcm
