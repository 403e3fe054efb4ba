#include "pnn/platforms/d2nn/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "pnn/core/errors.hpp"
#include "pnn/platforms/d2nn/butterfly.hpp"

namespace pnn::platforms::d2nn {

namespace {

constexpr Index longest = Index(1) << 24;

/// What is left of a number without its factors of 2, 3, 5 and 7.
Index rest_of(Index number) {
  for (const Index prime : {2, 3, 5, 7}) {
    while (number % prime == 0) number /= prime;
  }
  return number;
}

/// The factors of a good length; of powers of two, eights and as few others as possible.
std::vector<Index> radices_of(Index length) {
  std::vector<Index> radices;
  for (const Index odd : {7, 5, 3}) {
    for (; length % odd == 0; length /= odd) radices.push_back(odd);
  }
  while (length > 1) {
    const Index radix = length == 2 ? 2 : length == 4 || length == 16 ? 4 : 8;
    radices.push_back(radix);
    length /= radix;
  }
  if (radices.empty()) radices.push_back(1);
  std::sort(radices.rbegin(), radices.rend());
  return radices;
}

/// What a pass over the signals reads, and where it writes.
template <class Real>
struct Pass {
  Index apart, stride;
  const Real* factors;
  Signals<const Real> from;
  Signals<Real> to;
  Signals<const Real> added;
  Response<Real> response;
};

template <int R, class Real>
inline void load_factors(const Real* factors, Pack<Real>* c, Pack<Real>* s) {
#pragma GCC unroll 8
  for (int t = 1; t < R; ++t) {
    c[t] = Pack<Real>(factors[2 * (t - 1)]);
    s[t] = Pack<Real>(factors[2 * (t - 1) + 1]);
  }
}

// Decimation in time: of R transforms of `apart` points, [apart, R, stride], one of R · apart, [R, apart,
// stride].
template <int R, bool turns, Times times, class Real>
void join_transforms(const Pass<Real>& pass) {
  using C = ComplexPack<Real>;
  const Index stride = times == Times::nothing ? pass.stride : 1;  // a response is in the last pass
  const Index step = stride * lane_block, far = pass.apart * step;
  const Response<Real> response = pass.response;
  const Index apart = response.step * pass.apart;
  for (Index p = 0; p < pass.apart; ++p) {
    Pack<Real> c[R], s[R];
    if constexpr (turns) load_factors<R>(pass.factors + 2 * (R - 1) * p, c, s);
    const Index source = p * R * step, target = p * step, number = response.first + response.step * p;
    for (Index k = 0; k < step; k += Pack<Real>::size) {
      C x[R];
#pragma GCC unroll 8
      for (int t = 0; t < R; ++t) x[t] = C::load(pass.from.re, pass.from.im, source + t * step + k);
      if constexpr (turns) {
#pragma GCC unroll 8
        for (int t = 1; t < R; ++t) x[t] = x[t].times(c[t], s[t]);
      }
      butterfly<R>(x);
      if constexpr (times != Times::nothing) {
#pragma GCC unroll 8
        for (int t = 0; t < R; ++t) {
          const Real* h = response.at(number + t * apart);
          const Pack<Real> re = Pack<Real>::load(h + k), im = Pack<Real>::load(h + lane_block + k);
          x[t] = times == Times::response ? x[t].by(re, im) : x[t].by_conjugate(re, im);
        }
      }
#pragma GCC unroll 8
      for (int t = 0; t < R; ++t) x[t].store(pass.to.re, pass.to.im, target + t * far + k);
    }
  }
}

// Decimation in frequency, the same sums transposed: one transform of R · apart points becomes R of `apart`.
template <int R, bool turns, bool adds, class Real>
void part(const Pass<Real>& pass) {
  using C = ComplexPack<Real>;
  const Index step = pass.stride * lane_block, far = pass.apart * step;
  for (Index p = 0; p < pass.apart; ++p) {
    Pack<Real> c[R], s[R];
    if constexpr (turns) load_factors<R>(pass.factors + 2 * (R - 1) * p, c, s);
    const Index source = p * step, target = p * R * step;
    for (Index k = 0; k < step; k += Pack<Real>::size) {
      C x[R];
#pragma GCC unroll 8
      for (int t = 0; t < R; ++t) x[t] = C::load(pass.from.re, pass.from.im, source + t * far + k);
      butterfly<R>(x);
      if constexpr (turns) {
#pragma GCC unroll 8
        for (int t = 1; t < R; ++t) x[t] = x[t].times(c[t], s[t]);
      }
      if constexpr (adds) {
#pragma GCC unroll 8
        for (int t = 0; t < R; ++t)
          x[t] = C::load(pass.added.re, pass.added.im, target + t * step + k) + x[t];
      }
#pragma GCC unroll 8
      for (int t = 0; t < R; ++t) x[t].store(pass.to.re, pass.to.im, target + t * step + k);
    }
  }
}

template <int R, class Real>
void pass_of(const Pass<Real>& pass, bool forward, bool turns) {
  if (forward) {
    switch (pass.response.times) {
      case Times::nothing:
        return turns ? join_transforms<R, true, Times::nothing>(pass)
                     : join_transforms<R, false, Times::nothing>(pass);
      case Times::response:
        return turns ? join_transforms<R, true, Times::response>(pass)
                     : join_transforms<R, false, Times::response>(pass);
      case Times::conjugate:
        return turns ? join_transforms<R, true, Times::conjugate>(pass)
                     : join_transforms<R, false, Times::conjugate>(pass);
    }
  }
  if (pass.added.re == nullptr) return turns ? part<R, true, false>(pass) : part<R, false, false>(pass);
  return turns ? part<R, true, true>(pass) : part<R, false, true>(pass);
}

template <class Real>
void run(const Pass<Real>& pass, Index radix, bool forward, bool turns) {
  switch (radix) {
    case 1:
      return pass_of<1>(pass, forward, turns);
    case 2:
      return pass_of<2>(pass, forward, turns);
    case 3:
      return pass_of<3>(pass, forward, turns);
    case 4:
      return pass_of<4>(pass, forward, turns);
    case 5:
      return pass_of<5>(pass, forward, turns);
    case 7:
      return pass_of<7>(pass, forward, turns);
    default:
      return pass_of<8>(pass, forward, turns);
  }
}

}  // namespace

Index good_length(Index least) {
  while (rest_of(least) != 1) ++least;
  return least;
}

template <class Real>
Fourier<Real>::Fourier(Index length, Index part, Index parts) : length_(length) {
  if (length < 1 || length > longest || rest_of(length) != 1)
    throw UsageError("Fourier transform: expected a length up to 2^24 of the factors 2, 3, 5 and 7, found " +
                     std::to_string(length));
  if (parts < 1 || parts > longest || part < 0 || part >= parts)
    throw UsageError("Fourier transform: expected a part below the number of parts, up to 2^24, found " +
                     std::to_string(part) + " of " + std::to_string(parts));
  Index points = 1;
  for (const Index radix : radices_of(length)) {
    Step step{radix, points, length / (points * radix), points > 1 || part > 0, {}};
    points *= radix;
    step.factors.reserve(std::size_t(2 * step.apart * (radix - 1)));
    for (Index p = 0; p < step.apart; ++p) {
      for (Index t = 1; t < radix; ++t) {
        const Index turn = t * (p * parts + part) % (points * parts);
        const double angle = 2 * std::numbers::pi * double(turn) / double(points * parts);
        step.factors.push_back(Real(std::cos(angle)));
        step.factors.push_back(Real(-std::sin(angle)));
      }
    }
    steps_.push_back(std::move(step));
  }
}

// The signals go to and fro between two memories, so that the last pass ends where it should.
template <class Real>
void Fourier<Real>::forward(Signals<const Real> from, Signals<Real> to, Real* scratch,
                            const Response<Real>& response) const {
  const Signals<Real> other = signals_in(scratch, length_);
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    const Step& step = steps_[k];
    const Signals<Real> next = (steps_.size() - k) % 2 == 1 ? to : other;
    const Response<Real> times = k + 1 == steps_.size() ? response : Response<Real>();
    run<Real>({step.apart, step.stride, step.factors.data(), from, next, {nullptr, nullptr}, times},
              step.radix, true, step.turns);
    from = next;
  }
}

// With real and imaginary parts exchanged at both ends, the same sums turn the other way.
template <class Real>
void Fourier<Real>::backward(Signals<Real> from, Signals<Real> to, Real* scratch,
                             Signals<const Real> added) const {
  Signals<Real> other = signals_in(scratch, length_);
  for (std::size_t k = steps_.size(); k-- > 0;) {
    const Step& step = steps_[k];
    const Signals<Real> next = k == 0 ? to : other;
    const Signals<const Real> more = k == 0 ? added : Signals<const Real>{nullptr, nullptr};
    run<Real>({step.apart,
               step.stride,
               step.factors.data(),
               {from.im, from.re},
               {next.im, next.re},
               {more.im, more.re},
               {}},
              step.radix, false, step.turns);
    other = from;
    from = next;
  }
}

template class Fourier<float>;
template class Fourier<double>;

}  // namespace pnn::platforms::d2nn
