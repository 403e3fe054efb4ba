#include "pnn/study/variance_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/platform/spread.hpp"

namespace pnn::study {
namespace {

using Small = std::vector<double>;  ///< a small square matrix, row by row

/// The inverse of a symmetric positive matrix [n, n] by Cholesky decomposition, and the logarithm of its
/// determinant; false if it is not positive.
bool invert(std::size_t n, const Small& a, Small& inverse, double& log_determinant) {
  Small l(n * n, 0.0);
  log_determinant = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i * n + k] * l[j * n + k];
      if (i == j) {
        if (!(sum > 0)) return false;
        l[i * n + i] = std::sqrt(sum);
        log_determinant += std::log(sum);
      } else {
        l[i * n + j] = sum / l[j * n + j];
      }
    }
  }
  Small m(n * n, 0.0);  // inverse of l, by rows
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k)
      for (std::size_t j = 0; j <= k; ++j) m[i * n + j] -= l[i * n + k] * m[k * n + j];
    m[i * n + i] = 1;
    for (std::size_t j = 0; j <= i; ++j) m[i * n + j] /= l[i * n + i];
  }
  inverse.assign(n * n, 0.0);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = 0; i <= k; ++i)
      for (std::size_t j = 0; j <= k; ++j) inverse[i * n + j] += m[k * n + i] * m[k * n + j];
  return true;
}

Small product(std::size_t n, const Small& a, const Small& b) {
  Small out(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      const double factor = a[i * n + k];
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += factor * b[k * n + j];
    }
  }
  return out;
}

double trace_of_product(std::size_t n, const Small& a, const Small& b) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) sum += a[i * n + j] * b[j * n + i];
  return sum;
}

std::vector<double> times(std::size_t n, const Small& a, const std::vector<double>& x) {
  std::vector<double> out(n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) out[i] += a[i * n + j] * x[j];
  return out;
}

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Dies with the same elements, which have one matrix of covariances.
struct Group {
  std::vector<ElementPlace> places;
  std::vector<double> errors;                ///< [element]: mean variance of the errors
  std::vector<std::vector<double>> values;   ///< [die][element]
  std::vector<std::vector<double>> effects;  ///< [die]: 1, and x and y on the wafer for a gradient
  Small squares;                             ///< squared distances, [element, element]
};

std::vector<Group> grouped(const std::vector<DieValues>& dies, double scale, bool gradient) {
  std::vector<Group> groups;
  for (const DieValues& die : dies) {
    if (die.values.empty()) continue;
    const std::size_t count = std::min(die.values.size(), most_elements_used);
    std::vector<ElementPlace> places;
    std::vector<double> values, errors;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t element = k * die.values.size() / count;
      places.push_back(die.places[element]);
      values.push_back(die.values[element] / scale);
      errors.push_back(die.variances[element] / (scale * scale));
    }
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.places == places; });
    if (group == groups.end()) {
      groups.push_back({places, std::vector<double>(count, 0.0), {}, {}, {}});
      group = groups.end() - 1;
      for (const ElementPlace& a : places)
        for (const ElementPlace& b : places)
          group->squares.push_back((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
    }
    for (std::size_t k = 0; k < count; ++k) group->errors[k] += errors[k];
    group->values.push_back(std::move(values));
    std::vector<double> effects{1};
    if (gradient) effects.insert(effects.end(), die.wafer_mm->begin(), die.wafer_mm->end());
    group->effects.push_back(std::move(effects));
  }
  for (Group& group : groups)
    for (double& error : group.errors) error /= double(group.values.size());
  return groups;
}

/// The three variances: common to a die, each element's own, and smooth.
using Variances = std::array<double, 3>;

/// Likelihood, its derivatives by the variances (and by the logarithm of the length), and the mean.
struct Likelihood {
  double value = -std::numeric_limits<double>::infinity();
  std::array<double, 4> score{};
  std::array<std::array<double, 4>, 4> information{};
  std::vector<double> effects;  ///< estimates of the fixed effects
  Small effect_covariance;
};

