// Optical crosstalk on one bus: the light of every channel passes all rings of its row within reach, the ring
// of column 0 first, and powers are added without interference. For channel j, with the drop and through
// transmissions q_m and t_m of ring m at that channel, over the rings within reach in the order of the bus,
//
//     W_j = Σ_m q_m Π_{l<m} t_l − Π_m t_m
//
// which is Horner's rule from the far end of the bus: S = −1; S ← q_m + t_m S; W_j = S. With t = 1 − loss·p,
// q = drop·p and p = 1/(width + u) (element.hpp), one step is S ← S + p (drop − loss·S), so that ∂W_j/∂p_m =
// (light that reaches ring m) · (drop_m − loss_m S_after). Used in this folder only.
#pragma once

#include <cmath>
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
  struct Passage {
    Index column;       ///< column of the ring
    Real sine, cosine;  ///< of half the phase between this channel and the ring's own
  };
  BusReach() = default;
  /// Columns [0, used) of a chip of chip_cols columns carry rings. `cyclic`: the channels fill the free
  /// spectral range, so that the distance of columns is counted around it.
  BusReach(Index used, Index chip_cols, int reach, bool cyclic, double spacing_nm, double fsr_nm) {
    for (Index channel = 0; channel < used; ++channel) {
      starts_.push_back(Index(passages_.size()));
      for (Index column = 0; column < used; ++column) {
        Index distance = std::abs(channel - column);
        if (cyclic) distance = std::min(distance, chip_cols - distance);
        if (distance > reach) continue;
        if (column == channel) own_.push_back(Index(passages_.size()) - starts_.back());
        const double angle = AiryCurve::pi * double(channel - column) * spacing_nm / fsr_nm;
        passages_.push_back({column, Real(std::sin(angle)), Real(std::cos(angle))});
      }
      longest_ = std::max(longest_, Index(passages_.size()) - starts_.back());
    }
    starts_.push_back(Index(passages_.size()));
  }
  [[nodiscard]] std::span<const Passage> channel(Index j) const {
    return std::span(passages_).subspan(std::size_t(starts_[std::size_t(j)]),
                                        std::size_t(starts_[std::size_t(j + 1)] - starts_[std::size_t(j)]));
  }
  /// Index of the channel's own ring in channel(j).
  [[nodiscard]] Index own(Index j) const { return own_[std::size_t(j)]; }
  [[nodiscard]] Index channels() const { return Index(own_.size()); }
  /// Largest number of rings that a channel passes.
  [[nodiscard]] Index longest() const { return longest_; }

 private:
  std::vector<Passage> passages_;
  std::vector<Index> starts_, own_;
  Index longest_ = 0;
};

/// One row of rings, for a pack of tiles side by side. It owns its scratch memory: one caller at a time.
template <class Real>
class Bus {
 public:
  using P = Pack<Real>;
  explicit Bus(const BusReach<Real>& reach)
      : reach_(reach), rings_(std::size_t(reach.channels())), passed_(std::size_t(reach.longest())) {}

  /// Sets the ring of column m: its position in free spectral ranges, and `lit`: 1, or 0 in lanes without
  /// such a ring (which then affects nothing).
  void set(Index m, const P& position, const P& width, const P& drop, const P& loss, const P& lit) {
    Ring& ring = rings_[std::size_t(m)];
    const P turn = wrap_to_half(position);
    ring = {sin_pi(turn), cos_pi(turn), width, drop, loss, lit, P(0)};
  }

  /// W_j of the rings that were set.
  [[nodiscard]] P weight(Index j) const {
    const auto passages = reach_.channel(j);
    P rest(-1);
    for (std::size_t n = passages.size(); n-- > 0;) {
      const Ring& ring = rings_[std::size_t(passages[n].column)];
      const P sine = fma(ring.cosine, P(passages[n].sine), ring.sine * P(passages[n].cosine));
      const P p = ring.lit / fma(sine, sine, ring.width);
      rest = fma(p, ring.drop - ring.loss * rest, rest);
    }
    return rest;
  }

  /// Adds gradient · ∂W_j/∂position_m for every ring m in reach.
  void pull(Index j, const P& gradient) {
    const auto passages = reach_.channel(j);
    pass(passages);
    P light = gradient;
    for (std::size_t n = 0; n < passages.size(); ++n) {
      Ring& ring = rings_[std::size_t(passages[n].column)];
      const Passed& at = passed_[n];
      const P slope = at.sine * at.cosine * at.p * at.p * P(Real(-2 * AiryCurve::pi));
      ring.gradient = fma(light * at.step, slope, ring.gradient);
      light = light - light * ring.loss * at.p;
    }
  }
  [[nodiscard]] const P& gradient(Index m) const { return rings_[std::size_t(m)].gradient; }

  /// W_j as a function of its own ring alone: base + amplitude/(width + u).
  void own_curve(Index j, P& base, P& amplitude) {
    const auto passages = reach_.channel(j);
    const P whole = pass(passages);
    P light(1);
    for (Index n = 0; n < reach_.own(j); ++n) {
      light = light -
              light * rings_[std::size_t(passages[std::size_t(n)].column)].loss * passed_[std::size_t(n)].p;
    }
    const Passed& own = passed_[std::size_t(reach_.own(j))];
    amplitude = light * own.step;
    base = whole - amplitude * own.p;
  }

 private:
  struct Ring {
    P sine, cosine;  ///< of half the phase at its own channel
    P width, drop, loss, lit, gradient;
  };
  struct Passed {
    P sine, cosine, p;
    P step;  ///< drop − loss · S_after
  };

  /// Horner's rule that keeps the intermediate values; returns W_j.
  P pass(std::span<const typename BusReach<Real>::Passage> passages) {
    P rest(-1);
    for (std::size_t n = passages.size(); n-- > 0;) {
      const Ring& ring = rings_[std::size_t(passages[n].column)];
      const P c(passages[n].cosine), s(passages[n].sine);
      Passed& at = passed_[n];
      at.sine = fma(ring.cosine, s, ring.sine * c);
      at.cosine = ring.cosine * c - ring.sine * s;
      at.p = ring.lit / fma(at.sine, at.sine, ring.width);
      at.step = ring.drop - ring.loss * rest;
      rest = fma(at.p, at.step, rest);
    }
    return rest;
  }

  const BusReach<Real>& reach_;
  std::vector<Ring> rings_;
  std::vector<Passed> passed_;
};

}  // namespace pnn::platforms::mrr
