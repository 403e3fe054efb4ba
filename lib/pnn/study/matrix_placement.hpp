// Puts the matrices of a digital network onto hardware.
#pragma once

#include <string>
#include <vector>

#include "pnn/network/dataset.hpp"
#include "pnn/network/digital_network.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// The parameters of a digital network, as if a training had made them. Throws what network::segments_of
/// throws.
train::Params params_of(const network::DigitalNetwork& network, network::Task task, const std::string& where);

/// How a matrix came onto its layer.
struct PlacedMatrix {
  std::string layer, text, origin;  ///< name and text of the physical layer; the digital layer that it was
  Index weights = 0;
  double scale = 1;          ///< output of the hardware divided by that of the digital matrix
  Index clipped = 0;         ///< weights that are off by more than a hundredth of the largest: out of reach
  double largest_error = 0;  ///< of a weight, as a fraction of the largest weight of the matrix
};

/// A network with matrices on hardware.
struct PlacedNetwork {
  network::Resolved network;
  train::Params params;
  std::vector<PlacedMatrix> matrices;
  std::vector<std::string>
      notes;  ///< sentences: layers that stay digital and why, what could not be carried over
};

/// Replaces every matrix that a platform can take (Platform::matrix_keys) by a layer on it, on chips of
/// design values. `onto` is the platform's word, and perhaps keys of its layers ("WORD:chip=16x8"). Matrices
/// are scaled into the range of their layer, and the gain behind takes the scale back (train::start_from). A
/// bias has no place on hardware: it goes into the batchnorm behind, and where there is none one is put there
/// that changes nothing, with the statistics of `lessons` (the first 2000 of them), so that a training or
/// trimming may go on from it. Throws UsageError for an unknown platform or key, one that can take no matrix,
/// and where no matrix can be placed; InputError as network::segments_of does.
PlacedNetwork place_matrices(const network::DigitalNetwork& digital, const std::string& onto,
                             const platform::Process& process, const network::SplitView& lessons,
                             network::Task task, const std::string& where);

}  // namespace pnn::study
