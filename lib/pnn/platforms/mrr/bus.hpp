// Optical crosstalk on one bus: the light of every channel passes all rings of its row within reach, the ring
// of column 0 first, and powers are added without interference. For channel j, with the drop and through
// transmissions q_m and t_m of ring m at that channel, over the rings within reach in the order of the bus,
//
//     W_j = Σ_m q_m Π_{l<m} t_l − Π_m t_m
//
// which is Horner's rule from the far end of the bus: S = −1; S ← q_m + t_m S; W_j = S. With t = 1 − loss·p,
// q = drop·p and p = 1/(width + u) (element.hpp), one step is S ← S + p (drop − loss·S), so that ∂W_j/∂p_m =
// (light that reaches ring m) · (drop_m − loss_m S_after). With θ = 2π · position and the constant phase 2α
// between channel and ring, ∂p/∂position = −π p² sin(θ + 2α) = −π p² (sin θ cos 2α + cos θ sin 2α): over the
// channels of a ring two sums with constant factors are taken, and its own sine and cosine come last. Used in
// this folder only.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/platforms/mrr/element.hpp"

namespace pnn::platforms::mrr {

/// Which rings act on which channel, and how far the channel is from the ring's own. The phase of a ring at
/// another channel is its phase at its own channel plus a constant, so that sines and cosines are computed
/// once for each ring and then rotated.
template <class Real>
class BusReach {
 public:
  /// A channel as a ring meets it.
  struct Meeting {
    Real half_sine, half_cosine;  ///< of half the phase between this channel and the ring's own
    Real sine, cosine;            ///< of that phase
    Index passage;                ///< number of the channel's passage of the ring
    Index channel;
  };
  BusReach() = default;
  /// Columns [0, used) of a chip of chip_cols columns carry rings. `cyclic`: the channels fill the free
  /// spectral range, so that the distance of columns is counted around it.
  BusReach(Index used, Index chip_cols, int reach, bool cyclic, double spacing_nm, double fsr_nm)
      : around_(cyclic && used == chip_cols ? reach : 0) {
    std::vector<std::vector<Meeting>> by_ring(static_cast<std::size_t>(used));
    for (Index channel = 0; channel < used; ++channel) {
      channels_.push_back(Index(columns_.size()));
      for (Index column = 0; column < used; ++column) {
        Index distance = std::abs(channel - column);
        if (cyclic) distance = std::min(distance, chip_cols - distance);
        if (distance > reach) continue;
        if (column == channel) own_.push_back(Index(columns_.size()) - channels_.back());
        const double angle = AiryCurve::pi * double(channel - column) * spacing_nm / fsr_nm;
        by_ring[std::size_t(column)].push_back({Real(std::sin(angle)), Real(std::cos(angle)),
                                                Real(std::sin(2 * angle)), Real(std::cos(2 * angle)),
                                                Index(columns_.size()), channel});
        columns_.push_back(column);
      }
      longest_ = std::max(longest_, Index(columns_.size()) - channels_.back());
    }
    channels_.push_back(Index(columns_.size()));
    for (Index m = 0; m < used; ++m) {
      std::vector<Meeting>& meetings = by_ring[std::size_t(m)];
      rings_.push_back(Index(meetings_.size()));
      std::stable_partition(meetings.begin(), meetings.end(),
                            [m](const Meeting& meeting) { return meeting.channel != m; });
      meetings_.insert(meetings_.end(), meetings.begin(), meetings.end());
    }
    rings_.push_back(Index(meetings_.size()));
  }
  /// Passages of channel j are numbered from first_passage(j) to first_passage(j + 1), in the order of the
  /// bus.
  [[nodiscard]] Index first_passage(Index j) const { return channels_[std::size_t(j)]; }
  /// [passage]: the column of its ring.
  [[nodiscard]] const Index* columns() const { return columns_.data(); }
  /// The channel's own ring, counted from its first passage.
  [[nodiscard]] Index own(Index j) const { return own_[std::size_t(j)]; }
  /// The channels that the ring of column m meets, its own last: of quotients it is the most exact.
  [[nodiscard]] std::span<const Meeting> meetings(Index m) const {
    const auto first = std::size_t(rings_[std::size_t(m)]), last = std::size_t(rings_[std::size_t(m + 1)]);
    return std::span(meetings_).subspan(first, last - first);
  }
  [[nodiscard]] Index passages() const { return Index(columns_.size()); }
  [[nodiscard]] Index channels() const { return Index(own_.size()); }
  /// Whether so many channels close to a circle, of which each passes the rings up to `reach` columns away.
  [[nodiscard]] bool is_circle(Index channels, Index reach) const {
    return channels == this->channels() && reach == around_;
  }
  /// Largest number of rings that a channel passes.
  [[nodiscard]] Index longest() const { return longest_; }

