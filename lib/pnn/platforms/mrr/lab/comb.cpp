#include "pnn/platforms/mrr/lab/comb.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace pnn::platforms::mrr::lab {
namespace {

/// How many rings make these resonances: the smallest number N for which those N apart have one free spectral
/// range in frequency. Returns 0 where there are too few to tell.
std::size_t rings_of(const std::vector<Resonance>& all, const Process& process) {
  const auto distance = [&](std::size_t k, std::size_t n) {  // per THz or so: 1/λ is proportional to it
    return 1 / all[k].wavelength_nm.value - 1 / all[k + n].wavelength_nm.value;
  };
  for (std::size_t n = 1; n < all.size() && n <= 64; ++n) {
    const std::size_t pairs = all.size() - n;
    if (pairs < 2 && n > 1) break;
    double mean = 0, most = 0;
    for (std::size_t k = 0; k < pairs; ++k) mean += distance(k, n) / double(pairs);
    for (std::size_t k = 0; k < pairs; ++k) most = std::max(most, std::abs(distance(k, n) / mean - 1));
    const double fsr = mean * all[0].wavelength_nm.value * all[0].wavelength_nm.value;
    constexpr double regular = 0.02;
    if (most < regular && (pairs > 1 || std::abs(fsr / process.fsr_nm - 1) < 0.5)) return n;
  }
  return 0;
}

/// FSR from a parabola of the order over frequency, or the only distance.
void find_fsr(Comb& comb) {
  const std::size_t n = comb.resonances.size();
  if (n < 2) return;
  const double center = comb.resonances[comb.middle].wavelength_nm.value;
  // order m = m0 + s1 (x − x0) + s2 (x − x0)², x = 1/λ: then the FSR is λ²/|s1| at x0
  const Index terms = n >= 4 ? 3 : 2;
  Matrix<double> normal = Matrix<double>::Zero(terms, terms);
  Vector<double> right = Vector<double>::Zero(terms);
  std::vector<Vector<double>> rows;
  for (std::size_t k = 0; k < n; ++k) {
    const double x =
        (1 / comb.resonances[k].wavelength_nm.value - 1 / center) * center * center;  // ≈ −Δλ, nm
    Vector<double> row(terms);
    for (Index t = 0; t < terms; ++t) row[t] = std::pow(x, double(t));
    normal += row * row.transpose();
    right += row * -double(k);
    rows.push_back(row);
  }
  const Matrix<double> inverse = normal.inverse();
  const Vector<double> found = inverse * right;
  double square = 0;
  for (std::size_t k = 0; k < n; ++k) {
    double off = double(k);
    for (Index term = 0; term < terms; ++term) off += rows[k][term] * found[term];
    square += off * off;
  }
  const double fsr = 1 / std::abs(found[1]);
  double sigma = comb.resonances[comb.middle].wavelength_nm.sigma * std::sqrt(2.0) / double(n - 1);
  if (Index(n) > terms)
    sigma = std::max(sigma, std::sqrt(square / double(Index(n) - terms) * inverse(1, 1)) * fsr * fsr);
  comb.fsr_nm = Measured{fsr, sigma};
}

}  // namespace

std::vector<Comb> combs_of(const std::vector<Resonance>& all, const Process& process, double middle_nm) {
  std::size_t rings = rings_of(all, process);
  if (rings == 0) rings = all.size();
  std::vector<Comb> combs(rings);
  for (std::size_t k = 0; k < all.size(); ++k) combs[k % rings].resonances.push_back(all[k]);
  for (Comb& comb : combs) {
    for (std::size_t k = 1; k < comb.resonances.size(); ++k)
      if (std::abs(comb.resonances[k].wavelength_nm.value - middle_nm) <
          std::abs(comb.resonances[comb.middle].wavelength_nm.value - middle_nm))
        comb.middle = k;
    find_fsr(comb);
  }
  std::sort(combs.begin(), combs.end(), [](const Comb& l, const Comb& r) {
    return l.resonances[l.middle].wavelength_nm.value < r.resonances[r.middle].wavelength_nm.value;
  });
  return combs;
}

std::vector<Resonance> resonances_of(const model::Spectrum& s, const Process& process, std::size_t& noisy) {
  const double middle = (s.wavelength_nm.front() + s.wavelength_nm.back()) / 2;
  const auto usable = [&](std::vector<Resonance> all) {
    const std::size_t before = all.size();
    std::erase_if(all, [](const Resonance& r) { return r.drop_rms > noise_db; });
    noisy = before - all.size();
    return all;
  };
  const std::vector<Resonance> first = usable(find_resonances(s, 0, middle));
  if (first.empty()) return first;
  double fsr = process.fsr_nm, at = middle;
  for (const Comb& comb : combs_of(first, process, middle))
    if (comb.fsr_nm) fsr = comb.fsr_nm->value, at = comb.resonances[comb.middle].wavelength_nm.value;
  std::vector<Resonance> second = usable(find_resonances(s, fsr, at));
  return 2 * second.size() > first.size() ? second : first;  // of a range that is wrong few are left
}

}  // namespace pnn::platforms::mrr::lab
