#include "pnn/platforms/mrr/lab/extrema.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/model/least_squares.hpp"

namespace pnn::platforms::mrr::lab {

using model::BusPort;
using model::PortTrace;
using model::Spectrum;

namespace {

/// Width at half height, between the points to either side that are half as high: of a drop in dB 3 dB below
/// its top.
double width_at(const Spectrum& s, BusPort port, const std::vector<double>& heights, std::size_t at) {
  const double half = s.decibel && port == BusPort::drop ? heights[at] - 3 : heights[at] / 2;
  std::size_t left = at, right = at;
  while (left > 0 && heights[left] > half) --left;
  while (right + 1 < heights.size() && heights[right] > half) ++right;
  return s.wavelength_nm[right] - s.wavelength_nm[left];
}

/// The port in which resonances are looked for: that of the drop stands against the least background.
const PortTrace& clearest(const Spectrum& s) {
  for (const BusPort port : {BusPort::drop, BusPort::drop_through, BusPort::through_drop, BusPort::through})
    if (const PortTrace* trace = s.find(port)) return *trace;
  return s.ports.front();
}

/// Extrema that are at least so high, in the order of wavelengths; none within a width (the smaller of its
/// own and that of most) of a higher one, or without a valley between.
std::vector<Candidate> extrema(const Spectrum& s, BusPort port, const std::vector<double>& smooth,
                               double least) {
  std::vector<Candidate> found;
  for (std::size_t k = 1; k + 1 < smooth.size(); ++k) {
    if (smooth[k] < least || smooth[k] < smooth[k - 1] || smooth[k] < smooth[k + 1]) continue;
    found.push_back({k, smooth[k], width_at(s, port, smooth, k)});
  }
  std::sort(found.begin(), found.end(),
            [](const Candidate& l, const Candidate& r) { return l.height > r.height; });
  std::vector<double> widths;
  for (const Candidate& one : found) widths.push_back(one.fwhm_nm);
  if (!widths.empty())
    std::nth_element(widths.begin(), widths.begin() + std::ptrdiff_t(widths.size() / 2), widths.end());
  // nearer ones are one resonance with noise on it, or that is split; two that overlap look as wide as both
  constexpr double apart = 1, valley = 0.85;
  std::vector<Candidate> kept;
  for (const Candidate& one : found) {
    const auto close = [&](const Candidate& other) {
      const double distance = std::abs(s.wavelength_nm[one.at] - s.wavelength_nm[other.at]);
      if (distance < apart * std::min(other.fwhm_nm, widths[widths.size() / 2])) return true;
      if (distance > apart * other.fwhm_nm) return false;
      const auto [from, to] = std::minmax(one.at, other.at);
      return *std::min_element(smooth.begin() + std::ptrdiff_t(from), smooth.begin() + std::ptrdiff_t(to)) >
             valley * one.height;
    };
    if (std::none_of(kept.begin(), kept.end(), close)) kept.push_back(one);
  }
  std::sort(kept.begin(), kept.end(), [](const Candidate& l, const Candidate& r) { return l.at < r.at; });
  return kept;
}

/// Whether extrema are narrow for their distances, as the resonances of a comb and unlike a ripple.
bool is_comb(const Spectrum& s, const std::vector<Candidate>& all, const std::vector<double>& heights) {
  if (all.size() < 2) return false;
  // white noise by second differences: extrema of it are not six times as high
  std::vector<double> bends;
  double highest = 0;
  for (std::size_t k = 1; k + 1 < heights.size(); ++k)
    bends.push_back(std::abs(heights[k - 1] - 2 * heights[k] + heights[k + 1]));
  std::nth_element(bends.begin(), bends.begin() + std::ptrdiff_t(bends.size() / 2), bends.end());
  for (const Candidate& one : all) highest = std::max(highest, one.height);
  constexpr double of_normal = 0.6745 * 2.449;  // median of |a - 2b + c|, in standard deviations
  if (highest < 6 * bends[bends.size() / 2] / of_normal) return false;
  std::vector<double> shares;
  for (std::size_t k = 1; k < all.size(); ++k)
    shares.push_back(all[k].fwhm_nm / (s.wavelength_nm[all[k].at] - s.wavelength_nm[all[k - 1].at]));
  std::nth_element(shares.begin(), shares.begin() + std::ptrdiff_t(shares.size() / 2), shares.end());
  constexpr double of_ripple = 0.35;  // half a period is 0.5
  return shares[shares.size() / 2] < of_ripple;
}

}  // namespace

double direction_of(BusPort port) {
  return port == BusPort::drop || port == BusPort::drop_through ? 1 : -1;
}

std::vector<Candidate> candidates(const Spectrum& s) {
  const PortTrace& trace = clearest(s);
  const std::vector<double> base = model::running_median(trace.power);
  const std::size_t n = base.size();
  std::vector<double> heights(n);
  for (std::size_t k = 0; k < n; ++k) {
    heights[k] = direction_of(trace.port) * (trace.power[k] - base[k]);
    // dips of narrow resonances differ by how near to one a wavelength is, in dB more than in light
    if (s.decibel && trace.port == BusPort::through) heights[k] = 1 - std::pow(10, -heights[k] / 10);
  }
  std::vector<double> smooth = heights;
  for (std::size_t k = 2; k + 2 < n; ++k)
    smooth[k] = (heights[k - 2] + heights[k - 1] + heights[k] + heights[k + 1] + heights[k + 2]) / 5;
  // at the ends a resonance is cut
  for (const std::size_t end : {std::size_t{0}, std::size_t{1}, n - 2, n - 1}) smooth[end] = 0;
  const double highest = *std::max_element(smooth.begin(), smooth.end());
  if (!(highest > 0)) return {};
  std::vector<double> sizes;
  for (const double height : smooth) sizes.push_back(std::abs(height));
  std::nth_element(sizes.begin(), sizes.begin() + std::ptrdiff_t(n / 2), sizes.end());
  const double noise = 6 * sizes[n / 2];
  std::vector<Candidate> found = extrema(s, trace.port, smooth, highest / 2);
  // where the resonances of many rings stand close, most points are on one of them, and are no noise
  return noise <= highest / 2 || is_comb(s, found, heights) ? found : extrema(s, trace.port, smooth, noise);
}

}  // namespace pnn::platforms::mrr::lab
