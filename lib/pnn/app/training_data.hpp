// Checks that a network can be trained on a data set.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/network.hpp"

namespace pnn::app {

/// Throws InputError if inputs, classes or pictures of the data set do not have the sizes that the network
/// needs for the task, or have signs that its first layer cannot take.
/// Names are those of the files.
void check_training_data(const network::Resolved& net, const network::Dataset& data, network::Task task,
                         const std::string& data_name, const std::string& model_name);

/// Throws UsageError if one of these options was asked for, which act on nothing because of `why`.
void refuse_asked(const std::vector<std::string>& options, const std::string& why,
                  const cli::Context& context);
/// Options of trainings that no layer of a network follows, and why.
struct WithoutEffect {
  std::vector<std::string> options;
  std::string why;
};
std::vector<WithoutEffect> options_without_effect(const network::Resolved& net);
/// Throws UsageError if one of them was asked for.
void check_training_options(const network::Resolved& net, const cli::Context& context);

}  // namespace pnn::app
