// The weights of one bus (bus.hpp) without derivatives, by one division for each channel. With D = width + u
// of a ring at a channel, q = drop/D and t = (D − loss)/D, so that Horner's rule from the far end of the bus,
// S ← q + t S, is one of numerators and denominators: N ← drop · M + (D − loss) N, M ← D M, from N = −1 and
// M = 1, and S = N/M.
//
// A change of the ambient temperature turns the phases of all rings alike. It is added to the phases between
// channels and rings, which are few, so that sine and cosine of each ring stay those at the reference
// temperature. Used in this folder only.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/platforms/mrr/bus.hpp"

namespace pnn::platforms::mrr {

/// How a bus is passed in one sweep over its rings: each meets the channels up to `reach` columns away, and
/// if the columns close to a circle (`around`) those beyond one end at the other. A reach of 0: in no such
/// way.
struct BusSweep {
  Index reach = 0;
  bool around = false;
};

template <class Real>
BusSweep sweep_of(const BusReach<Real>& reach) {
  const Index channels = reach.channels();
  for (const bool around : {false, true}) {
    for (const Index most : {Index(1), Index(2)}) {
      bool fits = !around || channels > 2 * most;
      for (Index j = 0; fits && j < channels; ++j) {
        std::vector<Index> columns;
        for (Index m = 0; m < channels; ++m) {
          const Index apart = std::abs(j - m);
          if (apart <= most || (around && channels - apart <= most)) columns.push_back(m);
        }
        fits = std::equal(columns.begin(), columns.end(), reach.columns() + reach.first_passage(j),
                          reach.columns() + reach.first_passage(j + 1));
      }
      if (fits) return {most, around};
    }
  }
  return {};
}

/// Half the phases between channels and rings of a bus at one ambient temperature.
template <class Real>
class BusTurns {
 public:
  struct Turn {
    Real sine, cosine;
  };
  /// `position`: by how much the temperature moves all rings, in free spectral ranges.
  BusTurns(const BusReach<Real>& reach, BusSweep sweep, double spacing_nm, double fsr_nm, double position)
      : channels_(reach.channels()), by_distance_(std::size_t(2 * channels_)) {
    std::vector<bool> known(by_distance_.size(), false);
    for (Index j = 0; j < channels_; ++j) {
      for (Index n = reach.first_passage(j); n < reach.first_passage(j + 1); ++n) {
        const Index distance = j - reach.columns()[n];
        const auto place = std::size_t(distance + channels_);
        if (known[place]) continue;
        known[place] = true;
        const double angle = AiryCurve::pi * (double(distance) * spacing_nm / fsr_nm + position);
        by_distance_[place] = {Real(std::sin(angle)), Real(std::cos(angle))};
      }
    }
    for (Index m = 0; m < channels_; ++m) {
      for (Index k = -sweep.reach; k <= sweep.reach; ++k) {
        const Index channel = (m + k + channels_) % channels_;
        swept_.push_back(by_distance_[std::size_t((sweep.around ? channel - m : k) + channels_)]);
      }
    }
  }
  /// [k]: of a channel and the ring k columns before it.
  [[nodiscard]] const Turn* at_distance() const { return by_distance_.data() + channels_; }
  /// [ring, channel within the reach of the sweep].
  [[nodiscard]] const Turn* swept() const { return swept_.data(); }

 private:
  Index channels_;
  std::vector<Turn> by_distance_, swept_;
};

/// The rings of one row, for a pack of tiles. `sine` and `cosine` of half the phase of the ring of column m,
/// at the reference temperature, stand at m · placed; its width, drop and loss at m · step: numbers of their
/// own for each tile if `Own`, else one for all. The row that comes next has its rings at `next` behind
/// these.
template <class Real, bool Own>
struct BusRow {
  using P = Pack<Real>;
  using Turn = typename BusTurns<Real>::Turn;
  const Real *sine, *cosine;
  Index placed, next;
  const Real *width, *drop, *loss;
  Index step;
  const Real* lit;  ///< whether a tile has the columns from `ragged` on, 1 or 0
  Index ragged;

