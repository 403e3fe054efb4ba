#include "pnn/platforms/mrr/tiled_bank.hpp"

#include <algorithm>
#include <cstring>

#include "pnn/core/product.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/thermal.hpp"

namespace pnn::platforms::mrr {

namespace {

bool channels_fill_the_range(const BankPlan& plan, const BankPhysics& physics) {
  return double(plan.chip_cols) == channels_of_bus(physics.fsr_nm, physics.channel_spacing_nm);
}

}  // namespace

template <class Real>
TiledBank<Real>::Block::Block(const TileLayout& layout, const BusReach<Real>& reach) : bus(reach) {
  const auto places = std::size_t(layout.rings() * layout.width);
  for (auto* values : {&current, &heat, &heated, &position, &weight, &gradient, &spread, &offset}) {
    values->assign(places, 0);
  }
  sum.assign(std::size_t(layout.width), 0);
  lit.assign(std::size_t(layout.width), 0);
}

template <class Real>
TiledBank<Real>::TiledBank(const BankPlan& plan, const BankPhysics& physics)
    : Base(plan, physics),
      layout_(plan),
      reach_(layout_.cols, plan.chip_cols, optical() ? physics.reach : 0,
             channels_fill_the_range(plan, physics), physics.channel_spacing_nm, physics.fsr_nm) {
  if (physics.crosstalk > 0) {
    Matrix<double> x = thermal_crosstalk(layout_.rows, layout_.cols, physics.crosstalk,
                                         physics.crosstalk_length, physics.crosstalk_cutoff);
    x.diagonal().setOnes();
    crosstalk_ = x.cast<Real>();
  }
  const Index stride = plan.reuse == Reuse::time ? 0 : layout_.blocks * layout_.width;
  for (Parameter* p : {&delta_, &heat_, &beta_, &base_, &amplitude_, &width_, &drop_, &loss_, &package_}) {
    p->stride = stride;
    p->values.assign(std::size_t(layout_.rings() * std::max<Index>(1, stride)), 1);
  }
  blocks_.reserve(std::size_t(layout_.blocks));
  for (Index b = 0; b < layout_.blocks; ++b) {
    Block& block = blocks_.emplace_back(layout_, reach_);
    for (Index lane = 0; lane < layout_.width; ++lane) {
      const Index tile = b * layout_.width + lane;
      const bool whole = tile < plan.tiles() && layout_.cols_of(tile) == layout_.cols;
      block.lit[std::size_t(lane)] = whole ? 1 : 0;
    }
  }
}

template <class Real>
void TiledBank<Real>::fill_parameter(Parameter& parameter, const std::vector<Real>& rings) const {
  const Index tiles = parameter.stride == 0 ? 1 : layout_.plan.tiles();
  for (Index ring = 0; ring < layout_.rings(); ++ring) {
    for (Index tile = 0; tile < tiles; ++tile) {
      parameter.values[std::size_t(ring * std::max<Index>(1, parameter.stride) + tile)] =
          rings[std::size_t(layout_.physical(ring, tile))];
    }
  }
}

template <class Real>
void TiledBank<Real>::rings_changed() {
  heated_.clear();
  const RingTable<Real>& t = this->table_;
  const std::pair<Parameter*, const std::vector<Real>*> all[] = {
      {&delta_, &t.delta}, {&heat_, &t.heat},           {&beta_, &t.beta},
      {&base_, &t.base},   {&amplitude_, &t.amplitude}, {&width_, &t.width},
      {&drop_, &t.drop},   {&loss_, &t.loss},           {&package_, &t.package}};
  parallel_for(std::size(all), [&](std::size_t k) { fill_parameter(*all[k].first, *all[k].second); });
}

template <class Real>
template <class Body>
void TiledBank<Real>::over_packs(Index b, const Body& body) const {
  const Index lanes = (layout_.tiles_in(b) + step - 1) / step * step;
  for (Index ring = 0; ring < layout_.rings(); ++ring) {
    for (Index lane = 0; lane < lanes; lane += step) {
      body(ring, b * layout_.width + lane, std::size_t(ring * layout_.width + lane), std::size_t(lane));
    }
  }
}

template <class Real>
template <class Body>
void TiledBank<Real>::over_spline_rings(Index b, const Body& body) const {
  for (Index ring = 0; ring < layout_.rings(); ++ring) {
    for (Index lane = 0; lane < layout_.tiles_in(b); ++lane) {
      body(layout_.physical(ring, b * layout_.width + lane), std::size_t(ring * layout_.width + lane));
    }
  }
}

template <class Real>
bool TiledBank<Real>::remember(std::span<const Real> controls) {
  const bool same =
      !heated_.empty() && std::memcmp(controls.data(), heated_.data(), controls.size_bytes()) == 0;
  if (same) return true;
  heated_.assign(controls.begin(), controls.end());
  return false;
}

template <class Real>
void TiledBank<Real>::heat_rings(const OperatingPoint<Real>& at, Index b) {
  Block& block = blocks_[std::size_t(b)];
  const Index width = layout_.width;
  layout_.gather(b, at.controls.data(), block.current.data());
  const bool package = this->physics_.package_k_per_mw > 0;
  if (package) std::fill(block.sum.begin(), block.sum.end(), Real(0));
  over_packs(b, [&](Index ring, Index tile, std::size_t place, std::size_t lane) {
    const P current = P::load(&block.current[place]), square = current * current;
    const P power = square * fma(beta_.at(ring, tile), square, P(1));
    const P heat = heat_.at(ring, tile) * power;
    if (package) fma(package_.at(ring, tile), power, P::load(&block.sum[lane])).store(&block.sum[lane]);
    const P delta = delta_.at(ring, tile);
    (crosstalk_.size() == 0 ? delta - heat : delta).store(&block.heated[place]);
    (-heat).store(&block.heat[place]);
  });
  if (crosstalk_.size() != 0) {
    multiply(crosstalk_, ConstMatrixView<Real>(block.heat.data(), layout_.rings(), width),
             MatrixView<Real>(block.heated.data(), layout_.rings(), width), Into::add);
  }
  if (package) {
    over_packs(b, [&](Index, Index, std::size_t place, std::size_t lane) {
      (P::load(&block.heated[place]) - P::load(&block.sum[lane])).store(&block.heated[place]);
    });
  }
}

template <class Real>
void TiledBank<Real>::find_positions(const OperatingPoint<Real>& at, Index b, bool heated) {
  if (!heated) heat_rings(at, b);
  Block& block = blocks_[std::size_t(b)];
  const bool offset = !at.response_offset.empty();
  if (offset) layout_.gather(b, at.response_offset.data(), block.offset.data());
  const P ambient(Real(this->position_per_kelvin() * at.system.temperature_k));
  const P scale(Real(this->position_scale_));
  over_packs(b, [&](Index, Index, std::size_t place, std::size_t) {
    P position = P::load(&block.heated[place]) + ambient;
    if (offset) position = fma(scale, P::load(&block.offset[place]), position);
    position.store(&block.position[place]);
  });
}

template <class Real>
typename TiledBank<Real>::P TiledBank<Real>::lit(const Block& block, Index col, Index lane) const {
  return col < layout_.first_ragged_col() ? P(1) : P::load(&block.lit[std::size_t(lane)]);
}

template <class Real>
void TiledBank<Real>::set_bus(Block& block, Index b, Index row, Index lane) {
  const Index tile = b * layout_.width + lane;
  for (Index col = 0; col < layout_.cols; ++col) {
    const Index ring = row * layout_.cols + col;
    block.bus.set(col, P::load(&block.position[std::size_t(ring * layout_.width + lane)]),
                  width_.at(ring, tile), drop_.at(ring, tile), loss_.at(ring, tile), lit(block, col, lane));
  }
}

template <class Real>
template <class Body>
void TiledBank<Real>::over_buses(Index b, const Body& body) {
  Block& block = blocks_[std::size_t(b)];
  for (Index row = 0; row < layout_.rows; ++row) {
    for (Index lane = 0; lane < layout_.tiles_in(b); lane += step) {
      set_bus(block, b, row, lane);
      body(row * layout_.cols * layout_.width + lane);
    }
  }
}

template <class Real>
void TiledBank<Real>::find_weights(Index b) {
  Block& block = blocks_[std::size_t(b)];
  if (optical()) {
    return over_buses(b, [&, sign = sign()](Index first) {
      for (Index col = 0; col < layout_.cols; ++col)
        (sign * block.bus.weight(col)).store(&block.weight[std::size_t(first + col * layout_.width)]);
    });
  }
  if (this->is_spline()) {
    over_spline_rings(b, [&](Index ring, std::size_t place) {
      block.weight[place] = Real(this->splines_.at(ring, double(block.position[place])).value);
    });
    return;
  }
  over_packs(b, [&](Index ring, Index tile, std::size_t place, std::size_t) {
    const P position = P::load(&block.position[place]);
    const P v = this->is_airy() ? AiryCurve::value(position) : LorentzCurve::value(position);
    (base_.at(ring, tile) + amplitude_.at(ring, tile) / (width_.at(ring, tile) + v))
        .store(&block.weight[place]);
  });
}

template <class Real>
void TiledBank<Real>::find_gradient(Index b) {
  Block& block = blocks_[std::size_t(b)];
  if (optical()) {
    return over_buses(b, [&, sign = sign()](Index first) {
      for (Index col = 0; col < layout_.cols; ++col)
        block.bus.pull(col, sign * P::load(&block.weight[std::size_t(first + col * layout_.width)]));
      for (Index col = 0; col < layout_.cols; ++col)
        block.bus.gradient(col).store(&block.gradient[std::size_t(first + col * layout_.width)]);
    });
  }
  if (this->is_spline()) {
    over_spline_rings(b, [&](Index ring, std::size_t place) {
      const double slope = this->splines_.at(ring, double(block.position[place])).first;
      block.gradient[place] = block.weight[place] * Real(slope);
    });
    return;
  }
  over_packs(b, [&](Index ring, Index tile, std::size_t place, std::size_t) {
    const P position = P::load(&block.position[place]);
    P v, slope, unused;
    if (this->is_airy()) {
      AiryCurve::slopes(position, v, slope, unused);
    } else {
      LorentzCurve::slopes(position, v, slope, unused);
    }
    const P inverse = P(1) / (width_.at(ring, tile) + v);
    (-P::load(&block.weight[place]) * amplitude_.at(ring, tile) * inverse * inverse * slope)
        .store(&block.gradient[place]);
  });
}

template <class Real>
void TiledBank<Real>::find_current_gradient(Index b) {
  Block& block = blocks_[std::size_t(b)];
  const Real* by_heat = block.gradient.data();
  if (crosstalk_.size() != 0) {  // X is symmetric
    ConstMatrixView<Real> gradient(block.gradient.data(), layout_.rings(), layout_.width);
    multiply(crosstalk_, gradient, MatrixView<Real>(block.spread.data(), layout_.rings(), layout_.width));
    by_heat = block.spread.data();
  }
  const bool package = this->physics_.package_k_per_mw > 0;
  if (package) {
    std::fill(block.sum.begin(), block.sum.end(), Real(0));
    over_packs(b, [&](Index, Index, std::size_t place, std::size_t lane) {
      (P::load(&block.sum[lane]) + P::load(&block.gradient[place])).store(&block.sum[lane]);
    });
  }
  over_packs(b, [&](Index ring, Index tile, std::size_t place, std::size_t lane) {
    const P current = P::load(&block.current[place]);
    P by_power = heat_.at(ring, tile) * P::load(by_heat + place);
    if (package) by_power = fma(package_.at(ring, tile), P::load(&block.sum[lane]), by_power);
    const P power_slope = current * fma(P(4) * beta_.at(ring, tile), current * current, P(2));
    (-by_power * power_slope).store(&block.heat[place]);
  });
}

template <class Real>
void TiledBank<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  this->check(at);
  const bool heated = remember(at.controls);
  parallel_for(blocks_.size(), [&](std::size_t b) {
    find_positions(at, Index(b), heated);
    find_weights(Index(b));
    layout_.scatter(Index(b), blocks_[b].weight.data(), weights.data());
  });
}

