#include "pnn/model/samples.hpp"

#include <cmath>

namespace pnn::model {
namespace {
constexpr std::size_t fewest_of_sweep = 8;  ///< of a sweep that says anything of an element
}

ElementSamples element_samples(const ChipCurves& curves, std::size_t device, std::size_t element) {
  const std::size_t elements = curves.response.dim(1), sweeps = curves.response.dim(2),
                    points = curves.response.dim(3);
  ElementSamples out;
  double squares = 0, known = 0;
  for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
    const std::size_t begin = ((device * elements + element) * sweeps + sweep) * points;
    std::vector<std::size_t> finite;
    for (std::size_t k = begin; k < begin + points; ++k) {
      if (std::isfinite(curves.control.data[k]) && std::isfinite(curves.response.data[k]))
        finite.push_back(k);
    }
    if (finite.size() < fewest_of_sweep) continue;
    for (const std::size_t k : finite) {
      out.samples.control.push_back(curves.control.data[k]);
      out.samples.response.push_back(curves.response.data[k]);
      out.samples.sweep.push_back(Index(out.sweep_of.size()));
      if (!curves.reading_temperature_c.data.empty()) {
        const double drift = curves.reading_temperature_c.data[k] - curves.temperature_c[sweep];
        out.samples.drift_k.push_back(std::isfinite(drift) ? drift : 0);
      }
      const double sigma = curves.sigma.data.empty() ? 0 : curves.sigma.data[k];
      if (std::isfinite(sigma) && sigma > 0) squares += sigma * sigma, known += 1;
    }
    out.sweep_of.push_back(sweep);
  }
  out.samples.sigma = known > 0 ? std::sqrt(squares / known) : 0;
  return out;
}

}  // namespace pnn::model
