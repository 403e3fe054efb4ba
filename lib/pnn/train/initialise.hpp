// Where a training starts: random weights on the flanks of the resonances, or another training's parameters.
#pragma once

#include "pnn/train/objective.hpp"
#include "pnn/train/params.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// Controls, digital parameters and running statistics, flat.
struct Start {
  std::vector<float> controls, digital, state;
};

/// Rings: normal weights of standard deviation init_std cut at ±0.8, inverted on the chosen flank. Meshes:
/// Haar-distributed unitaries. Masks: normal phases of standard deviation init_std, in rad.
Start random_start(const network::Resolved& network, Objective<float>& objective,
                   const platform::Process& process, const TrainSettings& settings, std::uint64_t seed);

/// From earlier parameters. The same network: taken as they are. A network of the same shape with dense or
/// conv layers where this one has mrr or mrr-conv (trained digitally): its matrices, scaled into ±0.9 and
/// inverted through the model; the scale moves into the gain or the running statistics that follow. Where
/// this one has an mzi layer: the matrix of a dense layer, or of a mesh of any layout, by a decomposition in
/// which the model's static phases enter (clements.hpp): exact for `svd`, the nearest unitary matrix
/// otherwise; a matrix of as many rows as `keep` leaves settles those. Masks take the phases of as many masks
/// of as many pixels. Throws InputError when neither fits.
/// `remarks` gets a sentence for what could not be carried over.
Start start_from(const Params& params, const network::Resolved& network, Objective<float>& objective,
                 const platform::Process& process, const TrainSettings& settings,
                 std::vector<std::string>& remarks);

/// Controls of a params file as one flat vector, checked against the network (InputError).
std::vector<float> flat_controls(const Params& params, const network::Resolved& network);
/// Its digital parameters and running statistics likewise.
void flat_digital(const Params& params, const network::Resolved& network, std::vector<float>& trained,
                  std::vector<float>& state);

}  // namespace pnn::train