Likelihood likelihood(const std::vector<Group>& groups, const Variances& v, double length,
                      std::size_t derivatives) {
  Likelihood out;
  const std::size_t p = groups.front().effects.front().size();
  struct Work {
    Small inverse;
    std::vector<Small> by;  ///< derivatives of the matrix of covariances
    std::vector<double> ones;
    double log_determinant = 0;
  };
  std::vector<Work> work(groups.size());
  Small normal(p * p, 0.0);
  std::vector<double> right(p, 0.0);
  double value = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    const std::size_t n = group.places.size();
    Work& w = work[g];
    w.by.assign(derivatives, Small(n * n));
    Small covariance(n * n);
    for (std::size_t k = 0; k < n * n; ++k) {
      const bool own = k % (n + 1) == 0;
      const double smooth = std::isfinite(length) ? std::exp(-group.squares[k] / (length * length)) : 0;
      covariance[k] = v[0] + (own ? v[1] + group.errors[k / n] : 0) + v[2] * smooth;
      const double slope = std::isfinite(length) ? 2 * group.squares[k] / (length * length) : 0;
      const std::array<double, 4> by{1, own ? 1.0 : 0.0, smooth, v[2] * smooth * slope};
      for (std::size_t d = 0; d < derivatives; ++d) w.by[d][k] = by[d];
    }
    if (!invert(n, covariance, w.inverse, w.log_determinant)) return out;
    w.ones = times(n, w.inverse, std::vector<double>(n, 1.0));
    const double sum = std::accumulate(w.ones.begin(), w.ones.end(), 0.0);
    for (std::size_t die = 0; die < group.values.size(); ++die) {
      const std::vector<double>& c = group.effects[die];
      const double at = inner(w.ones, group.values[die]);
      for (std::size_t i = 0; i < p; ++i) {
        right[i] += c[i] * at;
        for (std::size_t j = 0; j < p; ++j) normal[i * p + j] += sum * c[i] * c[j];
      }
    }
    value -= 0.5 * double(group.values.size()) * w.log_determinant;
  }
  double log_normal = 0;
  if (!invert(p, normal, out.effect_covariance, log_normal)) return out;
  out.effects = times(p, out.effect_covariance, right);
  value -= 0.5 * log_normal;
  // the part of the mean in each derivative: Bₖ = Σ (1ᵀV⁻¹VₖV⁻¹1) c cᵀ
  std::vector<Small> means(derivatives, Small(p * p, 0.0));
  std::array<std::array<Small, 4>, 4> pairs;
  for (auto& row : pairs) row.fill(Small(p * p, 0.0));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    const std::size_t n = group.places.size();
    const Work& w = work[g];
    const double count = double(group.values.size());
    Small effects(p * p, 0.0);
    for (std::size_t die = 0; die < group.values.size(); ++die) {
      const std::vector<double>& c = group.effects[die];
      for (std::size_t k = 0; k < p * p; ++k) effects[k] += c[k / p] * c[k % p];
      std::vector<double> rest = group.values[die];
      const double mean = inner(c, out.effects);
      for (double& y : rest) y -= mean;
      const std::vector<double> q = times(n, w.inverse, rest);
      value -= 0.5 * inner(rest, q);
      for (std::size_t d = 0; d < derivatives; ++d) out.score[d] += 0.5 * inner(q, times(n, w.by[d], q));
    }
    std::vector<Small> products;
    std::vector<std::vector<double>> seen;  // Vₖ V⁻¹ 1
    for (std::size_t d = 0; d < derivatives; ++d) {
      products.push_back(product(n, w.inverse, w.by[d]));
      seen.push_back(times(n, w.by[d], w.ones));
      for (std::size_t i = 0; i < n; ++i) out.score[d] -= 0.5 * count * products[d][i * n + i];
    }
    for (std::size_t d = 0; d < derivatives; ++d) {
      const double alone = inner(w.ones, seen[d]);
      for (std::size_t k = 0; k < p * p; ++k) means[d][k] += alone * effects[k];
      const std::vector<double> turned = times(n, w.inverse, seen[d]);
      for (std::size_t e = 0; e <= d; ++e) {
        out.information[d][e] += 0.5 * count * trace_of_product(n, products[d], products[e]);
        const double both = inner(turned, seen[e]);
        for (std::size_t k = 0; k < p * p; ++k) pairs[d][e][k] += both * effects[k];
      }
    }
  }
  for (std::size_t d = 0; d < derivatives; ++d) {
    out.score[d] += 0.5 * trace_of_product(p, out.effect_covariance, means[d]);
    const Small left = product(p, out.effect_covariance, means[d]);
    for (std::size_t e = 0; e <= d; ++e) {
      out.information[d][e] -= trace_of_product(p, out.effect_covariance, pairs[d][e]);
      out.information[d][e] += 0.5 * trace_of_product(p, left, product(p, out.effect_covariance, means[e]));
      out.information[e][d] = out.information[d][e];
    }
  }
  out.value = value;
  return out;
}

/// Solves the information of the free parameters for a step, or gives the inverse (`covariance`).
bool inverse_information(const Likelihood& at, const std::vector<std::size_t>& free, Small& inverse) {
  const std::size_t n = free.size();
  // scaled to a diagonal of 1, since variances and lengths are of different sizes
  Small matrix(n * n);
  std::vector<double> root(n);
  for (std::size_t i = 0; i < n; ++i) root[i] = std::sqrt(at.information[free[i]][free[i]]);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      matrix[i * n + j] = at.information[free[i]][free[j]] / (root[i] * root[j]) + (i == j ? 1e-9 : 0);
  double unused = 0;
  if (!invert(n, matrix, inverse, unused)) return false;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) inverse[i * n + j] /= root[i] * root[j];
  return true;
}

