#include "pnn/network/generate.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/product.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::network {
namespace {

constexpr Index pair_chunk = 32;  ///< rows whose distances to all others are made at once

/// Sum of the distances between the rows of `a` and those of `b`; adds factor · its derivative by `a` to
/// `gradient`, unless that has no rows.
template <class Real>
double add_distances(ConstMatrixView<Real> a, ConstMatrixView<Real> b, double factor,
                     MatrixView<Real> gradient) {
  // |a|² + |b|² − 2 a·b says nothing of distances below its rounding error
  const Real smallest = 256 * std::numeric_limits<Real>::epsilon();
  const Vector<Real> square_a = row_sums(a.cwiseAbs2()), square_b = row_sums(b.cwiseAbs2());
  Matrix<Real> inverse(a.rows(), b.rows());  // first the products, then 1/distance
  multiply(a, b.transpose(), inverse);
  double sum = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < b.rows(); ++j) {
      const Real squares = square_a[i] + square_b[j], square = squares - 2 * inverse(i, j);
      const bool apart = square > smallest * squares;
      const Real distance = apart ? std::sqrt(square) : Real(0);
      sum += double(distance);
      inverse(i, j) = apart ? 1 / distance : Real(0);
    }
  }
  if (gradient.rows() == 0) return sum;
  const Vector<Real> total = Real(factor) * row_sums(inverse);
  inverse *= Real(-factor);
  multiply(inverse, b, gradient, Into::add);
  gradient.noalias() += total.asDiagonal() * a;
  return sum;
}

}  // namespace

void fill_latents(const Stream& stream, MatrixView<float> latents) {
  const std::span<float> values(latents.data(), std::size_t(latents.size()));
  fill_symmetric(stream, values);
  for (float& value : values) value = (value + 1) / 2;
}

LatentSplit latent_split(const SplitView& data, Index size) {
  if (data.size() == 1)
    throw InputError("a generator is compared with the distribution of two samples or more, found one");
  LatentSplit split{Matrix<float>(data.size(), size), data.x,
                    std::vector<std::uint32_t>(std::size_t(data.size()))};
  permutation({0, Purpose::data_order, 1}, split.order);
  fill_latents({0, Purpose::latent, 1}, view(split.x));
  return split;
}

template <class Real>
double energy_distance(ConstMatrixView<Real> made, ConstMatrixView<Real> given, MatrixView<Real> gradient) {
  const Index n = made.rows(), m = given.rows();
  require(n >= 2 && m >= 2 && made.cols() == given.cols(), "two samples of two rows or more are compared");
  require(gradient.rows() == 0 || (gradient.rows() == n && gradient.cols() == made.cols()),
          "a gradient has the shape of what was made");
  const double across = 2 / (double(n) * double(m)), among_made = 1 / (double(n) * double(n - 1)),
               among_given = 1 / (double(m) * double(m - 1));
  const std::size_t chunks = chunks_of(pair_chunk, n), given_chunks = chunks_of(pair_chunk, m);
  std::vector<double> parts(chunks + given_chunks, 0);
  parallel_for(parts.size(), [&](std::size_t k) {
    if (k >= chunks) {
      const auto rows = rows_of(given, chunk_of(k - chunks, pair_chunk, m));
      parts[k] =
          -among_given * add_distances<Real>(rows, given, 0, MatrixView<Real>(nullptr, 0, given.cols()));
      return;
    }
    const Chunk chunk = chunk_of(k, pair_chunk, n);
    const auto rows = rows_of(made, chunk);
    const bool wanted = gradient.rows() > 0;
    MatrixView<Real> own(wanted ? gradient.data() + chunk.begin * made.cols() : nullptr,
                         wanted ? chunk.count : 0, made.cols());
    own.setZero();
    parts[k] = across * add_distances<Real>(rows, given, across, own);
    parts[k] -= among_made * add_distances<Real>(rows, made, -2 * among_made, own);
  });
  double sum = 0;
  for (double part : parts) sum += part;
  return sum;
}

template double energy_distance(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template double energy_distance(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);

}  // namespace pnn::network
