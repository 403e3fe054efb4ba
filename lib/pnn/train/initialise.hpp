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

/// Whether a layer has elements with two flanks, on which a start can be (TrainSettings --init-flank).
bool has_flanks(const std::vector<platform::AnyPlan>& plans);

/// A random start: the controls of each layer as its platform samples them (platform::LayerPlan::start), and
/// initial digital parameters.
Start random_start(const network::Resolved& network, Objective<float>& objective,
                   const platform::Process& process, const TrainSettings& settings, std::uint64_t seed);

/// A start from earlier parameters. Those of the same network are taken unchanged. Another network must have
/// layers with matrices of the same sizes in the same order: digital matrices are copied, and each physical
/// layer takes controls that give the matrix of its counterpart as closely as its platform can
/// (platform::LayerPlan::start_from). The matrix is scaled into the range of the layer, and the gain or the
/// running statistics that follow absorb the scale.
///
/// Appends a sentence to `remarks` for everything that could not be carried over. Throws InputError if the
/// networks do not match.
Start start_from(const Params& params, const network::Resolved& network, Objective<float>& objective,
                 const platform::Process& process, const TrainSettings& settings,
                 std::vector<std::string>& remarks);

/// Writes all of it, and the matrices [matrix_rows, matrix_cols] that a model makes of the controls of each
/// physical layer, to `params`: what flat_controls and flat_digital read.
void write_flat(const Start& start, std::span<const Matrix<float>> weights, const network::Resolved& network,
                Params& params);
/// The controls of `params` as one flat vector. Throws InputError if they do not fit the network.
std::vector<float> flat_controls(const Params& params, const network::Resolved& network);
/// The digital parameters and running statistics of `params` as flat vectors `trained` and `state`, checked
/// likewise.
void flat_digital(const Params& params, const network::Resolved& network, std::vector<float>& trained,
                  std::vector<float>& state);

}  // namespace pnn::train