 private:
  std::vector<Meeting> meetings_;
  std::vector<Index> columns_, rings_, channels_, own_;
  Index longest_ = 0, around_ = 0;
};

/// What the rings of a row have beside their positions: one number for all tiles, or (`Own`) one for each
/// tile from the first of a pack on.
template <class P, bool Own>
struct RowCurves {
  using Real = real_of_t<P>;
  const Real *widths, *drops, *losses;
  Index stride;  ///< from one ring to the next, if `Own`
  [[nodiscard]] P width(Index m) const { return take(widths, m); }
  [[nodiscard]] P drop(Index m) const { return take(drops, m); }
  [[nodiscard]] P loss(Index m) const { return take(losses, m); }

 private:
  [[nodiscard]] P take(const Real* from, Index m) const {
    if constexpr (Own) return P::load(from + m * stride);
    return P(from[m]);
  }
};

/// ∂L/∂position of a ring with these sine and cosine of half the phase, from the sums over its channels that
/// act on sine and cosine of the whole phase.
template <class P>
inline P pull_phase(const P& sine, const P& cosine, const P& by_sine, const P& by_cosine) {
  using Real = real_of_t<P>;
  const P half_sine = sine * cosine, half_cosine = take_product(P(Real(0.5)), sine, sine);
  return P(Real(-2 * AiryCurve::pi)) * fma(half_sine, by_sine, half_cosine * by_cosine);
}

/// One row of rings, for tiles side by side in the lanes of a Pack. One caller at a time.
template <class P, bool Own>
class Bus {
 public:
  using Real = real_of_t<P>;
  /// `memory`: room for size_of(reach) numbers, aligned as a Pack.
  Bus(const BusReach<Real>& reach, const RowCurves<P, Own>& curves, Real* memory)
      : reach_(reach),
        curves_(curves),
        p_(reinterpret_cast<P*>(memory)),
        sine_(p_ + reach.passages()),
        cosine_(sine_ + reach.channels()),
        kept_(cosine_ + reach.channels()) {}
  static Index size_of(const BusReach<Real>& reach) {
    return (reach.passages() + 2 * reach.channels() + reach.longest()) * P::size;
  }

  /// Sets the position of the ring of column m, in free spectral ranges. `Slopes`: also for pull(). Lanes
  /// without such a ring have 0 in `lit`, if it is given, and all others 1.
  template <bool Slopes>
  void set(Index m, const P& position, const Real* lit) {
    const P turn = wrap_to_half(position), sine = sin_pi(turn), cosine = cos_pi(turn);
    if constexpr (Slopes) {
      sine_[m] = sine;
      cosine_[m] = cosine;
    }
    const P width = curves_.width(m);
    const std::span<const Meeting> meetings = reach_.meetings(m);
    std::span<const Meeting> left = meetings;
    for (; left.size() > 3; left = left.subspan(3)) meet<3, false>(left.data(), sine, cosine, width);
    if (left.size() == 3) meet<3, true>(left.data(), sine, cosine, width);
    if (left.size() == 2) meet<2, true>(left.data(), sine, cosine, width);
    if (left.size() == 1) meet<1, true>(left.data(), sine, cosine, width);
    if (lit == nullptr) return;
    for (const Meeting& meeting : meetings) p_[meeting.passage] = p_[meeting.passage] * P::load(lit);
  }

  /// W_j of the rings that were set.
  [[nodiscard]] P weight(Index j) const {
    const Index first = reach_.first_passage(j), length = reach_.first_passage(j + 1) - first;
    if (length == 5) return weight_of<5>(first, length);
    if (length == 3) return weight_of<3>(first, length);
    return weight_of<0>(first, length);
  }

