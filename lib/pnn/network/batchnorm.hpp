// What does a batchnorm add to a variance?
#pragma once

namespace pnn::network {

/// y = scale (x − mean)/sqrt(variance + batchnorm_epsilon) + shift.
inline constexpr double batchnorm_epsilon = 1e-5;

}  // namespace pnn::network
