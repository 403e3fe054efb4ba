// Products with the patches of an image that read every tap where it lies in the image, so that no patch is
// copied: beside few channels, copies take longer than the products. Sums are those of core/product.hpp: one
// chain of terms in their order, each added with a single rounding.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::network {

/// As many sums as registers hold beside their operands.
#if defined(__AVX512DQ__)
inline constexpr Index sums_at_once = 24;
#else
inline constexpr Index sums_at_once = 12;
#endif

/// Calls body(std::integral_constant(count), first) for even shares of [0, total) of at most `Most`.
template <Index Most, class Body>
void in_even_shares(Index total, const Body& body) {
  const Index shares = (total + Most - 1) / Most;
  for (Index k = 0; k < shares; ++k) {
    const Index first = total * k / shares, count = total * (k + 1) / shares - first;
    [&]<std::size_t... N>(std::index_sequence<N...>) {
      (void)((count == Index(N + 1) && (body(std::integral_constant<Index, Index(N + 1)>(), first), true)) ||
             ...);
    }
    (std::make_index_sequence<std::size_t(Most)>());
  }
}

/// out[row · out_step + x] = Σ_t weights[row · taps + t] line[offsets[t] + x] for x < count. Whole packs are
/// read, and written where `room` numbers from the beginning of a row of `out` may be.
template <Index Packs, class Real>
void weigh_taps(const Real* weights, Index rows, std::span<const Index> offsets, const Real* line,
                Index count, Real* out, Index out_step, Index room) {
  using P = Pack<Real>;
  in_even_shares<std::min<Index>(sums_at_once / Packs, 12)>(rows, [&](auto share, Index first) {
    constexpr Index n = decltype(share)::value;
    const Index terms = Index(offsets.size());
    const Real* w = weights + first * terms;
    P sums[n][Packs];
#pragma GCC unroll 12
    for (Index r = 0; r < n; ++r)
#pragma GCC unroll 2
      for (Index p = 0; p < Packs; ++p) sums[r][p] = P(typename P::Lanes{});
    for (Index t = 0; t < terms; ++t) {
      const Real* from = line + offsets[std::size_t(t)];
      P x[Packs];
#pragma GCC unroll 2
      for (Index p = 0; p < Packs; ++p) x[p] = P::load(from + p * P::size);
#pragma GCC unroll 12
      for (Index r = 0; r < n; ++r) {
        const P factor(w[r * terms + t]);
#pragma GCC unroll 2
        for (Index p = 0; p < Packs; ++p) sums[r][p] = add_product(sums[r][p], factor, x[p]);
      }
    }
#pragma GCC unroll 12
    for (Index r = 0; r < n; ++r) {
      Real* to = out + (first + r) * out_step;
      if (Packs * P::size <= room) {
#pragma GCC unroll 2
        for (Index p = 0; p < Packs; ++p) sums[r][p].store(to + p * P::size);
      } else {
        Real part[Packs * P::size];
        for (Index p = 0; p < Packs; ++p) sums[r][p].store(part + p * P::size);
        std::copy_n(part, std::min(count, Packs * P::size), to);
      }
    }
  });
}

/// out[t · step + lane] += Σ_p image[offsets[t] + places[p]] signals[p · step + lane] for the lanes of a
/// pack.
template <class Real>
void correlate_taps(const Real* image, std::span<const Index> offsets, std::span<const Index> places,
                    const Real* signals, Index step, Real* out) {
  using P = Pack<Real>;
  in_even_shares<std::min<Index>(sums_at_once, 8)>(Index(offsets.size()), [&](auto share, Index first) {
    constexpr Index n = decltype(share)::value;
    std::array<const Real*, std::size_t(n)> at;
    P sums[n];
#pragma GCC unroll 16
    for (Index t = 0; t < n; ++t) {
      at[std::size_t(t)] = image + offsets[std::size_t(first + t)];
      sums[t] = P::load(out + (first + t) * step);
    }
    const Real* signal = signals;
    for (const Index place : places) {
      const P x = P::load(signal);
      signal += step;
#pragma GCC unroll 16
      for (Index t = 0; t < n; ++t) sums[t] = add_product(sums[t], P(at[std::size_t(t)][place]), x);
    }
#pragma GCC unroll 16
    for (Index t = 0; t < n; ++t) sums[t].store(out + (first + t) * step);
  });
}

}  // namespace pnn::network
