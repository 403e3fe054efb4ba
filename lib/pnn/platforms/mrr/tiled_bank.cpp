#include "pnn/platforms/mrr/tiled_bank.hpp"

#include <algorithm>
#include <numeric>

#include "pnn/core/threads.hpp"

namespace pnn::platforms::mrr {

/// Memory in which one block at a time is computed. Kernels write what they read; a row is [column][lane].
template <class Real>
struct TiledBank<Real>::Scratch {
  explicit Scratch(const TiledBank& bank)
      : row(reserve(bank)),
        offset(row + in_row(bank)),
        gradient(offset + in_row(bank)),
        turned(gradient + in_row(bank)),
        heat(turned + 2 * in_row(bank)),
        bus(heat + bank.heat_.scratch_size()) {}
  Real *const row, *const offset, *const gradient, *const turned;
  Real *const heat, *const bus;  ///< memory of heat_ and of buses_

 private:
  static Index in_row(const TiledBank& bank) { return bank.layout_.cols * bank.layout_.width; }
  static Real* reserve(const TiledBank& bank) {
    thread_local AlignedMemory<Real> memory;  // allocating it for every block takes as long as a kernel
    memory.reserve(5 * in_row(bank) + bank.heat_.scratch_size() + bank.buses_.scratch_size());
    return memory.data();
  }
};

template <class Real>
TiledBank<Real>::TiledBank(const BankPlan& plan, const BankPhysics& physics)
    : Base(plan, physics),
      layout_(plan),
      heat_(layout_, physics),
      buses_(layout_, physics),
      base_(layout_),
      amplitude_(layout_),
      width_(layout_),
      blocks_(std::size_t(layout_.blocks)) {}

template <class Real>
void TiledBank<Real>::rings_changed() {
  for (Block& block : blocks_) block.turned_known = false;
  const RingTable<Real>& t = this->table_;
  heat_.set_rings(t);
  if (optical()) return buses_.set_rings(t);
  fill_parameters<Real>(layout_, {{&base_, &t.base}, {&amplitude_, &t.amplitude}, {&width_, &t.width}});
}

template <class Real>
void TiledBank<Real>::find_heat(std::span<const Real> controls, Index b, Scratch& scratch) {
  if (!heat_.find(controls, b, scratch.heat)) blocks_[std::size_t(b)].turned_known = false;
}

template <class Real>
TiledPositions<Real> TiledBank<Real>::positions(const OperatingPoint<Real>& at, Index b,
                                                Scratch& scratch) const {
  const double ambient = this->position_per_kelvin() * at.system.temperature_k;
  return {layout_, heat_, at, b, ambient, this->position_scale_, scratch.offset};
}

template <class Real>
void TiledBank<Real>::find_weights(const TiledPositions<Real>& positions, Index row, Scratch& scratch) const {
  const Index width = layout_.width, lanes = layout_.lanes_in(positions.block);
  for (Index col = 0; col < layout_.cols; ++col) {
    const Index ring = row * layout_.cols + col;
    for (Index lane = 0; lane < lanes; lane += step) {
      const Index tile = positions.block * width + lane;
      const P position = positions.at(col, lane);
      Real* const weight = scratch.row + col * width + lane;
      if (this->is_spline()) {
        for (Index k = 0; k < step && tile + k < layout_.plan.tiles(); ++k)
          weight[k] =
              Real(this->splines_.at(layout_.physical(ring, tile + k), double(position.lanes[k])).value);
        continue;
      }
      const P v = this->is_airy() ? AiryCurve::value(position) : LorentzCurve::value(position);
      (base_.at(ring, tile) + amplitude_.at(ring, tile) / (width_.at(ring, tile) + v)).store(weight);
    }
  }
}

template <class Real>
void TiledBank<Real>::find_gradient(const TiledPositions<Real>& positions, Index row,
                                    Scratch& scratch) const {
  const Index width = layout_.width, lanes = layout_.lanes_in(positions.block);
  for (Index col = 0; col < layout_.cols; ++col) {
    const Index ring = row * layout_.cols + col;
    for (Index lane = 0; lane < lanes; lane += step) {
      const Index tile = positions.block * width + lane;
      const P position = positions.at(col, lane), weight = P::load(scratch.row + col * width + lane);
      Real* const gradient = scratch.gradient + col * width + lane;
      if (this->is_spline()) {
        P slope(0);
        for (Index k = 0; k < step && tile + k < layout_.plan.tiles(); ++k)
          slope.lanes[k] =
              Real(this->splines_.at(layout_.physical(ring, tile + k), double(position.lanes[k])).first);
        (weight * slope).store(gradient);
        continue;
      }
      P v, slope, unused;
      if (this->is_airy()) {
        AiryCurve::slopes(position, v, slope, unused);
      } else {
        LorentzCurve::slopes(position, v, slope, unused);
      }
      const P inverse = P(1) / (width_.at(ring, tile) + v);
      (-weight * amplitude_.at(ring, tile) * inverse * inverse * slope).store(gradient);
    }
  }
}

template <class Real>
void TiledBank<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  evaluate_at(at, false, weights);
}