  /// store(j, W_j) for every channel. Denominators are products of up to `most` of D.
  template <class Store>
  void weights(const BusReach<Real>& reach, BusSweep by, const BusTurns<Real>& turns, Index most,
               const Store& store) const {
    if (2 * by.reach + 1 <= most) {
      if (by.reach == 1 && by.around) return sweep<1, true>(reach.channels(), turns.swept(), store);
      if (by.reach == 1) return sweep<1, false>(reach.channels(), turns.swept(), store);
      if (by.reach == 2 && by.around) return sweep<2, true>(reach.channels(), turns.swept(), store);
      if (by.reach == 2) return sweep<2, false>(reach.channels(), turns.swept(), store);
    }
    for (Index j = 0; j < reach.channels(); ++j) {
      const Index first = reach.first_passage(j), last = reach.first_passage(j + 1) - 1;
      Sum sum;
      for (Index n = last; n >= first; --n) {
        const Index m = reach.columns()[n];
        const Turn turn = turns.at_distance()[j - m];
        sum.pass(ring(m), P(turn.sine), P(turn.cosine));
        if ((last - n + 1) % most == 0 && n > first) sum = {sum.value(), P(Real(1))};
      }
      store(j, sum.value());
    }
  }

 private:
  struct Ring {
    P sine, cosine, width, drop, loss;
  };
  [[nodiscard]] static P at(const Real* values, Index place) {
    if constexpr (Own) return P::load(values + place);
    return P(values[place]);
  }
  /// In line, since a call would take the sums of a sweep out of their registers.
  [[nodiscard, gnu::always_inline]] Ring ring(Index m) const {
    __builtin_prefetch(sine + m * placed + next);
    __builtin_prefetch(cosine + m * placed + next);
    Ring r{P::load(sine + m * placed), P::load(cosine + m * placed), at(width, m * step), at(drop, m * step),
           at(loss, m * step)};
    if (m < ragged) return r;
    r.drop = r.drop * P::load(lit);
    r.loss = r.loss * P::load(lit);
    return r;
  }
  /// S of a channel behind the rings that it has passed from the far end on.
  struct Sum {
    P upper = P(Real(-1)), lower = P(Real(1));
    void pass(const Ring& ring, const P& sine, const P& cosine) {
      const P s = fma(ring.cosine, sine, ring.sine * cosine), below = fma(s, s, ring.width);
      upper = fma(ring.drop, lower, (below - ring.loss) * upper);
      lower = lower * below;
    }
    [[nodiscard]] P value() const { return upper / lower; }
  };

  template <int Reach, bool Around, class Store>
  void sweep(Index channels, const Turn* turns, const Store& store) const {
    sweep<Reach, Around>(channels, turns, store, std::make_integer_sequence<int, 2 * Reach>());
  }
  /// Ring after ring from the far end, of which each meets the channels up to `Reach` columns away: their
  /// sums stay in registers, for which every index is a constant. Where the columns close to a circle,
  /// channels near the ends are met twice.
  template <int Reach, bool Around, class Store, int... K>
  void sweep(Index channels, const Turn* turns, const Store& store,
             std::integer_sequence<int, K...> /*0 … 2 Reach − 1*/) const {
    constexpr int last = 2 * Reach;
    Sum sums[last + 1], ends[last];  // of channels m − Reach … m + Reach; of those near the ends
    for (Index m = channels - 1; m >= 0; --m) {
      const Ring here = ring(m);
      const Turn* const turn = turns + m * (last + 1);
      (sums[K].pass(here, P(turn[K].sine), P(turn[K].cosine)), ...);
      sums[last].pass(here, P(turn[last].sine), P(turn[last].cosine));
      const Index leaving = m + Reach;
      if (leaving < channels - (Around ? Reach : 0)) {
        store(leaving, sums[last].value());
      } else if (Around) {
        ends[leaving - channels + Reach] = sums[last];
      }
      if (m == 0) break;
      ((sums[last - K] = sums[last - 1 - K]), ...);
      const Index entering = m - 1 - Reach;
      sums[0] = Sum{};
      if (Around && entering < Reach) sums[0] = ends[entering + Reach];
    }
    ((ends[K] = sums[K]), ...);
    for (Index k = Around ? 0 : Reach; k < last; ++k) {
      const Index channel = k < Reach ? k - Reach + channels : k - Reach;
      if (channel < channels) store(channel, ends[k].value());
    }
  }
};

}  // namespace pnn::platforms::mrr
