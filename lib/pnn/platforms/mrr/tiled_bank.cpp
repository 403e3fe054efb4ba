#include "pnn/platforms/mrr/tiled_bank.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "pnn/core/threads.hpp"
#include "pnn/core/transpose.hpp"

namespace pnn::platforms::mrr {

namespace {

bool channels_fill_the_range(const BankPlan& plan, const BankPhysics& physics) {
  return double(plan.chip_cols) == channels_of_bus(physics.fsr_nm, physics.channel_spacing_nm);
}

}  // namespace

/// Memory in which one block at a time is computed. Kernels write what they read; a row is [column][lane].
template <class Real>
struct TiledBank<Real>::Scratch {
  explicit Scratch(const TiledBank& bank)
      : row(reserve(bank)),
        offset(row + in_row(bank)),
        turned(offset + in_row(bank)),
        total(turned + 2 * in_row(bank)),
        gradient(total + bank.layout_.width),
        spread(gradient + bank.layout_.rings() * bank.layout_.width),
        parts(spread + bank.spread_.scratch(bank.layout_.width)),
        bus(parts + bank.spread_.scratch(bank.layout_.width)) {}
  Real *const row, *const offset, *const turned;
  Real* const total;                 ///< [lane], over the rings of a tile
  Real* const gradient;              ///< [ring][lane]: of the positions, or heat, or others of all rings
  Real *const spread, *const parts;  ///< what arrives from other rings, and scratch memory of that
  Real* const bus;                   ///< memory of a Bus

 private:
  static Index in_row(const TiledBank& bank) { return bank.layout_.cols * bank.layout_.width; }
  static Real* reserve(const TiledBank& bank) {
    const Index width = bank.layout_.width;
    thread_local AlignedMemory<Real> memory;  // allocating it for every block takes as long as a kernel
    memory.reserve(4 * in_row(bank) + width + bank.layout_.rings() * width + 2 * bank.spread_.scratch(width) +
                   Bus<Wide, true>::size_of(bank.reach_));
    return memory.data();
  }
};

/// Where the rings of a block are at an operating point.
template <class Real>
class TiledBank<Real>::Positions {
 public:
  Positions(const TiledBank& bank, const OperatingPoint<Real>& at, Index b, Real* offset_row)
      : block(b),
        layout_(bank.layout_),
        heated_(bank.blocks_[std::size_t(b)].heated.data()),
        offsets_(at.response_offset.empty() ? nullptr : at.response_offset.data()),
        offset_row_(offset_row),
        ambient_(Real(bank.position_per_kelvin() * at.system.temperature_k)),
        scale_(Real(bank.position_scale_)) {}
  /// Goes to a row, before at() is asked for its rings.
  void seek(Index row) {
    first_ = row * layout_.cols;
    if (offsets_) layout_.gather(block, row, offsets_, offset_row_);
  }
  template <class T = P>
  [[nodiscard]] T at(Index col, Index lane) const {
    const T position = T::load(heated_ + (first_ + col) * layout_.width + lane) + T(ambient_);
    return offsets_ ? fma(T(scale_), T::load(offset_row_ + col * layout_.width + lane), position) : position;
  }
  const Index block;