/// The most likely variances at a length (infinite: no smooth part), from `v` on. None is below 0.
Likelihood climb(const std::vector<Group>& groups, double length, Variances& v) {
  const std::size_t parts = std::isfinite(length) ? 3 : 2;
  if (parts == 2) v[2] = 0;
  Likelihood now = likelihood(groups, v, length, parts);
  for (int iteration = 0; iteration < 60; ++iteration) {
    stop_if_asked();
    std::vector<std::size_t> free;
    for (std::size_t k = 0; k < parts; ++k)
      if (v[k] > 0 || now.score[k] > 0) free.push_back(k);
    Small inverse;
    if (free.empty() || !inverse_information(now, free, inverse)) break;
    std::array<double, 3> step{};
    for (std::size_t i = 0; i < free.size(); ++i)
      for (std::size_t j = 0; j < free.size(); ++j)
        step[free[i]] += inverse[i * free.size() + j] * now.score[free[j]];
    Likelihood next;
    Variances tried = v;
    double length_of_step = 1;
    for (int halving = 0; halving < 12; ++halving, length_of_step *= 0.5) {
      for (std::size_t k = 0; k < parts; ++k) tried[k] = std::max(0.0, v[k] + length_of_step * step[k]);
      next = likelihood(groups, tried, length, parts);
      if (next.value > now.value) break;
    }
    if (!(next.value > now.value)) break;
    const double gain = next.value - now.value;
    v = tried, now = std::move(next);
    if (gain < 1e-6) break;
  }
  return now;
}

/// Standard error of √x for an estimate x ≥ 0 of a variance, from its own error.
WithError root_of(double variance, double error) {
  const double root = std::sqrt(std::max(0.0, variance));
  return {root, root > 0 ? std::min(error / (2 * root), std::sqrt(error)) : std::sqrt(error)};
}

struct Found {
  Variances v{};
  double length = std::numeric_limits<double>::infinity();
  Likelihood at;
};

Found best_fit(const std::vector<Group>& groups) {
  Found none;
  none.v = {0.3, 0.7, 0};
  none.at = climb(groups, none.length, none.v);
  double extent = 0, nearest = std::numeric_limits<double>::infinity();
  for (const Group& group : groups) {
    for (const double square : group.squares) {
      extent = std::max(extent, square);
      if (square > 0) nearest = std::min(nearest, square);
    }
  }
  if (extent == 0) return none;
  extent = std::sqrt(extent), nearest = std::sqrt(nearest);
  Found best;
  const auto at_length = [&](double log_length, const Variances& from) {
    Found found;
    found.v = from, found.length = std::exp(log_length);
    found.v[2] = std::max(found.v[2], 0.1 * (found.v[0] + found.v[1]));
    found.at = climb(groups, found.length, found.v);
    return found;
  };
  // below half the nearest distance a smooth part is each element's own, and beyond the die it is the die's
  const double first = std::log(0.5 * nearest), last = std::log(2 * extent);
  constexpr int points = 9;
  double low = first, high = last;
  for (int k = 0; k < points; ++k) {
    const double step = (last - first) / (points - 1);
    Found found = at_length(first + k * step, {none.v[0] * 0.7, none.v[1] * 0.5, none.v[1] * 0.5});
    if (found.at.value > best.at.value) {
      low = std::max(first, first + (k - 1) * step), high = std::min(last, first + (k + 1) * step);
      best = std::move(found);
    }
  }
  constexpr double golden = 0.6180339887498949;
  double a = high - golden * (high - low), b = low + golden * (high - low);
  Found fa = at_length(a, best.v), fb = at_length(b, best.v);
  for (int k = 0; k < 12; ++k) {
    if (fa.at.value > fb.at.value) {
      high = b, b = a, fb = std::move(fa);
      a = high - golden * (high - low), fa = at_length(a, fb.v);
    } else {
      low = a, a = b, fa = std::move(fb);
      b = low + golden * (high - low), fb = at_length(b, fa.v);
    }
  }
  for (Found* found : {&fa, &fb})
    if (found->at.value > best.at.value) best = std::move(*found);
  // Akaike's and other criteria differ little for two parameters: the 95 % point of χ² with 2 degrees of
  // freedom
  constexpr double least_rise = 6;
  return 2 * (best.at.value - none.at.value) < least_rise ? none : best;
}

