// Which layers of a network have the arrays of a state dictionary (PyTorch)?
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pnn/network/digital_network.hpp"

namespace pnn::network {

/// The digital network `spec` with the numbers of a state dictionary, whose arrays are called MODULE.weight,
/// MODULE.bias, and of batch normalisation also MODULE.running_mean and MODULE.running_var: weights [out, in]
/// of Linear, [out, in, K, K] of Conv2d. A layer takes the first module of its kind, in the order of the
/// arrays, that no layer has and whose sizes fit it; the origins say which. Layers without a bias there get
/// zeros; what PyTorch adds to variances is not in such a file and taken for its default, which is that of
/// these tools (1e-5). Throws InputError, naming `where`: modules that no layer takes, layers without a
/// module, arrays that are none of these; UsageError as resolve() does, and for physical layers in `spec`.
DigitalNetwork from_state_dictionary(const NetworkSpec& spec, const std::vector<NamedValues>& arrays,
                                     const std::string& where);

}  // namespace pnn::network
