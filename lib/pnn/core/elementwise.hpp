// Elementary functions of arrays (exp, tanh, log …) whose results have the same bits at every memory address.
// Eigen computes full processor vectors with its own polynomials and the numbers before and after them with
// the C library, whose last bits differ, and the address decides which numbers those are. Here every number
// goes through a full vector. Tests: tests/core/reproducible.cpp.
#pragma once

#include <algorithm>
#include <type_traits>

#include "pnn/core/matrix.hpp"

namespace pnn {

/// How many numbers `elementwise` passes to its function at once: a multiple of every processor's vector
/// length.
inline constexpr Index tile_size = 64;
template <class Real>
using Tile = Eigen::Array<Real, int(tile_size), 1>;

/// out[k] = function(in[k], …) for k in [0, count). `function` takes one array of tile_size numbers for each
/// input and returns an Eigen expression of that length. The last call may be padded with zeros, whose
/// results are discarded. `out` may be one of the inputs.
template <class Real, class Function, class... Inputs>
void elementwise(Index count, Real* out, const Function& function, const Inputs*... in) {
  const Index whole = count - count % tile_size, rest = count - whole;
  for (Index k = 0; k < whole; k += tile_size)
    Eigen::Map<Tile<Real>>(out + k) = function(Eigen::Map<const Tile<Inputs>>(in + k)...);
  if (rest == 0) return;
  const auto padded = [&](const auto* from) {
    Tile<std::remove_cvref_t<decltype(*from)>> tile;
    tile.setZero();
    std::copy_n(from + whole, rest, tile.data());
    return tile;
  };
  const auto last = [&](const auto&... tiles) {
    const Tile<Real> result = function(tiles...);
    std::copy_n(result.data(), rest, out + whole);
  };
  last(padded(in)...);
}

}  // namespace pnn
