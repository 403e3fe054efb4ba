#include "pnn/platforms/mrr/tiled_buses.hpp"

#include <algorithm>

#include "pnn/platforms/mrr/bus_circle.hpp"

namespace pnn::platforms::mrr {

namespace {

bool channels_fill_the_range(const BankPlan& plan, const BankPhysics& physics) {
  return double(plan.chip_cols) == channels_of_bus(physics.fsr_nm, physics.channel_spacing_nm);
}

}  // namespace

template <class Real>
TiledBuses<Real>::TiledBuses(const TileLayout& layout, const BankPhysics& physics)
    : layout_(layout),
      spacing_nm_(physics.channel_spacing_nm),
      fsr_nm_(physics.fsr_nm),
      thru_drop_(physics.polarity == Polarity::thru_drop),
      reach_(layout.cols, layout.plan.chip_cols, physics.reach, channels_fill_the_range(layout.plan, physics),
             physics.channel_spacing_nm, physics.fsr_nm),
      lit_(std::size_t(layout.blocks * layout.width), 0),
      width_(layout),
      drop_(layout),
      loss_(layout) {
  for (std::size_t tile = 0; tile < layout.tiles.size(); ++tile)
    lit_[tile] = layout.tiles[tile].cols == layout.cols ? 1 : 0;
}

template <class Real>
void TiledBuses<Real>::set_rings(const RingTable<Real>& rings) {
  fill_parameters<Real>(layout_, {{&width_, &rings.width}, {&drop_, &rings.drop}, {&loss_, &rings.loss}});
  most_factors_ = *std::min_element(rings.width.begin(), rings.width.end()) >= Real(1e-6)
                      ? CircleBus<Real, true>::met
                      : 1;
}

template <class Real>
template <class Body>
void TiledBuses<Real>::over_lanes(Index block, Index row, const Body& body) const {
  const Index first = row * layout_.cols, stride = width_.stride;
  for (Index lane = 0; lane < layout_.lanes_in(block); lane += step) {
    const Index tile = block * layout_.width + lane;
    const Real *const width = width_.from(first, tile), *const drop = drop_.from(first, tile),
                      *const loss = loss_.from(first, tile), *const lit = lit_.data() + tile;
    if (stride == 0) {
      body(RowCurves<P, false>{width, drop, loss, stride}, lane, lit);
    } else {
      body(RowCurves<P, true>{width, drop, loss, stride}, lane, lit);
    }
  }
}

template <class Real>
void TiledBuses<Real>::find_turns(const TiledPositions<Real>& positions, Real* turned) const {
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
void TiledBuses<Real>::find_weights(const Real* turned, Index block, Index row, const BusTurns<Real>& turns,
                                    Real* scratch, Real* weights) const {
  const Index width = layout_.width, ragged = layout_.first_ragged_col();
  const bool circle = CircleBus<Real, true>::fits(reach_) && most_factors_ > 1;
  over_lanes(block, row, [&]<bool Own>(const RowCurves<P, Own>& curves, Index lane, const Real* lit) {
    const Real *const sine = turned + lane, *const cosine = sine + layout_.cols * width;
    Real* const out = weights + lane;
    const auto store = [&](Index col, const P& weight) { polarised(weight).store(out + col * width); };
    if (circle) {
      CircleBus<Real, Own>(curves, lit, ragged)
          .weights(
              turns, [&](Index m) { return P::load(sine + m * width); },
              [&](Index m) { return P::load(cosine + m * width); }, store);
    } else {
      BusRow<Real, Own>{sine, cosine, width, curves, lit, ragged}.weights(
          reach_, turns, most_factors_, reinterpret_cast<P*>(scratch), store);
    }
  });
}

template <class Real>
void TiledBuses<Real>::pull(const TiledPositions<Real>& positions, Index row, const Real* by_weight,
                            Real* scratch, Real* by_position) const {
  const Index width = layout_.width, ragged = layout_.first_ragged_col();
  const bool circle = CircleBus<Real, true>::fits(reach_);
  over_lanes(
      positions.block, row, [&]<bool Own>(const RowCurves<P, Own>& curves, Index lane, const Real* lit) {
        const auto gradient = [&](Index j) { return P::load(by_weight + j * width + lane); };
        const auto store = [&](Index m, const P& by) { polarised(by).store(by_position + m * width + lane); };
        if (circle) {
          return CircleBus<Real, Own>(curves, lit, ragged)
              .pull(
                  reach_, [&](Index m) { return positions.at(m, lane); }, gradient, store);
        }
        Bus<P, Own> bus(reach_, curves, scratch);
        for (Index m = 0; m < layout_.cols; ++m)
          bus.template set<true>(m, positions.at(m, lane), m >= ragged ? lit : nullptr);
        for (Index j = 0; j < layout_.cols; ++j) bus.pull(j, gradient(j));
        for (Index m = 0; m < layout_.cols; ++m) store(m, bus.gradient(m));
      });
}

template <class Real>
void TiledBuses<Real>::own_curves(const TiledPositions<Real>& positions, Index row, Real* scratch, Real* base,
                                  Real* amplitude) const {
  const Index width = layout_.width, ragged = layout_.first_ragged_col();
  over_lanes(positions.block, row,
             [&]<bool Own>(const RowCurves<P, Own>& curves, Index lane, const Real* lit) {
               Bus<P, Own> bus(reach_, curves, scratch);
               for (Index m = 0; m < layout_.cols; ++m)
                 bus.template set<false>(m, positions.at(m, lane), m >= ragged ? lit : nullptr);
               for (Index j = 0; j < layout_.cols; ++j) {
                 const auto own = bus.own_curve(j);
                 polarised(own.base).store(base + j * width + lane);
                 polarised(own.amplitude).store(amplitude + j * width + lane);
               }
             });
}

template class TiledBuses<float>;
template class TiledBuses<double>;

}  // namespace pnn::platforms::mrr
