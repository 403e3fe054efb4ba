// Inputs of a generator (latent vectors), and the energy distance that compares its pictures with those of a
// data set.
#pragma once

#include "pnn/core/random.hpp"
#include "pnn/network/dataset.hpp"

namespace pnn::network {

/// Fills `latents` with latent vectors, one in each row, uniform in (0, 1): they are powers of light, which
/// cannot be negative.
void fill_latents(const Stream& stream, MatrixView<float> latents);

/// The split on which a generator is evaluated: row n of x is latent vector n of `size` numbers, the same in
/// every evaluation for any seed, and the inputs of `data` are the pictures that outputs are compared with.
/// Pictures are shuffled, always in the same way, since batches of a data set in its original order are not
/// samples of the whole. Throws InputError for a single sample, which has no distribution.
Split latent_split(const Split& data, Index size);

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