  /// Takes ∂L/∂W_j, once for every channel before gradient() is asked for; weight() is of no use then.
  void pull(Index j, const P& gradient) {
    const Index first = reach_.first_passage(j), length = reach_.first_passage(j + 1) - first;
    if (length == 5) return pull_of<5>(first, length, gradient);
    if (length == 3) return pull_of<3>(first, length, gradient);
    return pull_of<0>(first, length, gradient);
  }
  /// ∂L/∂position_m.
  [[nodiscard]] P gradient(Index m) const {
    P by_sine(Real(0)), by_cosine(Real(0));  // of the whole phase at the ring's own channel
    const std::span<const Meeting> meetings = reach_.meetings(m),
                                   others = meetings.first(meetings.size() - 1);
    for (const Meeting& meeting : others) {
      by_sine = fma(p_[meeting.passage], P(meeting.cosine), by_sine);
      by_cosine = fma(p_[meeting.passage], P(meeting.sine), by_cosine);
    }
    by_sine = by_sine + p_[meetings.back().passage];
    return pull_phase(sine_[m], cosine_[m], by_sine, by_cosine);
  }

  /// W_j as a function of its own ring alone: base + amplitude/(width + u).
  struct OwnCurve {
    P base, amplitude;
  };
  [[nodiscard]] OwnCurve own_curve(Index j) const {
    const Index first = reach_.first_passage(j), own = first + reach_.own(j);
    const Index* const column = reach_.columns();
    P rest(Real(-1)), light(Real(1));
    for (Index n = reach_.first_passage(j + 1); n-- > own + 1;)
      rest = fma(p_[n], by_p(column[n], rest), rest);
    for (Index n = first; n < own; ++n) light = take_product(light, light * p_[n], curves_.loss(column[n]));
    const P amplitude = light * by_p(column[own], rest);
    return {take_product(weight(j), p_[own], amplitude), amplitude};
  }

 private:
  using Meeting = typename BusReach<Real>::Meeting;

  /// ∂S/∂p of a passage of the ring of column m, with S after it.
  [[nodiscard]] P by_p(Index m, const P& rest) const {
    return take_product(curves_.drop(m), curves_.loss(m), rest);
  }

  /// W of the channel whose passages begin with `first`: `Known` of them, or `length` where that is 0.
  template <int Known>
  [[nodiscard]] P weight_of(Index first, Index length) const {
    const Index* const column = reach_.columns() + first;
    P rest(Real(-1));
#pragma GCC unroll 5
    for (Index n = (Known > 0 ? Known : length) - 1; n >= 0; --n)
      rest = fma(p_[first + n], by_p(column[n], rest), rest);
    return rest;
  }
  /// Puts (∂L/∂p) p² of every passage in the place of p.
  template <int Known>
  void pull_of(Index first, Index length, const P& gradient) {
    P* const p = p_ + first;
    const Index* const column = reach_.columns() + first;
    P few[Known > 0 ? Known : 1];
    P* const kept = Known > 0 ? few : kept_;
    P rest(Real(-1)), light = gradient;
#pragma GCC unroll 5
    for (Index n = (Known > 0 ? Known : length) - 1; n >= 0; --n) {
      kept[n] = p[n] * by_p(column[n], rest);
      rest = rest + kept[n];
    }
#pragma GCC unroll 5
    for (Index n = 0; n < (Known > 0 ? Known : length); ++n) {
      const P met = light * p[n];
      p[n] = met * kept[n];
      light = take_product(light, met, curves_.loss(column[n]));
    }
  }

  /// A ring at `Count` of its channels, at most three, which registers hold, the last of them its own if
  /// `ToOwn`. All their p take one division: 1/(abc) · bc, and so on; a ring is on resonance with one channel
  /// at most, so that the product stays far from the smallest numbers.
  template <int Count, bool ToOwn>
  void meet(const Meeting* at, const P& sine, const P& cosine, const P& width) {
    P below[Count], before[Count];
#pragma GCC unroll 3
    for (int n = 0; n < Count; ++n) {
      P s = sine;
      if (!ToOwn || n + 1 < Count) s = fma(cosine, P(at[n].half_sine), sine * P(at[n].half_cosine));
      below[n] = fma(s, s, width);
      before[n] = n == 0 ? below[0] : before[std::max(n, 1) - 1] * below[n];
    }
    P inverse = P(Real(1)) / before[Count - 1];
#pragma GCC unroll 3
    for (int n = Count - 1; n > 0; --n) {
      p_[at[n].passage] = inverse * before[n - 1];
      inverse = inverse * below[n];
    }
    p_[at[0].passage] = inverse;
  }

  const BusReach<Real>& reach_;
  const RowCurves<P, Own> curves_;
  P* p_;               ///< [passage]: p, and what pull() puts there
  P *sine_, *cosine_;  ///< [column]: of half the phase at its own channel
  P* kept_;            ///< [passage of the present channel]: S before − S after
};

}  // namespace pnn::platforms::mrr
