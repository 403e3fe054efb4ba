#include "pnn/platform/warp.hpp"

namespace pnn::platform {

std::vector<double> gaussian_taps(double w) {
  const auto reach = Index(std::ceil(4 * w));
  std::vector<double> taps;
  double sum = 0;
  for (Index t = -reach; t <= reach; ++t) {
    taps.push_back(w > 0 ? std::exp(-double(t * t) / (2 * w * w)) : 1);
    sum += taps.back();
  }
  for (double& tap : taps) tap /= sum;
  return taps;
}

}  // namespace pnn::platform