template <class Real>
void TiledBank<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                               Pullback<Real>& out) {
  this->check(at);
  const bool heated = remember(at.controls);
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Block& block = blocks_[b];
    find_positions(at, Index(b), heated);
    // places without a weight may hold what evaluate() or local() left there
    std::fill(block.weight.begin(), block.weight.end(), Real(0));
    std::fill(block.gradient.begin(), block.gradient.end(), Real(0));
    layout_.gather(Index(b), weight_gradient.data(), block.weight.data());
    find_gradient(Index(b));
    double sums[lane_block] = {};  // by lane, so that the sum does not depend on the vector's width
    for (std::size_t k = 0; k < block.gradient.size(); k += std::size_t(lane_block)) {
      for (std::size_t lane = 0; lane < std::size_t(lane_block); ++lane) {
        sums[lane] += double(block.gradient[k + lane]);
      }
    }
    block.position_gradient = 0;
    for (const double sum : sums) block.position_gradient += sum;
    if (!out.controls.empty()) {
      find_current_gradient(Index(b));
      layout_.scatter(Index(b), block.heat.data(), out.controls.data());
    }
    if (!out.response_offset.empty()) {
      for (Real& value : block.gradient) value *= Real(this->position_scale_);
      layout_.scatter(Index(b), block.gradient.data(), out.response_offset.data());
    }
  });
  out.system.temperature_k = 0;
  for (const Block& block : blocks_) out.system.temperature_k += block.position_gradient;
  out.system.temperature_k *= this->position_per_kelvin();
}

