// The starting point of a training: random controls, or the parameters of another training.
#pragma once

#include "pnn/train/objective.hpp"
#include "pnn/train/params.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// Controls, digital parameters and running batch-norm statistics, each as one flat vector.
struct Start {
  std::vector<float> controls, digital, state;
};

/// A random start. Rings: normal weights of standard deviation init_std, clipped at ±0.8, from which the
/// currents are computed on the chosen flank of the resonance. Meshes: Haar-distributed unitary matrices.
/// Phase masks: normal phases of standard deviation init_std, in rad.
Start random_start(const network::Resolved& network, Objective<float>& objective,
                   const platform::Process& process, const TrainSettings& settings, std::uint64_t seed);

/// A start from earlier parameters. Those of the same network are taken unchanged; from a network of the same
/// shape each kind of layer takes what fits it.
///
/// mrr, mrr-conv and freespace layers take the matrices of dense and conv layers (trained digitally), scaled
/// to a largest magnitude of 0.85. The model computes the controls that give them, and the gain or the
/// running statistics that follow absorb the scale.
///
/// mzi layers take the matrix of a dense layer, or of a mesh of any layout, by a decomposition that accounts
/// for the model's static phases (clements.hpp): exactly for `svd`, otherwise the nearest unitary matrix. A
/// matrix with the number of rows that `keep` leaves determines those rows.
///
/// Phase masks take the phases of the same number of masks and pixels.
///
/// Appends a sentence to `remarks` for everything that could not be carried over. Throws InputError if the
/// networks do not match.
Start start_from(const Params& params, const network::Resolved& network, Objective<float>& objective,
                 const platform::Process& process, const TrainSettings& settings,
                 std::vector<std::string>& remarks);

/// The controls of `params` as one flat vector. Throws InputError if they do not fit the network.
std::vector<float> flat_controls(const Params& params, const network::Resolved& network);
/// The digital parameters and running statistics of `params` as flat vectors `trained` and `state`, checked
/// likewise.
void flat_digital(const Params& params, const network::Resolved& network, std::vector<float>& trained,
                  std::vector<float>& state);

}  // namespace pnn::train
