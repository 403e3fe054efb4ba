// Inputs of a generator (latent vectors), and the energy distance that compares its pictures with those of a
// data set.
#pragma once

#include "pnn/core/random.hpp"
#include "pnn/network/dataset.hpp"

namespace pnn::network {

/// Fills `latents` with latent vectors, one in each row, uniform in (0, 1): they are powers of light, which
/// cannot be negative.
void fill_latents(const Stream& stream, MatrixView<float> latents);

/// What a generator is evaluated on: row n of x is latent vector n, the same in every evaluation for any
/// seed, and the inputs of a data set are the pictures that outputs are compared with. Pictures are shuffled,
/// always in the same way, since batches of a data set in its original order are not samples of the whole.
struct LatentSplit {
  Matrix<float> x;                   ///< [n, size]
  ConstMatrixView<float> pictures;   ///< [n, outputs], of the data set, which must outlive this
  std::vector<std::uint32_t> order;  ///< [n] the row of `pictures` with which each output is compared

  operator SplitView() const {  // NOLINT(google-explicit-constructor): shows the same samples
    return {view(x), pictures, order};
  }
};

/// For latent vectors of `size` numbers. Throws InputError for a single sample, which has no distribution.
LatentSplit latent_split(const SplitView& data, Index size);

/// The energy distance 2 E|X−Y| − E|X−X'| − E|Y−Y'| with the Euclidean distance between rows X of `made` [n,
/// d] and Y of `given` [m, d] (Székely & Rizzo, J. Stat. Plan. Inference 143, 1249, 2013). Between
/// distributions it is 0 if they are equal and otherwise positive, and it has no parameter. Means are over
/// pairs of different rows, so that the estimate is unbiased for any n, m ≥ 2 (and may be negative by
/// chance). Writes ∂(distance)/∂made [n, d] to `gradient`, unless that has no rows. Distances are computed
/// from products of whole matrices: rows that are closer than 1e-2 (float) of their norms count as equal,
/// with distance and derivative 0. The result has the same bits for any number of threads.
template <class Real>
double energy_distance(ConstMatrixView<Real> made, ConstMatrixView<Real> given, MatrixView<Real> gradient);

}  // namespace pnn::network
