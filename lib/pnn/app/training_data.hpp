// Are these the samples that this network can be trained on?
#pragma once

#include <string>

#include "pnn/network/dataset.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::app {

/// Throws InputError where inputs, classes or pictures of the data set do not have the sizes that the network
/// takes and gives for a task (classify, reconstruct, generate), or have signs that its first layer cannot
/// show. Names are those of the files.
void check_training_data(const network::Resolved& net, const network::Dataset& data, const std::string& task,
                         const std::string& data_name, const std::string& model_name);

}  // namespace pnn::app
