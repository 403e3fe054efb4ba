// Elementary functions of arrays (exp, tanh, log …) with the same bits wherever an array lies. Eigen computes
// whole vectors by its own polynomials and what is left before and after them by the C library, whose last
// bits differ; where a vector begins depends on the address. Here every number goes through the vectors.
// Tests: tests/core/reproducible.cpp.
#pragma once

#include <algorithm>
#include <type_traits>

#include "pnn/core/matrix.hpp"

namespace pnn {

/// Numbers that `elementwise` hands over at once: a whole number of vectors of any processor.
inline constexpr Index tile_size = 64;
template <class Real>
using Tile = Eigen::Array<Real, int(tile_size), 1>;

/// out[k] = function(in[k], …) for k in [0, count). `function` takes one array of tile_size numbers for every
/// input and returns an Eigen expression of that length; it is also called on zeros, whose results are
/// dropped. `out` may be one of the inputs.
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
