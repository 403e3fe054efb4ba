#include "pnn/model/spectra.hpp"

#include <algorithm>

namespace pnn::model {

std::vector<double> running_median(const std::vector<double>& values) {
  const std::size_t n = values.size(), half = std::max<std::size_t>(2, n / 20),
                    stride = std::max<std::size_t>(1, half / 50);
  std::vector<double> nodes, places, window;
  for (std::size_t at = 0; at < n + stride; at += stride) {
    const std::size_t middle = std::min(at, n - 1), begin = middle > half ? middle - half : 0,
                      end = std::min(n, middle + half + 1);
    window.assign(values.begin() + std::ptrdiff_t(begin), values.begin() + std::ptrdiff_t(end));
    std::nth_element(window.begin(), window.begin() + std::ptrdiff_t(window.size() / 2), window.end());
    nodes.push_back(window[window.size() / 2]);
    places.push_back(double(middle));
    if (middle == n - 1) break;
  }
  std::vector<double> out(n);
  std::size_t node = 0;
  for (std::size_t k = 0; k < n; ++k) {
    while (node + 2 < nodes.size() && places[node + 1] < double(k)) ++node;
    const double span = nodes.size() > 1 ? places[node + 1] - places[node] : 0;
    const double share = span > 0 ? (double(k) - places[node]) / span : 0;
    out[k] = nodes[node] + (nodes.size() > 1 ? share * (nodes[node + 1] - nodes[node]) : 0);
  }
  return out;
}

}  // namespace pnn::model