template <class Real>
void TiledBank<Real>::evaluate_again(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  evaluate_at(at, optical(), weights);
}

template <class Real>
void TiledBank<Real>::evaluate_at(const OperatingPoint<Real>& at, bool again, MatrixView<Real> weights) {
  this->check(at);
  const BusTurns<Real> turns = buses_.turns(this->position_per_kelvin() * at.system.temperature_k);
  // what a bus adds for the temperature is in `turns`
  const OperatingPoint<Real> cold{at.controls, at.response_offset, optical() ? System{} : at.system};
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Scratch scratch(*this);
    Block& block = blocks_[b];
    const Index in_row = 2 * layout_.cols * layout_.width;  // sines and cosines
    if (!again || !heat_.known(Index(b))) find_heat(at.controls, Index(b), scratch);
    const bool find = !again || !block.turned_known;
    if (again) block.turned.reserve(layout_.rows * in_row);
    TiledPositions<Real> positions = this->positions(cold, Index(b), scratch);
    for (Index row = 0; row < layout_.rows; ++row) {
      if (find) positions.seek(row);
      if (optical()) {
        Real* const turned = again ? block.turned.data() + row * in_row : scratch.turned;
        if (find) buses_.find_turns(positions, turned);
        buses_.find_weights(turned, Index(b), row, turns, scratch.bus, scratch.row);
      } else {
        find_weights(positions, row, scratch);
      }
      layout_.scatter(Index(b), row, scratch.row, weights.data());
    }
    block.turned_known = again;
  });
}

template <class Real>
void TiledBank<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                               Pullback<Real>& out) {
  this->check(at);
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Scratch scratch(*this);
    find_heat(at.controls, Index(b), scratch);
    TiledPositions<Real> positions = this->positions(at, Index(b), scratch);
    const Index width = layout_.width, in_row = layout_.cols * width, lanes = layout_.lanes_in(Index(b));
    double sums[lane_block] = {};  // by lane, so that the sum does not depend on the vector's width
    heat_.begin(scratch.heat);
    for (Index row = 0; row < layout_.rows; ++row) {
      positions.seek(row);
      layout_.gather(Index(b), row, weight_gradient.data(), scratch.row);
      if (optical()) {
        buses_.pull(positions, row, scratch.row, scratch.bus, scratch.gradient);
      } else {
        find_gradient(positions, row, scratch);
      }
      for (Index lane = 0; out.wants_system && lane < lanes; lane += step) {
        P sum(0);
        for (Index place = lane; place < in_row; place += width)
          sum = sum + P::load(scratch.gradient + place);
        for (Index k = 0; k < step; ++k) sums[(lane + k) % lane_block] += double(sum.lanes[k]);
      }
      if (!out.controls.empty()) heat_.take(Index(b), row, scratch.gradient, scratch.heat);
      if (out.response_offset.empty()) continue;
      for (Index first = 0; first < in_row; first += width) {
        for (Index k = first; k < first + lanes; ++k)
          scratch.row[k] = scratch.gradient[k] * Real(this->position_scale_);
      }
      layout_.scatter(Index(b), row, scratch.row, out.response_offset.data());
    }
    blocks_[b].position_gradient = std::accumulate(std::begin(sums), std::end(sums), 0.0);
    if (!out.controls.empty()) heat_.give(Index(b), scratch.heat, out.controls);
  });
  out.system.temperature_k = 0;
  for (const Block& block : blocks_) out.system.temperature_k += block.position_gradient;
  out.system.temperature_k *= this->position_per_kelvin();
}

template <class Real>
void TiledBank<Real>::local(const OperatingPoint<Real>& at, Local& out) {
  this->check(at);
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Scratch scratch(*this);
    find_heat(at.controls, Index(b), scratch);
    TiledPositions<Real> positions = this->positions(at, Index(b), scratch);
    const Index width = layout_.width, lanes = layout_.lanes_in(Index(b));
    std::vector<Real> rows(std::size_t(3 * layout_.cols * width));
    Real *const position = rows.data(), *const base = position + layout_.cols * width,
                *const amplitude = base + layout_.cols * width;
    for (Index row = 0; row < layout_.rows; ++row) {
      positions.seek(row);
      if (optical()) buses_.own_curves(positions, row, scratch.bus, base, amplitude);
      for (Index col = 0; col < layout_.cols; ++col) {
        const Index ring = row * layout_.cols + col;
        for (Index lane = 0; lane < lanes; lane += step) {
          const Index tile = Index(b) * width + lane, at_lane = col * width + lane;
          positions.at(col, lane).store(position + at_lane);
          if (optical()) continue;
          base_.at(ring, tile).store(base + at_lane);
          amplitude_.at(ring, tile).store(amplitude + at_lane);
        }
      }
      layout_.scatter(Index(b), row, position, out.position.data());
      layout_.scatter(Index(b), row, base, out.base.data());
      layout_.scatter(Index(b), row, amplitude, out.amplitude.data());
    }
  });
}

template class TiledBank<float>;
template class TiledBank<double>;

}  // namespace pnn::platforms::mrr