/// Whether the places of dies tell a gradient along x and along y.
bool span_a_plane(const std::vector<DieValues>& dies) {
  std::array<double, 2> mean{};
  double count = 0, xx = 0, yy = 0, xy = 0;
  for (const DieValues& die : dies)
    if (!die.values.empty()) mean[0] += (*die.wafer_mm)[0], mean[1] += (*die.wafer_mm)[1], ++count;
  for (const DieValues& die : dies) {
    if (die.values.empty()) continue;
    const double x = (*die.wafer_mm)[0] - mean[0] / count, y = (*die.wafer_mm)[1] - mean[1] / count;
    xx += x * x, yy += y * y, xy += x * y;
  }
  return xx * yy - xy * xy > 1e-6 * (xx + yy) * (xx + yy);
}

double dies_for(const WithError& estimate, std::size_t dies) {
  if (!(estimate.value > 0) || !std::isfinite(estimate.error)) return 0;
  const double relative = estimate.error / estimate.value;
  return std::ceil(double(dies) * relative * relative / (0.1 * 0.1));
}

}  // namespace

double VarianceFit::sigma() const {
  return std::hypot(die.value, within.value);
}
double VarianceFit::die_part() const {
  return sigma() > 0 ? die.value * die.value / (sigma() * sigma()) : 0;
}
double VarianceFit::smooth_part() const {
  return sigma() > 0 ? smooth_share.value * within.value * within.value / (sigma() * sigma()) : 0;
}

VarianceFit fit_variances(const std::vector<DieValues>& dies) {
  VarianceFit out;
  double sum = 0, squares = 0, errors = 0, count = 0;
  bool several = false, placed = true;
  for (const DieValues& die : dies) {
    if (die.values.empty()) continue;
    ++out.dies;
    several = several || die.values.size() > 1;
    placed = placed && die.wafer_mm.has_value();
    for (std::size_t k = 0; k < die.values.size(); ++k) {
      ++count;
      sum += die.values[k];
      errors += die.variances[k];
    }
    out.elements += std::min(die.values.size(), most_elements_used);
  }
  if (out.dies < 2 || !several)
    throw InputError("a process needs two measured dies or more, with two elements or more");
  for (const DieValues& die : dies)
    for (const double value : die.values) squares += (value - sum / count) * (value - sum / count);
  out.measurement = std::sqrt(errors / count);
  const double scale = std::sqrt(squares / count);
  out.mean.value = sum / count;
  if (!(scale > 0)) return out;  // all are equal

  const std::vector<Group> groups = grouped(dies, scale, false);
  const Found best = best_fit(groups);
  const bool smooth = std::isfinite(best.length) && best.v[2] > 0;
  const std::size_t parts = smooth ? 4 : 2;
  const Likelihood at = likelihood(groups, best.v, best.length, parts);
  std::vector<std::size_t> all(parts);
  std::iota(all.begin(), all.end(), std::size_t(0));
  Small covariance;
  if (!inverse_information(at, all, covariance))
    covariance.assign(parts * parts, std::numeric_limits<double>::infinity());
  const auto of = [&](std::size_t i, std::size_t j) {
    return i < parts && j < parts ? covariance[i * parts + j] : 0.0;
  };
  out.mean = {at.effects[0] * scale, std::sqrt(at.effect_covariance[0]) * scale};
  out.die = root_of(best.v[0] * scale * scale, std::sqrt(of(0, 0)) * scale * scale);
  const double within = best.v[1] + best.v[2];
  out.within = root_of(within * scale * scale,
                       std::sqrt(of(1, 1) + (smooth ? of(2, 2) + 2 * of(1, 2) : 0)) * scale * scale);
  if (smooth) {
    const double share = best.v[2] / within, d1 = -share / within, d2 = (1 - share) / within;
    out.smooth_share = {
        share, std::sqrt(std::max(0.0, d1 * d1 * of(1, 1) + d2 * d2 * of(2, 2) + 2 * d1 * d2 * of(1, 2)))};
    out.length = WithError{best.length, best.length * std::sqrt(of(3, 3))};
    out.dies_for_length = dies_for(*out.length, out.dies);
  }
  out.dies_for_die = dies_for(out.die, out.dies);
  out.dies_for_within = dies_for(out.within, out.dies);
  if (placed && out.dies >= fewest_placed_dies && span_a_plane(dies)) {
    const std::vector<Group> over_wafer = grouped(dies, scale, true);
    Variances v = best.v;
    const Likelihood tilted = climb(over_wafer, best.length, v);
    if (tilted.effects.size() == 3) {
      const auto slope = [&](std::size_t k) {
        return WithError{tilted.effects[k] * scale, std::sqrt(tilted.effect_covariance[k * 4]) * scale};
      };
      out.gradient = {slope(1), slope(2)};
      out.die_beside_gradient =
          root_of(v[0] * scale * scale,
                  tilted.information[0][0] > 0 ? scale * scale / std::sqrt(tilted.information[0][0]) : 0);
    }
  }
  return out;
}

}  // namespace pnn::study
