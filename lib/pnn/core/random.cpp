#include "pnn/core/random.hpp"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "pnn/core/polynomials.hpp"

namespace pnn {

namespace {

/// Blocks of four words computed side by side, and with it the order in which fill_* hand them out: fixed,
/// whatever the processor's vectors hold.
constexpr int lanes = 16;
constexpr int group = 4 * lanes;

std::array<std::uint32_t, 4> counter_of(const Stream& s, std::uint32_t index) {
  return {index, s.step, s.device, (std::uint32_t(s.stream) << 16) | std::uint32_t(s.purpose)};
}

/// Numbers below 2^32 in wider lanes, whose upper halves may hold anything.
typedef std::uint64_t WideLanes __attribute__((vector_size(vector_bytes)));
constexpr int wide_lanes = vector_bytes / 8;
typedef std::uint32_t Words __attribute__((vector_size(vector_bytes / 2)));

/// The products of the lower halves: one instruction, where compilers take a product of whole lanes.
inline WideLanes product_of_halves(WideLanes a, WideLanes b) {
#if defined(__AVX512DQ__)
  return WideLanes(_mm512_maskz_mul_epu32(0xff, __m512i(a), __m512i(b)));  // GCC warns of the other
#elif defined(__AVX2__)
  return WideLanes(_mm256_mul_epu32(__m256i(a), __m256i(b)));
#else
  return (a & 0xffffffffU) * (b & 0xffffffffU);
#endif
}

/// words[16 k + lane] = word k of the block at `index` + lane. The loop over lanes is outermost so that the
/// compiler keeps a whole vector of generators in registers.
void philox_lanes(const Stream& s, std::uint32_t index, std::uint32_t* words) {
  const auto counter = counter_of(s, index);
  const auto all = [](std::uint32_t word) { return WideLanes{} + word; };
  WideLanes number;
  for (int lane = 0; lane < wide_lanes; ++lane) number[lane] = std::uint64_t(lane);
  for (int first = 0; first < lanes; first += wide_lanes) {
    WideLanes x0 = all(counter[0] + std::uint32_t(first)) + number, x1 = all(counter[1]),
              x2 = all(counter[2]), x3 = all(counter[3]);
    auto k0 = std::uint32_t(s.seed), k1 = std::uint32_t(s.seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const WideLanes p0 = product_of_halves(x0, all(PHILOX_M4x32_0));
      const WideLanes p1 = product_of_halves(x2, all(PHILOX_M4x32_1));
      x0 = (p1 >> 32) ^ x1 ^ all(k0);
      x2 = (p0 >> 32) ^ x3 ^ all(k1);
      x1 = p1;
      x3 = p0;
      k0 += PHILOX_W32_0;
      k1 += PHILOX_W32_1;
    }
    const WideLanes results[] = {x0, x1, x2, x3};
    for (int word = 0; word < 4; ++word) {
      const Words lower = __builtin_convertvector(results[word], Words);
      std::memcpy(words + word * lanes + first, &lower, sizeof lower);
    }
  }
}

/// 64 normals: words k and k + 1 of a lane make two by Box and Muller. The angle is 2π times a fraction of a
/// turn held as an integer, so reducing it to ±1/8 turn is exact.
void normal_group(const Stream& s, std::uint32_t first_block, float* out) {
  std::uint32_t words[group];
  philox_lanes(s, first_block, words);
  for (std::ptrdiff_t half = 0; half < 2; ++half) {
    const std::uint32_t* w = words + half * 2 * lanes;
    float* first = out + half * 2 * lanes;
#pragma omp simd
    for (int lane = 0; lane < lanes; ++lane) {
      const float u = fma(float(std::int32_t(w[lane] >> 1)), 0x1p-31F, 0x1p-32F);
      const float radius = std::sqrt(-2 * log_positive(u));
      const std::uint32_t turn = w[lanes + lane];
      const std::uint32_t quarter = (turn + 0x20000000U) >> 30;
      const auto rest = std::int32_t(turn - (quarter << 30));
      const float x = float(rest) * 0x1p-31F;  // half turns, within ±1/4
      const float sine = sin_pi(x), cosine = cos_pi(x);
      const bool swap = (quarter & 1U) != 0;
      const float c = swap ? sine : cosine, d = swap ? cosine : sine;
      // quarters 0 … 3: (cos, sin), (−sin, cos), (−cos, −sin), (sin, −cos)
      first[lane] = radius * ((quarter == 1 || quarter == 2) ? -c : c);
      first[lanes + lane] = radius * (quarter >= 2 ? -d : d);
    }
  }
}

/// 64 multiples of 2^-24 between −1 and 1, ends excluded.
void symmetric_group(const Stream& s, std::uint32_t first_block, float* out) {
  std::uint32_t words[group];
  philox_lanes(s, first_block, words);
  for (int k = 0; k < group; ++k) out[k] = (float(std::int32_t(words[k]) >> 8) + 0.5F) * 0x1p-23F;
}

template <class Real, class Group>
void fill(const Stream& s, std::span<Real> values, Group make) {
  float buffer[group];
  for (std::size_t start = 0; start < values.size(); start += group) {
    if constexpr (std::is_same_v<Real, float>) {
      if (values.size() - start >= group) {
        make(s, std::uint32_t(start / 4), values.data() + start);
        continue;
      }
    }
    make(s, std::uint32_t(start / 4), buffer);
    const std::size_t n = std::min<std::size_t>(group, values.size() - start);
    for (std::size_t k = 0; k < n; ++k) values[start + k] = Real(buffer[k]);
  }
}

/// 52 random bits in the middle of their cells: exact, and neither 0 nor 1.
double unit_interval(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = ((std::uint64_t(high) << 32) | low) >> 12;
  return (double(bits) + 0.5) * 0x1p-52;
}

}  // namespace

namespace detail {
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key) {
  const r123::Philox4x32::ctr_type c = {{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x32::key_type k = {{std::uint32_t(key), std::uint32_t(key >> 32)}};
  const auto words = r123::Philox4x32()(c, k);
  return {words[0], words[1], words[2], words[3]};
}
}  // namespace detail

double uniform(const Stream& stream, std::uint32_t index) {
  const auto w = detail::philox(counter_of(stream, index), stream.seed);
  return unit_interval(w[0], w[1]);
}

double normal(const Stream& stream, std::uint32_t index) {
  const auto w = detail::philox(counter_of(stream, index), stream.seed);
  const double radius = std::sqrt(-2 * log_positive(unit_interval(w[0], w[1])));
  // cos 2πt over a whole turn is −sin π(2|t| − 1/2) with t in (−1/2, 1/2): no branch
  const double t = unit_interval(w[2], w[3]) - 0.5;
  return -radius * sin_pi(2 * std::abs(t) - 0.5);
}

std::uint32_t below(const Stream& stream, std::uint32_t index, std::uint32_t bound) {
  const auto w = detail::philox(counter_of(stream, index), stream.seed);
  return std::uint32_t((std::uint64_t(w[0]) * bound) >> 32);
}

void fill_normal(const Stream& stream, std::span<float> values) {
  fill(stream, values, normal_group);
}
void fill_normal(const Stream& stream, std::span<double> values) {
  fill(stream, values, normal_group);
}
void fill_symmetric(const Stream& stream, std::span<float> values) {
  fill(stream, values, symmetric_group);
}
void fill_symmetric(const Stream& stream, std::span<double> values) {
  fill(stream, values, symmetric_group);
}

void permutation(const Stream& stream, std::span<std::uint32_t> order) {
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = std::uint32_t(k);
  for (std::size_t k = order.size(); k-- > 1;) {
    std::swap(order[k], order[below(stream, std::uint32_t(k), std::uint32_t(k + 1))]);
  }
}

}  // namespace pnn
