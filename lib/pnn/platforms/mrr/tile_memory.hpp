// Memory of the tiled kernels, in which values of a ring stand side by side for several tiles
// (tile_layout.hpp). Used in this folder only.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "pnn/core/simd.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/core/transpose.hpp"
#include "pnn/platforms/mrr/tile_layout.hpp"

namespace pnn::platforms::mrr {

/// Numbers from the beginning of a cache line on, so that no pack crosses two; not initialised.
template <class Real>
class AlignedMemory {
 public:
  explicit AlignedMemory(Index count = 0) { reserve(count); }
  /// Makes room for `count` numbers, forgetting those that are there if there is too little.
  void reserve(Index count) {
    if (lines_ && count <= count_) return;
    lines_ = std::make_unique_for_overwrite<Line[]>(std::size_t(count) / line + 1);
    count_ = count;
  }
  [[nodiscard]] Real* data() { return lines_[0].values; }
  [[nodiscard]] const Real* data() const { return lines_[0].values; }

 private:
  static constexpr std::size_t line = 64 / sizeof(Real);
  struct alignas(64) Line {
    Real values[line];
  };
  Index count_ = 0;
  std::unique_ptr<Line[]> lines_;
};

/// One parameter of the used rings: [ring] for a chip shared in time, where it is one number for all lanes,
/// else [ring][tile].
template <class Real>
struct TileParameter {
  std::vector<Real> values;
  Index stride = 0;  ///< from one ring to the next; 0: one number for all lanes

  explicit TileParameter(const TileLayout& layout)
      : stride(layout.plan.reuse == Reuse::time ? 0 : layout.blocks * layout.width) {}
  /// What kernels read, which does not change while they write.
  struct View {
    const Real* values;
    Index stride;
    [[nodiscard]] Pack<Real> at(Index ring, Index tile) const {
      return stride == 0 ? Pack<Real>(values[ring]) : Pack<Real>::load(values + ring * stride + tile);
    }
  };
  [[nodiscard]] View view() const { return {values.data(), stride}; }
  [[nodiscard]] Pack<Real> at(Index ring, Index tile) const { return view().at(ring, tile); }
  [[nodiscard]] const Real* from(Index ring, Index tile) const {
    return values.data() + (stride == 0 ? ring : ring * stride + tile);
  }
  /// Takes the parameter of all physical rings; there is no memory before. Lanes without a tile hold 1.
  void fill(const TileLayout& layout, const std::vector<Real>& rings) {
    values.resize(std::size_t(layout.rings() * std::max<Index>(1, stride)), 1);
    const BankPlan& plan = layout.plan;
    const Index tiles = stride == 0 ? 1 : Index(layout.tiles.size());
    const Index step = std::max<Index>(1, stride), chip = plan.rings_per_chip();
    const bool whole = layout.cols == plan.chip_cols;  // rows without a gap between them
    const Index rows = whole ? 1 : layout.rows, in_row = whole ? layout.rings() : layout.cols;
    for (Index row = 0; row < rows; ++row)
      transpose(rings.data() + row * plan.chip_cols, chip, tiles, in_row, values.data() + row * in_row * step,
                step);
  }
};

template <class Real>
using ParameterSources = std::vector<std::pair<TileParameter<Real>*, const std::vector<Real>*>>;

template <class Real>
void fill_parameters(const TileLayout& layout, const ParameterSources<Real>& sources) {
  const auto fill = [&](std::size_t k) { sources[k].first->fill(layout, *sources[k].second); };
  if (layout.plan.reuse == Reuse::time) {  // too little for threads
    for (std::size_t k = 0; k < sources.size(); ++k) fill(k);
  } else {
    parallel_for(sources.size(), fill);
  }
}

}  // namespace pnn::platforms::mrr
