// Optical crosstalk on one bus: the light of every channel passes all rings of its row within reach, the ring
// of column 0 first, and powers are added without interference. For channel j, with the drop and through
// transmissions q_m and t_m of ring m at that channel, over the rings within reach in the order of the bus,
//
//     W_j = Σ_m q_m Π_{l<m} t_l − Π_m t_m
//
// which is Horner's rule from the far end of the bus: S = −1; S ← q_m + t_m S; W_j = S. With t = 1 − loss·p,
// q = drop·p and p = 1/(width + u) (element.hpp), one step is S ← S + p (drop − loss·S), so that ∂W_j/∂p_m =
// (light that reaches ring m) · (drop_m − loss_m S_after), and ∂p/∂position = −2π p² sine · cosine of half
// the phase. Used in this folder only.
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
  };
  BusReach() = default;
  /// Columns [0, used) of a chip of chip_cols columns carry rings. `cyclic`: the channels fill the free
  /// spectral range, so that the distance of columns is counted around it.
  BusReach(Index used, Index chip_cols, int reach, bool cyclic, double spacing_nm, double fsr_nm) {
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
                                                Index(columns_.size())});
        columns_.push_back(column);
      }
      longest_ = std::max(longest_, Index(columns_.size()) - channels_.back());
    }
    channels_.push_back(Index(columns_.size()));
    for (const std::vector<Meeting>& meetings : by_ring) {
      rings_.push_back(Index(meetings_.size()));
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
  /// The channels that the ring of column m meets.
  [[nodiscard]] std::span<const Meeting> meetings(Index m) const {
    const auto first = std::size_t(rings_[std::size_t(m)]), last = std::size_t(rings_[std::size_t(m + 1)]);
    return std::span(meetings_).subspan(first, last - first);
  }
  [[nodiscard]] Index passages() const { return Index(columns_.size()); }
  [[nodiscard]] Index channels() const { return Index(own_.size()); }
  /// Largest number of rings that a channel passes.
  [[nodiscard]] Index longest() const { return longest_; }

 private:
  std::vector<Meeting> meetings_;
  std::vector<Index> columns_, rings_, channels_, own_;
  Index longest_ = 0;
};

/// One row of rings, for tiles side by side in the lanes of a pack. One caller at a time.
template <class Real>
class Bus {
 public:
  using P = Pack<Real>;
  /// `memory`: room for size_of(reach) numbers, aligned as a P.
  Bus(const BusReach<Real>& reach, Real* memory)
      : reach_(reach),
        dropped_(reinterpret_cast<P*>(memory)),
        lost_(dropped_ + reach.passages()),
        slope_(lost_ + reach.passages()),
        gradient_(slope_ + reach.passages()),
        sine_(gradient_ + reach.channels()),
        cosine_(sine_ + reach.channels()),
        kept_(cosine_ + reach.channels()) {}
  static Index size_of(const BusReach<Real>& reach) {
    return (3 * reach.passages() + 3 * reach.channels() + reach.longest()) * P::size;
  }

  /// Sets the position of the ring of column m, in free spectral ranges.
  void place(Index m, const P& position) {
    const P turn = wrap_to_half(position);
    sine_[m] = sin_pi(turn);
    cosine_[m] = cos_pi(turn);
  }
  /// Sets the ring of column m, which has been placed. Lanes whose `drop` and `loss` are 0 have no such ring.
  /// `Slopes`: also what pull() needs.
  template <bool Slopes>
  void set(Index m, const P& width, const P& drop, const P& loss) {
    const Ring ring{sine_[m], cosine_[m], width, drop, loss};
    if constexpr (Slopes) gradient_[m] = P(Real(0));
    std::span<const Meeting> meetings = reach_.meetings(m);
    for (; meetings.size() > 2; meetings = meetings.subspan(3)) meet<Slopes, 3>(meetings.data(), ring);
    if (meetings.size() == 2) meet<Slopes, 2>(meetings.data(), ring);
    if (meetings.size() == 1) meet<Slopes, 1>(meetings.data(), ring);
  }

  /// W_j of the rings that were set.
  [[nodiscard]] P weight(Index j) const {
    const Index first = reach_.first_passage(j), length = reach_.first_passage(j + 1) - first;
    if (length == 5) return weight_of<5>(first, length);
    if (length == 3) return weight_of<3>(first, length);
    return weight_of<0>(first, length);
  }
  /// Adds gradient · ∂W_j/∂position_m for every ring m in reach.
  void pull(Index j, const P& gradient) {
    const Index first = reach_.first_passage(j), length = reach_.first_passage(j + 1) - first;
    if (length == 5) return pull_of<5>(first, length, gradient);
    if (length == 3) return pull_of<3>(first, length, gradient);
    return pull_of<0>(first, length, gradient);
  }
  [[nodiscard]] P gradient(Index m) const { return gradient_[m] * P(Real(-2 * AiryCurve::pi)); }

