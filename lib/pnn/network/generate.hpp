// What a generator is shown, and how its pictures are compared with those of a data set: latent vectors, and
// the energy distance between two samples.
#pragma once

#include "pnn/core/random.hpp"
#include "pnn/network/dataset.hpp"

namespace pnn::network {

/// Latent vectors, a row each, uniform in (0, 1): powers of light, which no platform has below zero.
void fill_latents(const Stream& stream, MatrixView<float> latents);

/// A split as a generator is evaluated on it: row n of x is latent vector n of `size` numbers, the same in
/// every evaluation whatever its seed, and the inputs of `data` become the pictures that outputs are compared
/// with. They are shuffled, always alike: a data set in the order of its writers has batches that are no
/// sample of the whole. Throws InputError for a single sample, which has no distribution.
Split latent_split(const Split& data, Index size);

/// 2 E|X−Y| − E|X−X'| − E|Y−Y'|, with the Euclidean distance between rows X of `made` [n, d] and Y of `given`
/// [m, d] (Székely & Rizzo, J. Stat. Plan. Inference 143, 1249, 2013): of two distributions it is 0 where
/// they are equal and positive elsewhere, and it has no parameter. Means are over pairs of different rows, so
/// that the estimate is unbiased at any n, m ≥ 2 (and may fall below 0 by chance). Fills `gradient` [n, d] by
/// `made`, unless it has no rows. Distances come from products of whole matrices: rows nearer than 1e-2
/// (float) of their norms count as equal, with distance and derivative 0. The same bits for any number of
/// threads.
template <class Real>
double energy_distance(ConstMatrixView<Real> made, ConstMatrixView<Real> given, MatrixView<Real> gradient);

}  // namespace pnn::network
