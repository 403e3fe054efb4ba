// Short rows cut into blocks whose sizes the compiler knows, for kernels over rows that are shorter than a
// vector of the processor or not a multiple of it.
#pragma once

#include <cstring>
#include <type_traits>

#include "pnn/core/matrix.hpp"

namespace pnn {

/// Calls body(size, begin) for blocks [begin, begin + size) that make up [0, count), from the left: of 16,
/// then at most one each of 8, 4, 2 and 1. `size` is a std::integral_constant.
template <class Body>
inline void over_blocks(Index count, const Body& body) {
  Index begin = 0;
  for (; begin + 16 <= count; begin += 16) body(std::integral_constant<Index, 16>(), begin);
  const auto rest = [&](auto size) {
    if ((count & size) == 0) return;
    body(size, begin);
    begin += size;
  };
  rest(std::integral_constant<Index, 8>());
  rest(std::integral_constant<Index, 4>());
  rest(std::integral_constant<Index, 2>());
  rest(std::integral_constant<Index, 1>());
}

/// to[k] = from[k] for k < count.
template <class Real>
inline void copy_row(const Real* from, Index count, Real* to) {
  over_blocks(count, [&](auto size, Index begin) {
    Real block[size];
    std::memcpy(block, from + begin, sizeof block);
    std::memcpy(to + begin, block, sizeof block);
  });
}

/// to[k] += from[k] for k < count.
template <class Real>
inline void add_row(const Real* from, Index count, Real* to) {
  over_blocks(count, [&](auto size, Index begin) {
    typedef Real Block __attribute__((vector_size(decltype(size)::value * sizeof(Real))));
    Block sum, part;
    std::memcpy(&sum, to + begin, sizeof sum);
    std::memcpy(&part, from + begin, sizeof part);
    sum += part;
    std::memcpy(to + begin, &sum, sizeof sum);
  });
}

}  // namespace pnn
