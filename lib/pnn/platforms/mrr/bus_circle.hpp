// The bus of a whole chip at the design values: eight channels fill the free spectral range, so that
// distances are counted around it, and each ring acts on the two channels at either side of its own. The
// formulas are those of bus.hpp and bus_weights.hpp, written out for all rings: every index is a constant, so
// that nothing is looked up and the compiler holds in registers what it can. Used in this folder only.
#pragma once

#include <type_traits>
#include <utility>

#include "pnn/platforms/mrr/bus.hpp"
#include "pnn/platforms/mrr/bus_weights.hpp"

namespace pnn::platforms::mrr {

/// One row of rings, for a pack of tiles; results have the bits of a Bus and of a BusRow.
template <class Real, bool Own>
class CircleBus {
 public:
  using P = Pack<Real>;
  static constexpr int channels = 8, reach = 2, met = 2 * reach + 1;
  static bool fits(const BusReach<Real>& bus) { return bus.is_circle(channels, reach); }

  /// `lit`: whether a tile has the columns from `ragged` on, 1 or 0.
  CircleBus(const RowCurves<P, Own>& curves, const Real* lit, Index ragged)
      : curves_(curves), lit_(lit), ragged_(ragged) {}

  /// store(j, W_j) for every channel, with five D in a denominator. `sine`(m) and `cosine`(m) give those of
  /// half the phase of a ring at the reference temperature.
  template <class Sine, class Cosine, class Store>
  [[gnu::always_inline]] void weights(const BusTurns<Real>& turns, const Sine& sine, const Cosine& cosine,
                                      const Store& store) const {
    P upper[channels], lower[channels];
    each<channels>([&](auto back) __attribute__((always_inline)) {
      constexpr int m = channels - 1 - back;
      const P s = sine(m), c = cosine(m), width = curves_.width(m);
      P drop = curves_.drop(m), loss = curves_.loss(m);
      if (m >= ragged_) {
        drop = drop * P::load(lit_);
        loss = loss * P::load(lit_);
      }
      each<met>([&](auto n) __attribute__((always_inline)) {
        constexpr int j = channel(m, n);
        const auto& turn = turns.data()[m * met + n];
        const P turned = fma(c, P(turn.sine), s * P(turn.cosine)), below = fma(turned, turned, width);
        if constexpr (m == ring(j, met - 1)) {
          upper[j] = drop - (below - loss);
          lower[j] = below;
        } else {
          upper[j] = fma(drop, lower[j], (below - loss) * upper[j]);
          lower[j] = lower[j] * below;
        }
        if constexpr (m == ring(j, 0)) store(j, upper[j] / lower[j]);
      });
    });
  }

  /// store(m, ∂L/∂position_m) from the positions of the rings and from ∂L/∂W_j.
  template <class Position, class Gradient, class Store>
  [[gnu::always_inline]] void pull(const BusReach<Real>& bus, const Position& position,
                                   const Gradient& gradient, const Store& store) const {
    P p[channels][met], sines[channels], cosines[channels];
    const auto* const meetings = bus.meetings(0).data();
    each<channels>([&](auto m) __attribute__((always_inline)) {
      const P turn = wrap_to_half(position(m)), sine = sin_pi(turn), cosine = cos_pi(turn);
      const P width = curves_.width(m);
      P below[met];
      each<met>([&](auto n) __attribute__((always_inline)) {
        const auto& meeting = meetings[m * met + n];
        P s = sine;
        if constexpr (n + 1 < met) s = fma(cosine, P(meeting.half_sine), sine * P(meeting.half_cosine));
        below[n] = fma(s, s, width);
      });
      sines[m] = sine;
      cosines[m] = cosine;
      const P two = below[0] * below[1], of_three = P(Real(1)) / (two * below[2]), left = of_three * below[2];
      p[m][0] = left * below[1];
      p[m][1] = left * below[0];
      p[m][2] = of_three * two;
      const P of_two = P(Real(1)) / (below[3] * below[4]);
      p[m][3] = of_two * below[4];
      p[m][4] = of_two * below[3];
      if (m < ragged_) return;
      for (P& one : p[m]) one = one * P::load(lit_);
    });
    each<channels>([&](auto j) __attribute__((always_inline)) {
      P kept[met], rest(Real(-1)), light = gradient(j);
      each<met>([&](auto back) __attribute__((always_inline)) {
        constexpr int i = met - 1 - back, m = ring(j, i);
        kept[i] = p[m][place(m, j)] * take_product(curves_.drop(m), curves_.loss(m), rest);
        rest = rest + kept[i];
      });
      each<met>([&](auto i) __attribute__((always_inline)) {
        constexpr int m = ring(j, i);
        P& one = p[m][place(m, j)];
        const P reached = light * one;
        one = reached * kept[i];
        if constexpr (i + 1 < met) light = take_product(light, reached, curves_.loss(m));
      });
    });
    each<channels>([&](auto m) __attribute__((always_inline)) {
      P by_sine(Real(0)), by_cosine(Real(0));
      each<met - 1>([&](auto n) __attribute__((always_inline)) {
        const auto& meeting = meetings[m * met + n];
        by_sine = fma(p[m][n], P(meeting.cosine), by_sine);
        by_cosine = fma(p[m][n], P(meeting.sine), by_cosine);
      });
      by_sine = by_sine + p[m][met - 1];
      store(m, pull_phase(sines[m], cosines[m], by_sine, by_cosine));
    });
  }

 private:
  template <int N, class Body>
  [[gnu::always_inline]] static void each(const Body& body) {
    [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline)) {
      (body(std::integral_constant<int, K>()), ...);
    }
    (std::make_integer_sequence<int, N>());
  }
  static constexpr bool meets(int a, int b) {
    const int apart = a < b ? b - a : a - b;
    return apart <= reach || channels - apart <= reach;
  }
  /// The channel of meeting `n` of a ring, in the order of BusReach::meetings(): its own last.
  static constexpr int channel(int m, int n) {
    for (int j = 0; j < channels; ++j)
      if (j != m && meets(m, j) && n-- == 0) return j;
    return m;
  }
  static constexpr int place(int m, int j) {
    int n = 0;
    while (channel(m, n) != j) ++n;
    return n;
  }
  /// Ring `i` of a channel, in the order of the bus.
  static constexpr int ring(int j, int i) {
    int m = 0;
    while (!meets(m, j) || i-- > 0) ++m;
    return m;
  }

  const RowCurves<P, Own> curves_;
  const Real* lit_;
  Index ragged_;
};

}  // namespace pnn::platforms::mrr
