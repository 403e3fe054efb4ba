#include "pnn/platforms/mrr/tiled_heat.hpp"

#include <algorithm>
#include <cstring>

namespace pnn::platforms::mrr {

template <class Real>
TiledHeat<Real>::TiledHeat(const TileLayout& layout, const BankPhysics& physics)
    : layout_(layout),
      spread_(physics.crosstalk > 0 ? HeatSpread<Real>(layout.rows, layout.cols, physics.crosstalk,
                                                       physics.crosstalk_length, physics.crosstalk_cutoff)
                                    : HeatSpread<Real>(layout.rows, layout.cols)),
      packaged_(physics.package_k_per_mw > 0),
      delta_(layout),
      heat_(layout),
      beta_(layout),
      package_(layout) {
  const Index places = layout.rings() * layout.width;
  for (Index b = 0; b < layout.blocks; ++b)
    blocks_.push_back({AlignedMemory<Real>(places), AlignedMemory<Real>(places)});
}

template <class Real>
void TiledHeat<Real>::set_rings(const RingTable<Real>& rings) {
  for (Block& block : blocks_) block.known = false;
  ParameterSources<Real> sources{{&delta_, &rings.delta}, {&heat_, &rings.heat}, {&beta_, &rings.beta}};
  if (packaged_) sources.emplace_back(&package_, &rings.package);
  fill_parameters(layout_, sources);
}

template <class Real>
Index TiledHeat<Real>::scratch_size() const {
  const Index width = layout_.width;
  return HeatSpread<Real>::together * layout_.cols * width + width + spread_.size(width);
}

template <class Real>
typename TiledHeat<Real>::Scratch TiledHeat<Real>::parts(Real* scratch) const {
  Real* const total = scratch + HeatSpread<Real>::together * layout_.cols * layout_.width;
  return {scratch, total, total + layout_.width};
}

template <class Real>
bool TiledHeat<Real>::has(std::span<const Real> controls, Index b, Real* row_memory) const {
  const Block& block = blocks_[std::size_t(b)];
  const Index width = layout_.width, in_row = layout_.cols * width;
  const auto used = std::size_t(layout_.lanes_in(b)) * sizeof(Real);
  bool same = block.known;
  for (Index row = 0; same && row < layout_.rows; ++row) {
    layout_.gather(b, row, controls.data(), row_memory);
    for (Index k = 0; same && k < in_row; k += width)
      same = std::memcmp(block.current.data() + row * in_row + k, row_memory + k, used) == 0;
  }
  return same;
}

template <class Real>
template <class Body>
void TiledHeat<Real>::over_rows(Index b, Index row, Index rows, const Body& body) const {
  const Index lanes = layout_.lanes_in(b), width = layout_.width, first = row * layout_.cols;
  const Index end = std::min(row + rows, layout_.rows) * layout_.cols;
  for (Index ring = first; ring < end; ++ring)
    for (Index lane = 0; lane < lanes; lane += step) body(ring, lane, (ring - first) * width + lane);
}

template <class Real>
bool TiledHeat<Real>::find(std::span<const Real> controls, Index b, Real* scratch) {
  const Scratch memory = parts(scratch);
  if (has(controls, b, memory.rows)) return true;
  Block& block = blocks_[std::size_t(b)];
  const Index width = layout_.width, lanes = layout_.lanes_in(b), first_tile = b * width;
  Real *const currents = block.current.data(), *const heated = block.heated.data();
  const auto delta = delta_.view(), heat = heat_.view(), beta = beta_.view(), package = package_.view();
  const bool packaged = packaged_;
  begin(scratch);
  for (Index row = 0; row < layout_.rows; ++row) {
    layout_.gather(b, row, controls.data(), currents + row * layout_.cols * width);
    over_rows(b, row, 1, [=](Index ring, Index lane, Index place) {
      const P current = P::load(currents + ring * width + lane), square = current * current;
      const P power = square * fma(beta.at(ring, first_tile + lane), square, P(1));
      (heat.at(ring, first_tile + lane) * power).store(memory.rows + place);
      if (!packaged) return;
      Real* const total = memory.total + lane;
      fma(package.at(ring, first_tile + lane), power, P::load(total)).store(total);
    });
    spread_.take(row, memory.rows, width, lanes, memory.taken);
  }
  for (Index row = 0; row < layout_.rows; row += HeatSpread<Real>::together) {
    spread_.give(row, memory.taken, width, lanes, memory.rows);
    over_rows(b, row, HeatSpread<Real>::together, [=](Index ring, Index lane, Index place) {
      P position = delta.at(ring, first_tile + lane) - P::load(memory.rows + place);
      if (packaged) position = position - P::load(memory.total + lane);
      position.store(heated + ring * width + lane);
    });
  }
  block.known = true;
  return false;
}

template <class Real>
void TiledHeat<Real>::begin(Real* scratch) const {
  const Scratch memory = parts(scratch);
  std::fill_n(memory.total, layout_.width, Real(0));
  spread_.begin(layout_.width, memory.taken);
}

template <class Real>
void TiledHeat<Real>::take(Index b, Index row, const Real* by_position, Real* scratch) const {
  const Scratch memory = parts(scratch);
  const Index width = layout_.width, lanes = layout_.lanes_in(b);
  spread_.take(row, by_position, width, lanes, memory.taken);
  for (Index col = 0; packaged_ && col < layout_.cols; ++col)
    for (Index lane = 0; lane < lanes; lane += step)
      (P::load(memory.total + lane) + P::load(by_position + col * width + lane)).store(memory.total + lane);
}

template <class Real>
void TiledHeat<Real>::give(Index b, Real* scratch, std::span<Real> by_control) const {
  const Scratch memory = parts(scratch);
  const Real* const currents = blocks_[std::size_t(b)].current.data();
  const Index width = layout_.width, lanes = layout_.lanes_in(b), first_tile = b * width;
  const auto heat = heat_.view(), beta = beta_.view(), package = package_.view();
  const bool packaged = packaged_;
  for (Index row = 0; row < layout_.rows; row += HeatSpread<Real>::together) {
    spread_.give(row, memory.taken, width, lanes, memory.rows);
    over_rows(b, row, HeatSpread<Real>::together, [=](Index ring, Index lane, Index place) {
      const Index tile = first_tile + lane;
      P by_power = heat.at(ring, tile) * P::load(memory.rows + place);
      if (packaged) by_power = fma(package.at(ring, tile), P::load(memory.total + lane), by_power);
      const P current = P::load(currents + ring * width + lane);
      const P power_slope = current * fma(P(4) * beta.at(ring, tile), current * current, P(2));
      (-by_power * power_slope).store(memory.rows + place);
    });
    for (Index k = 0; k < HeatSpread<Real>::together && row + k < layout_.rows; ++k)
      layout_.scatter(b, row + k, memory.rows + k * layout_.cols * width, by_control.data());
  }
}

template class TiledHeat<float>;
template class TiledHeat<double>;

}  // namespace pnn::platforms::mrr