  /// W_j as a function of its own ring alone, whose `drop` is given: base + amplitude/(width + u).
  void own_curve(Index j, const P& drop, P& base, P& amplitude) const {
    const Index first = reach_.first_passage(j), own = first + reach_.own(j);
    P rest(Real(-1)), light(Real(1));
    for (Index n = reach_.first_passage(j + 1); n-- > own + 1;)
      rest = take_product(rest + dropped_[n], lost_[n], rest);
    for (Index n = first; n < own; ++n) light = take_product(light, light, lost_[n]);
    const P by_ring = light * take_product(dropped_[own], lost_[own], rest);
    amplitude = by_ring * drop / dropped_[own];
    base = weight(j) - by_ring;
  }

 private:
  using Meeting = typename BusReach<Real>::Meeting;
  struct Ring {
    P sine, cosine;  ///< of half the phase at its own channel
    P width, drop, loss;
  };

  /// W of the channel whose passages begin with `first`: `Known` of them, or `length` where that is 0.
  template <int Known>
  [[nodiscard]] P weight_of(Index first, Index length) const {
    const P *const dropped = dropped_ + first, *const lost = lost_ + first;
    P rest(Real(-1));
#pragma GCC unroll 5
    for (Index n = (Known > 0 ? Known : length) - 1; n >= 0; --n)
      rest = take_product(rest + dropped[n], lost[n], rest);
    return rest;
  }
  template <int Known>
  void pull_of(Index first, Index length, const P& gradient) {
    const P *const dropped = dropped_ + first, *const lost = lost_ + first;
    const P* const slope = slope_ + first;
    const Index* const column = reach_.columns() + first;
    P few[Known > 0 ? Known : 1];
    P* const kept = Known > 0 ? few : kept_;
    P rest(Real(-1)), light = gradient;
#pragma GCC unroll 5
    for (Index n = (Known > 0 ? Known : length) - 1; n >= 0; --n) {
      kept[n] = take_product(dropped[n], lost[n], rest);
      rest = rest + kept[n];
    }
#pragma GCC unroll 5
    for (Index n = 0; n < (Known > 0 ? Known : length); ++n) {
      P& sum = gradient_[column[n]];
      sum = fma(light * kept[n], slope[n], sum);
      light = take_product(light, light, lost[n]);
    }
  }

  /// A ring at `Count` of its channels. All their p take one division: 1/(abc) · bc, and so on; a ring is on
  /// resonance with one channel at most, so that the product stays far from the smallest numbers.
  template <bool Slopes, int Count>
  void meet(const Meeting* at, const Ring& ring) {
    P p[Count], below[Count], before[Count];
#pragma GCC unroll 3
    for (int n = 0; n < Count; ++n) {
      const P s = fma(ring.cosine, P(at[n].half_sine), ring.sine * P(at[n].half_cosine));
      below[n] = fma(s, s, ring.width);
      before[n] = n == 0 ? below[0] : before[std::max(n, 1) - 1] * below[n];
    }
    P inverse = P(Real(1)) / before[Count - 1];
#pragma GCC unroll 3
    for (int n = Count - 1; n > 0; --n) {
      p[n] = inverse * before[n - 1];
      inverse = inverse * below[n];
    }
    p[0] = inverse;
#pragma GCC unroll 3
    for (int n = 0; n < Count; ++n) {
      const Index passage = at[n].passage;
      dropped_[passage] = p[n] * ring.drop;
      lost_[passage] = p[n] * ring.loss;
      if constexpr (Slopes) {  // sine · cosine at a channel is half the sine of the whole phase there
        const P half_sine = ring.sine * ring.cosine;
        const P half_cosine = take_product(P(Real(0.5)), ring.sine, ring.sine);
        slope_[passage] = p[n] * fma(half_sine, P(at[n].cosine), half_cosine * P(at[n].sine));
      }
    }
  }

  const BusReach<Real>& reach_;
  P *dropped_, *lost_;  ///< [passage]: q and 1 − t
  P* slope_;            ///< [passage]: p · sine · cosine of half the phase
  P* gradient_;         ///< [column]: over −2π
  P *sine_, *cosine_;   ///< [column]: of half the phase at its own channel
  P* kept_;             ///< [passage of the present channel]: S before − S after
};

}  // namespace pnn::platforms::mrr
