#include "pnn/platforms/mrr/lab/ring_constants.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pnn::platforms::mrr::lab {

double round_trip(double fwhm_nm, double fsr_nm) {
  const double w = std::sin(std::numbers::pi * std::min(fwhm_nm / fsr_nm, 1.0) / 2);
  const double root = std::sqrt(w * w + 1) - w;  // √g
  return root * root;
}

std::optional<RingConstants> ring_of(double g, double through, double drop, bool over) {
  const double t = std::sqrt(std::max(through, 0.0)) * (1 - g);  // |g/r1 − r1|
  RingConstants ring;
  ring.r1 = (std::sqrt(t * t + 4 * g) + (over ? -t : t)) / 2;
  if (!(ring.r1 > 0 && ring.r1 < 1)) return std::nullopt;
  const double m = drop * (1 - g) * (1 - g) * ring.r1 / (g * (1 - ring.r1 * ring.r1));  // (1 − r2²)/r2
  ring.r2 = (std::sqrt(m * m + 4) - m) / 2;
  ring.a = g / (ring.r1 * ring.r2);
  if (!(ring.r2 > 0 && ring.r2 < 1 && ring.a > 0 && ring.a <= 1)) return std::nullopt;
  return ring;
}

RingConstants all_pass_ring(double g, double through, bool over) {
  const double t = std::sqrt(std::max(through, 0.0)) * (1 - g);  // |g/r1 − r1|
  const double r = std::min((std::sqrt(t * t + 4 * g) + (over ? -t : t)) / 2, 1.0);
  return {r, 1, std::min(1.0, g / r)};
}

RingConstants symmetric_ring(double g, double through) {
  const double t = std::sqrt(std::max(through, 0.0)) * (1 - g);
  const double r = std::min((std::sqrt(t * t + 4 * g) + t) / 2, 1.0);
  return {r, r, std::min(1.0, g / (r * r))};
}

}  // namespace pnn::platforms::mrr::lab
