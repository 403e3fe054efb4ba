// The weights of one bus (bus.hpp) without derivatives, by one division for each channel. With D = width + u
// of a ring at a channel, q = drop/D and t = (D − loss)/D, so that Horner's rule from the far end of the bus,
// S ← q + t S, is one of numerators and denominators: N ← drop · M + (D − loss) N, M ← D M, from N = −1 and
// M = 1, and S = N/M.
//
// A change of the ambient temperature turns the phases of all rings alike. It is added to the phases between
// channels and rings, which are few, so that sine and cosine of each ring stay those at the reference
// temperature. Used in this folder only.
#pragma once

#include <cmath>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/platforms/mrr/bus.hpp"

namespace pnn::platforms::mrr {

/// Half the phases between channels and rings of a bus at one ambient temperature.
template <class Real>
class BusTurns {
 public:
  struct Turn {
    Real sine, cosine;
  };
  /// `position`: by how much the temperature moves all rings, in free spectral ranges.
  BusTurns(const BusReach<Real>& reach, double spacing_nm, double fsr_nm, double position) {
    for (Index m = 0; m < reach.channels(); ++m) {
      for (const auto& meeting : reach.meetings(m)) {
        const double angle = AiryCurve::pi * (double(meeting.channel - m) * spacing_nm / fsr_nm + position);
        turns_.push_back({Real(std::sin(angle)), Real(std::cos(angle))});
      }
    }
  }
  /// Of the meetings of ring after ring.
  [[nodiscard]] const Turn* data() const { return turns_.data(); }

 private:
  std::vector<Turn> turns_;
};

/// The rings of one row, for a pack of tiles. `sine` and `cosine` of half the phase of the ring of column m,
/// at the reference temperature, stand at m · placed.
template <class Real, bool Own>
struct BusRow {
  using P = Pack<Real>;
  const Real *sine, *cosine;
  Index placed;
  RowCurves<P, Own> curves;
  const Real* lit;  ///< whether a tile has the columns from `ragged` on, 1 or 0
  Index ragged;

  /// store(j, W_j) for every channel. Denominators are products of up to `most` of D, all of which are kept
  /// in `below` [passage].
  template <class Store>
  void weights(const BusReach<Real>& reach, const BusTurns<Real>& turns, Index most, P* below,
               const Store& store) const {
    const auto* turn = turns.data();
    for (Index m = 0; m < reach.channels(); ++m) {
      const P s = P::load(sine + m * placed), c = P::load(cosine + m * placed), width = curves.width(m);
      for (const auto& meeting : reach.meetings(m)) {
        const P turned = fma(c, P(turn->sine), s * P(turn->cosine));
        fma(turned, turned, width).store(reinterpret_cast<Real*>(below + meeting.passage));
        ++turn;
      }
    }
    const bool whole = ragged >= reach.channels();
    for (Index j = 0; j < reach.channels(); ++j) {
      const Index first = reach.first_passage(j), length = reach.first_passage(j + 1) - first;
      const Index* const columns = reach.columns() + first;
      if (whole && length == 5 && most >= 5) {
        store(j, weight<5>(columns, below + first));
      } else if (whole && length == 3 && most >= 3) {
        store(j, weight<3>(columns, below + first));
      } else {
        store(j, weight(columns, below + first, length, most));
      }
    }
  }

 private:
  /// Of a channel of `Count` passages, from the far end on.
  template <int Count>
  [[nodiscard]] P weight(const Index* columns, const P* below) const {
    const Index far = columns[Count - 1];
    P upper = curves.drop(far) - (below[Count - 1] - curves.loss(far)), lower = below[Count - 1];
#pragma GCC unroll 4
    for (int n = Count - 2; n >= 0; --n) {
      upper = fma(curves.drop(columns[n]), lower, (below[n] - curves.loss(columns[n])) * upper);
      lower = lower * below[n];
    }
    return upper / lower;
  }
  [[nodiscard]] P weight(const Index* columns, const P* below, Index count, Index most) const {
    P upper(Real(-1)), lower(Real(1));
    for (Index n = count; n-- > 0;) {
      P drop = curves.drop(columns[n]), loss = curves.loss(columns[n]);
      if (columns[n] >= ragged) {
        drop = drop * P::load(lit);
        loss = loss * P::load(lit);
      }
      upper = fma(drop, lower, (below[n] - loss) * upper);
      lower = lower * below[n];
      if ((count - n) % most == 0 && n > 0) upper = upper / lower, lower = P(Real(1));
    }
    return upper / lower;
  }
};

}  // namespace pnn::platforms::mrr
