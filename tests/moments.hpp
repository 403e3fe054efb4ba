// Mean and spread of drawn values.
#pragma once

#include <cmath>
#include <vector>

namespace pnn::test {

struct Moments {
  double mean = 0, sigma = 0;
};
inline Moments moments(const std::vector<double>& values) {
  Moments m;
  for (const double x : values) m.mean += x / double(values.size());
  for (const double x : values) m.sigma += (x - m.mean) * (x - m.mean) / double(values.size());
  m.sigma = std::sqrt(m.sigma);
  return m;
}

}  // namespace pnn::test