template <class Real>
void TiledBank<Real>::local(const OperatingPoint<Real>& at, Local& out) {
  this->check(at);
  const bool heated = remember(at.controls);
  parallel_for(blocks_.size(), [&](std::size_t b) {
    Block& block = blocks_[b];
    find_positions(at, Index(b), heated);
    layout_.scatter(Index(b), block.position.data(), out.position.data());
    if (optical()) {
      over_buses(Index(b), [&, sign = sign()](Index first) {
        for (Index col = 0; col < layout_.cols; ++col) {
          const auto place = std::size_t(first + col * layout_.width);
          P base, amplitude;
          block.bus.own_curve(col, base, amplitude);
          (sign * base).store(&block.weight[place]);
          (sign * amplitude).store(&block.gradient[place]);
        }
      });
    } else {
      over_packs(Index(b), [&](Index ring, Index tile, std::size_t place, std::size_t) {
        base_.at(ring, tile).store(&block.weight[place]);
        amplitude_.at(ring, tile).store(&block.gradient[place]);
      });
    }
    layout_.scatter(Index(b), block.weight.data(), out.base.data());
    layout_.scatter(Index(b), block.gradient.data(), out.amplitude.data());
  });
}

template class TiledBank<float>;
template class TiledBank<double>;

}  // namespace pnn::platforms::mrr