 private:
  const TileLayout& layout_;
  const Real *heated_, *offsets_;
  Real* offset_row_;
  Real ambient_, scale_;
  Index first_ = 0;
};

template <class Real>
TiledBank<Real>::TiledBank(const BankPlan& plan, const BankPhysics& physics)
    : Base(plan, physics),
      layout_(plan),
      reach_(layout_.cols, plan.chip_cols, optical() ? physics.reach : 0,
             channels_fill_the_range(plan, physics), physics.channel_spacing_nm, physics.fsr_nm),
      sweep_(sweep_of(reach_)),
      lit_(std::size_t(layout_.blocks * layout_.width), 0) {
  if (physics.crosstalk > 0)
    spread_ = HeatSpread<Real>(layout_.rows, layout_.cols, physics.crosstalk, physics.crosstalk_length,
                               physics.crosstalk_cutoff);
  const Index stride = plan.reuse == Reuse::time ? 0 : layout_.blocks * layout_.width;
  for (Parameter* p : {&delta_, &heat_, &beta_, &base_, &amplitude_, &width_, &drop_, &loss_, &package_}) {
    p->stride = stride;
    p->values.assign(std::size_t(layout_.rings() * std::max<Index>(1, stride)), 1);
  }
  for (std::size_t tile = 0; tile < layout_.tiles.size(); ++tile)
    lit_[tile] = layout_.tiles[tile].cols == layout_.cols ? 1 : 0;
  const Index places = layout_.rings() * layout_.width;
  for (Index b = 0; b < layout_.blocks; ++b)
    blocks_.push_back(
        {AlignedMemory<Real>(places), AlignedMemory<Real>(places), false, AlignedMemory<Real>()});
}

template <class Real>
void TiledBank<Real>::fill_parameter(Parameter& parameter, const std::vector<Real>& rings) const {
  const BankPlan& plan = layout_.plan;
  const Index tiles = parameter.stride == 0 ? 1 : Index(layout_.tiles.size());
  const Index stride = std::max<Index>(1, parameter.stride), chip = plan.rings_per_chip();
  const bool whole = layout_.cols == plan.chip_cols;  // rows without a gap between them
  const Index rows = whole ? 1 : layout_.rows, in_row = whole ? layout_.rings() : layout_.cols;
  for (Index row = 0; row < rows; ++row)
    transpose(rings.data() + row * plan.chip_cols, chip, tiles, in_row,
              parameter.values.data() + row * in_row * stride, stride);
}

template <class Real>
void TiledBank<Real>::rings_changed() {
  for (Block& block : blocks_) block.known = block.turned_known = false;
  const RingTable<Real>& t = this->table_;
  std::vector<std::pair<Parameter*, const std::vector<Real>*>> read = {
      {&delta_, &t.delta}, {&heat_, &t.heat}, {&beta_, &t.beta}, {&width_, &t.width}};
  if (optical()) {
    read.insert(read.end(), {{&drop_, &t.drop}, {&loss_, &t.loss}});
  } else {
    read.insert(read.end(), {{&base_, &t.base}, {&amplitude_, &t.amplitude}});
  }
  if (packaged()) read.emplace_back(&package_, &t.package);
  const auto fill = [&](std::size_t k) { fill_parameter(*read[k].first, *read[k].second); };
  if (delta_.stride == 0) {  // too little for threads
    for (std::size_t k = 0; k < read.size(); ++k) fill(k);
  } else {
    parallel_for(read.size(), fill);
  }
  if (optical()) most_factors_ = *std::min_element(t.width.begin(), t.width.end()) >= Real(1e-6) ? 5 : 1;
}

template <class Real>
bool TiledBank<Real>::take_currents(std::span<const Real> controls, Index b, Scratch& scratch) {
  Block& block = blocks_[std::size_t(b)];
  const Index width = layout_.width, in_row = layout_.cols * width;
  const auto used = std::size_t(layout_.lanes_in(b)) * sizeof(Real);
  bool same = block.known;
  for (Index row = 0; row < layout_.rows; ++row) {
    Real* const current = block.current.data() + row * in_row;
    if (same) {
      layout_.gather(b, row, controls.data(), scratch.row);
      for (Index k = 0; same && k < in_row; k += width)
        same = std::memcmp(current + k, scratch.row + k, used) == 0;
    }
    if (!same) layout_.gather(b, row, controls.data(), current);
  }
  if (!same) block.turned_known = false;
  block.known = true;
  return same;
}

template <class Real>
void TiledBank<Real>::heat_rings(std::span<const Real> controls, Index b, Scratch& scratch) {
  if (take_currents(controls, b, scratch)) return;
  Block& block = blocks_[std::size_t(b)];
  const Index width = layout_.width, lanes = layout_.lanes_in(b), first_tile = b * width;
  const Real* const currents = block.current.data();
  Real *const heated = block.heated.data(), *const heats = scratch.gradient, *const total = scratch.total;
  const auto power_of = [&](Index ring, Index lane) {
    const P current = P::load(currents + ring * width + lane), square = current * current;
    return square * fma(beta_.at(ring, first_tile + lane), square, P(1));
  };
  const auto over_places = [&](const auto& body) {
    for (Index ring = 0; ring < layout_.rings(); ++ring)
      for (Index lane = 0; lane < lanes; lane += step) body(ring, lane, ring * width + lane);
  };
  over_places([&](Index ring, Index lane, Index place) {
    const P heat = heat_.at(ring, first_tile + lane) * power_of(ring, lane);
    (delta_.at(ring, first_tile + lane) - heat).store(heated + place);
    heat.store(heats + place);
  });
  if (!spread_.empty()) {
    spread_.apply(heats, width, lanes, scratch.parts, scratch.spread);
    over_places([&](Index, Index, Index place) {
      (P::load(heated + place) - P::load(scratch.spread + place)).store(heated + place);
    });
  }
  if (!packaged()) return;
  std::fill_n(total, width, Real(0));
  over_places([&](Index ring, Index lane, Index) {
    fma(package_.at(ring, first_tile + lane), power_of(ring, lane), P::load(total + lane))
        .store(total + lane);
  });
  over_places([&](Index, Index lane, Index place) {
    (P::load(heated + place) - P::load(total + lane)).store(heated + place);
  });
}

template <class Real>
template <bool Slopes, class T, bool Own, class Body>
void TiledBank<Real>::on_bus(const Positions& positions, Index row, Index lane, Scratch& scratch,
                             const Body& body) const {
  const Index first = row * layout_.cols, tile = positions.block * layout_.width + lane;
  const RowCurves<T, Own> curves{width_.from(first, tile), drop_.from(first, tile), loss_.from(first, tile),
                                 width_.stride};
  Bus<T, Own> bus(reach_, curves, scratch.bus);
  const Index ragged = layout_.first_ragged_col();
  for (Index col = 0; col < layout_.cols; ++col)
    bus.template set<Slopes>(col, positions.template at<T>(col, lane),
                             col >= ragged ? &lit_[std::size_t(tile)] : nullptr);
  body(bus, lane);
}

template <class Real>
template <bool Slopes, class Body>
void TiledBank<Real>::over_buses(const Positions& positions, Index row, Scratch& scratch,
                                 const Body& body) const {
  const Index lanes = layout_.lanes_in(positions.block), pairs = lanes / Wide::size * Wide::size;
  const bool own = width_.stride != 0;
  for (Index lane = 0; lane < pairs; lane += Wide::size) {
    if (own) {
      on_bus<Slopes, Wide, true>(positions, row, lane, scratch, body);
    } else {
      on_bus<Slopes, Wide, false>(positions, row, lane, scratch, body);
    }
  }
  for (Index lane = pairs; lane < lanes; lane += step) {
    if (own) {
      on_bus<Slopes, P, true>(positions, row, lane, scratch, body);
    } else {
      on_bus<Slopes, P, false>(positions, row, lane, scratch, body);
    }
  }
}

template <class Real>
void TiledBank<Real>::find_weights(const Positions& positions, Index row, Scratch& scratch) {
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
void TiledBank<Real>::find_turns(const Positions& positions, Real* turned) const {
  const Index width = layout_.width, lanes = layout_.lanes_in(positions.block), in_row = layout_.cols * width;
  for (Index col = 0; col < layout_.cols; ++col) {
    for (Index lane = 0; lane < lanes; lane += step) {
      const P turn = wrap_to_half(positions.at(col, lane));
      sin_pi(turn).store(turned + col * width + lane);
      cos_pi(turn).store(turned + in_row + col * width + lane);
    }
  }
}

template <class Real>
void TiledBank<Real>::find_weights(const Real* turned, Index block, Index row, const BusTurns<Real>& turns,
                                   Scratch& scratch) const {
  const Index width = layout_.width, lanes = layout_.lanes_in(block), in_row = layout_.cols * width;
  const auto of_rings = [&]<bool Own>(Index lane) {
    const Index tile = block * width + lane, parameters = std::max<Index>(1, width_.stride);
    const auto place = std::size_t(row * layout_.cols * parameters + (Own ? tile : 0));
    return BusRow<Real, Own>{turned + lane,
                             turned + in_row + lane,
                             width,
                             2 * in_row,
                             width_.values.data() + place,
                             drop_.values.data() + place,
                             loss_.values.data() + place,
                             parameters,
                             lit_.data() + tile,
                             layout_.first_ragged_col()};
  };
  for (Index lane = 0; lane < lanes; lane += step) {
    const auto store = [&](Index col, const P& weight) {
      (P(sign()) * weight).store(scratch.row + col * width + lane);
    };
    if (width_.stride == 0) {
      of_rings.template operator()<false>(lane).weights(reach_, sweep_, turns, most_factors_, store);
    } else {
      of_rings.template operator()<true>(lane).weights(reach_, sweep_, turns, most_factors_, store);
    }
  }
}

template <class Real>
void TiledBank<Real>::find_gradient(const Positions& positions, Index row, Scratch& scratch) {
  const Index width = layout_.width, lanes = layout_.lanes_in(positions.block);
  Real* const gradients = scratch.gradient + row * layout_.cols * width;
  if (optical()) {
    over_buses<true>(positions, row, scratch, [&](auto& bus, Index lane) {
      for (Index col = 0; col < layout_.cols; ++col)
        bus.pull(col, bus.load(scratch.row + col * width + lane) * sign());
      for (Index col = 0; col < layout_.cols; ++col) bus.gradient(col).store(gradients + col * width + lane);
    });
    return;
  }
  for (Index col = 0; col < layout_.cols; ++col) {
    const Index ring = row * layout_.cols + col;
    for (Index lane = 0; lane < lanes; lane += step) {
      const Index tile = positions.block * width + lane;
      const P position = positions.at(col, lane), weight = P::load(scratch.row + col * width + lane);
      Real* const gradient = gradients + col * width + lane;
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
void TiledBank<Real>::find_current_gradient(Index b, Scratch& scratch) {
  const Block& block = blocks_[std::size_t(b)];
  const Index width = layout_.width, lanes = layout_.lanes_in(b), first_tile = b * width;
  if (packaged()) {
    std::fill_n(scratch.total, width, Real(0));
    for (Index ring = 0; ring < layout_.rings(); ++ring) {
      for (Index lane = 0; lane < lanes; lane += step) {
        Real* const total = scratch.total + lane;
        (P::load(total) + P::load(scratch.gradient + ring * width + lane)).store(total);
      }
    }
  }
  if (!spread_.empty()) spread_.apply(scratch.gradient, width, lanes, scratch.parts, scratch.spread);
  for (Index ring = 0; ring < layout_.rings(); ++ring) {
    for (Index lane = 0; lane < lanes; lane += step) {
      const Index place = ring * width + lane, tile = first_tile + lane;
      P by_heat = P::load(scratch.gradient + place);
      if (!spread_.empty()) by_heat = by_heat + P::load(scratch.spread + place);  // X is symmetric
      P by_power = heat_.at(ring, tile) * by_heat;
      if (packaged()) by_power = fma(package_.at(ring, tile), P::load(scratch.total + lane), by_power);
      const P current = P::load(block.current.data() + place);
      const P power_slope = current * fma(P(4) * beta_.at(ring, tile), current * current, P(2));
      (-by_power * power_slope).store(scratch.gradient + place);
    }
  }
}

template <class Real>
void TiledBank<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  this->check(at);
  if (optical()) return evaluate_buses(at, false, weights);
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Scratch scratch(*this);
    heat_rings(at.controls, Index(b), scratch);
    Positions positions(*this, at, Index(b), scratch.offset);
    for (Index row = 0; row < layout_.rows; ++row) {
      positions.seek(row);
      find_weights(positions, row, scratch);
      layout_.scatter(Index(b), row, scratch.row, weights.data());
    }
  });
}

template <class Real>
void TiledBank<Real>::evaluate_again(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  if (!optical()) return evaluate(at, weights);
  this->check(at);
  evaluate_buses(at, true, weights);
}

template <class Real>
void TiledBank<Real>::evaluate_buses(const OperatingPoint<Real>& at, bool again, MatrixView<Real> weights) {
  const BankPhysics& physics = this->physics_;
  const BusTurns<Real> turns(reach_, sweep_, physics.channel_spacing_nm, physics.fsr_nm,
                             this->position_per_kelvin() * at.system.temperature_k);
  const OperatingPoint<Real> cold{at.controls, at.response_offset, {}};
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Scratch scratch(*this);
    Block& block = blocks_[b];
    const Index in_row = 2 * layout_.cols * layout_.width;  // sines and cosines
    if (!again || !block.known) heat_rings(at.controls, Index(b), scratch);
    const bool find = !again || !block.turned_known;
    if (again) block.turned.reserve(layout_.rows * in_row);
    Positions positions(*this, cold, Index(b), scratch.offset);
    for (Index row = 0; row < layout_.rows; ++row) {
      Real* const turned = again ? block.turned.data() + row * in_row : scratch.turned;
      if (find) {
        positions.seek(row);
        find_turns(positions, turned);
      }
      find_weights(turned, Index(b), row, turns, scratch);
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
    heat_rings(at.controls, Index(b), scratch);
    Positions positions(*this, at, Index(b), scratch.offset);
    const Index width = layout_.width, in_row = layout_.cols * width, lanes = layout_.lanes_in(Index(b));
    double sums[lane_block] = {};  // by lane, so that the sum does not depend on the vector's width
    for (Index row = 0; row < layout_.rows; ++row) {
      positions.seek(row);
      layout_.gather(Index(b), row, weight_gradient.data(), scratch.row);
      find_gradient(positions, row, scratch);
      Real* const gradient = scratch.gradient + row * in_row;
      for (Index first = 0; out.wants_system && first < in_row; first += width) {
        for (Index k = first; k < first + lanes; k += lane_block)
          for (Index lane = 0; lane < lane_block; ++lane) sums[lane] += double(gradient[k + lane]);
      }
      if (out.response_offset.empty()) continue;
      for (Index first = 0; first < in_row; first += width) {
        for (Index k = first; k < first + lanes; ++k)
          scratch.row[k] = gradient[k] * Real(this->position_scale_);
      }
      layout_.scatter(Index(b), row, scratch.row, out.response_offset.data());
    }
    blocks_[b].position_gradient = std::accumulate(std::begin(sums), std::end(sums), 0.0);
    if (out.controls.empty()) return;
    find_current_gradient(Index(b), scratch);
    for (Index row = 0; row < layout_.rows; ++row)
      layout_.scatter(Index(b), row, scratch.gradient + row * in_row, out.controls.data());
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
    heat_rings(at.controls, Index(b), scratch);
    Positions positions(*this, at, Index(b), scratch.offset);
    const Index width = layout_.width, lanes = layout_.lanes_in(Index(b));
    std::vector<Real> rows(std::size_t(3 * layout_.cols * width));
    Real *const position = rows.data(), *const base = position + layout_.cols * width,
                *const amplitude = base + layout_.cols * width;
    for (Index row = 0; row < layout_.rows; ++row) {
      positions.seek(row);
      if (optical()) {
        over_buses<false>(positions, row, scratch, [&](const auto& bus, Index lane) {
          for (Index col = 0; col < layout_.cols; ++col) {
            const auto [own_base, own_amplitude] = bus.own_curve(col);
            (own_base * sign()).store(base + col * width + lane);
            (own_amplitude * sign()).store(amplitude + col * width + lane);
          }
        });
      }
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
