#include "pnn/platforms/mrr/lab/crosstalk_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/model/least_squares.hpp"
#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mrr::lab {

CrosstalkFit fit_crosstalk(const std::vector<PairSweep>& pairs, double fsr_nm, double a, double sign,
                           double sigma, double start_crosstalk) {
  Index total = 0;
  for (const PairSweep& pair : pairs) total += Index(pair.points.size());
  require(total >= 4, "crosstalk fit: fewer than four points");

  // parameters: ln χ, ln ℓ; calls take(row, predicted − measured, ∂ ln χ, ∂ ln ℓ), means of each pair removed
  const auto visit = [&](const Vector<double>& p, const auto& take) {
    const double chi = std::exp(p[0]), length = std::exp(p[1]);
    Index row = 0;
    std::vector<std::array<double, 3>> values;
    for (const PairSweep& pair : pairs) {
      const double coupling = chi * std::exp(-(pair.distance - 1) / length);
      values.clear();
      std::array<double, 3> mean{};
      for (const PairSweep::Point& point : pair.points) {
        const RingSlopes ring =
            ring_slopes(point.detuning_nm - coupling * point.heat_nm, fsr_nm, pair.victim_r, a);
        const double weight =
            sign * (point.row.constant + point.row.drop * ring.drop - point.row.thru * ring.thru);
        const double by_detuning =
            sign * (point.row.drop * ring.drop_by_detuning - point.row.thru * ring.thru_by_detuning);
        double change = 0, by_log_chi = -by_detuning * point.heat_nm * coupling;
        double by_log_length = by_log_chi * (pair.distance - 1) / length;
        for (const PairSweep::Neighbour& other : point.neighbours) {
          const double part =
              -other.weight_by_detuning * point.heat_nm * chi * std::exp(-(other.distance - 1) / length);
          change += part;
          by_log_chi += part;
          by_log_length += part * (other.distance - 1) / length;
        }
        values.push_back({weight + change - point.response, by_log_chi, by_log_length});
        for (std::size_t k = 0; k < 3; ++k) mean[k] += values.back()[k] / double(pair.points.size());
      }
      for (const auto& v : values) take(row++, v[0] - mean[0], v[1] - mean[1], v[2] - mean[2]);
    }
  };
  const LeastSquaresProblem problem{
      2, total,
      [&](const Vector<double>& p, Vector<double>& f) {
        visit(p, [&](Index row, double residual, double, double) { f[row] = residual; });
      },
      [&](const Vector<double>& p, Matrix<double>& j) {
        visit(p, [&](Index row, double, double by_chi, double by_length) {
          j(row, 0) = by_chi, j(row, 1) = by_length;
        });
      }};

  LeastSquaresFit best;
  bool found = false;
  for (const double factor : {1.0, 4.0, 0.25}) {
    for (const double length : {1.0, 2.5}) {
      const Vector<double> start{{std::log(std::max(start_crosstalk, 1e-4) * factor), std::log(length)}};
      LeastSquaresFit fit = least_squares(problem, start);
      if (!fit.parameters.allFinite() || !std::isfinite(fit.sum_of_squares)) continue;
      const bool better = !found || (fit.converged && !best.converged) ||
                          (fit.converged == best.converged && fit.sum_of_squares < best.sum_of_squares);
      if (better) best = std::move(fit), found = true;
    }
  }
  CrosstalkFit out;
  if (!found) return out;
  out.crosstalk = std::exp(best.parameters[0]);
  out.length = std::exp(best.parameters[1]);
  out.converged = best.converged;
  out.identified = best.identified;
  out.rms = std::sqrt(best.sum_of_squares / double(total));
  const double freedom = std::max<double>(1, double(total) - double(pairs.size()) - 2);
  const double variance = std::max(best.sum_of_squares / freedom, sigma * sigma);
  out.crosstalk_sigma = out.crosstalk * std::sqrt(best.unit_covariance(0, 0) * variance);
  out.length_sigma = out.length * std::sqrt(best.unit_covariance(1, 1) * variance);
  return out;
}

}  // namespace pnn::platforms::mrr::lab
