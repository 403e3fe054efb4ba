#include "pnn/platforms/mrr/lab/heater_fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mrr::lab {

std::optional<HeaterFit> fit_heater(const model::HeaterCurve& curve, double at_c) {
  double most = 0, least_t = 1e9, most_t = -1e9;
  for (const double current : curve.current_ma) most = std::max(most, std::abs(current));
  constexpr double negligible = 1e-4;
  std::vector<std::size_t> driven;
  for (std::size_t k = 0; k < curve.current_ma.size(); ++k)
    if (std::abs(curve.current_ma[k]) > negligible * most) driven.push_back(k);
  if (driven.empty()) return std::nullopt;
  bool temperatures = true;
  std::vector<double> squares;
  for (const std::size_t k : driven) {
    const double t = curve.temperature_c[k];
    temperatures = temperatures && std::isfinite(t);
    least_t = std::min(least_t, t), most_t = std::max(most_t, t);
    squares.push_back(std::pow(curve.current_ma[k] / most, 2));
  }
  std::sort(squares.begin(), squares.end());
  std::size_t currents = 1;
  for (std::size_t k = 1; k < squares.size(); ++k) currents += squares[k] - squares[k - 1] > 1e-3 ? 1 : 0;
  temperatures = temperatures && most_t - least_t >= 0.5;
  constexpr std::size_t fewest_with_offset = 6, fewest_with_growth = 3;
  HeaterFit out;
  if (currents < fewest_with_growth) {
    // the least heated reading is nearest to the cold resistance
    const std::size_t coldest = *std::min_element(driven.begin(), driven.end(), [&](auto l, auto r) {
      return std::abs(curve.current_ma[l]) < std::abs(curve.current_ma[r]);
    });
    out.ohm = {1e3 * curve.voltage_v[coldest] / curve.current_ma[coldest], 0};
    return out;
  }
  const bool offset = currents >= fewest_with_offset;
  if (offset) {  // readings without a current tell it best
    driven.clear();
    for (std::size_t k = 0; k < curve.current_ma.size(); ++k) driven.push_back(k);
  }
  const Index terms = 2 + (temperatures ? 1 : 0) + (offset ? 1 : 0);
  Matrix<double> normal = Matrix<double>::Zero(terms, terms);
  Vector<double> right = Vector<double>::Zero(terms);
  double squared = 0, highest = 0;
  const auto row_of = [&](std::size_t k) {
    const double x = curve.current_ma[k] / most;
    Vector<double> row(terms);
    row[0] = x, row[1] = x * x * x;
    if (temperatures)
      row[2] = x * (std::isfinite(curve.temperature_c[k]) ? curve.temperature_c[k] - at_c : 0);
    if (offset) row[terms - 1] = 1;
    return row;
  };
  for (const std::size_t k : driven) {
    const Vector<double> row = row_of(k);
    normal += row * row.transpose();
    right += curve.voltage_v[k] * row;
  }
  const Matrix<double> inverse = normal.ldlt().solve(Matrix<double>::Identity(terms, terms));
  const Vector<double> found = inverse * right;
  for (const std::size_t k : driven) {
    const Vector<double> row = row_of(k);
    double off = curve.voltage_v[k];
    for (Index i = 0; i < terms; ++i) off -= row[i] * found[i];
    squared += off * off, highest = std::max(highest, std::abs(curve.voltage_v[k]));
  }
  const double freedom = double(driven.size()) - double(terms);
  const double variance = freedom > 0 ? squared / freedom : 0;
  const double ohm = 1e3 / most;  // of one unit of x per volt
  const double ratio = found[1] / found[0];
  const auto error = [&](Index i) { return std::sqrt(variance * inverse(i, i)); };
  out.ohm = {ohm * found[0], ohm * error(0)};
  // of the quotient, to first order
  out.beta_per_ma2 = Measured{ratio / (most * most),
                              std::sqrt(std::max(0.0, variance * (inverse(1, 1) - 2 * ratio * inverse(0, 1) +
                                                                  ratio * ratio * inverse(0, 0)))) /
                                  std::abs(found[0]) / (most * most)};
  if (temperatures) out.ohm_per_k = Measured{ohm * found[2], ohm * error(2)};
  out.miss = highest > 0 ? std::sqrt(squared / double(driven.size())) / highest : 0;
  return out;
}

double current_at_ma(double voltage_v, double resistance_ohm, double beta_per_ma2) {
  const double bare = 1e3 * std::abs(voltage_v) / resistance_ohm;  // I (1 + β I²)
  if (beta_per_ma2 < 0) {
    const double last = 1 / std::sqrt(-3 * beta_per_ma2);  // where the voltage rises no more
    if (bare >= last * 2 / 3) return last;
  }
  // the voltage is above the solution on one side of it and bends one way: Newton's steps do not cross it
  double current = beta_per_ma2 < 0 ? 0 : bare;
  for (int step = 0; step < 100; ++step) {
    const double square = beta_per_ma2 * current * current;
    const double next = current - (current * (1 + square) - bare) / (1 + 3 * square);
    if (std::abs(next - current) <= 1e-14 * bare) break;
    current = next;
  }
  return current;
}

double current_at_power_ma(double power_mw, double resistance_ohm, double beta_per_ma2) {
  double bare = 1e3 * std::max(0.0, power_mw) / resistance_ohm;  // I² (1 + β I²)
  if (beta_per_ma2 < 0) bare = std::min(bare, -1 / (4 * beta_per_ma2));
  const double root = std::sqrt(std::max(0.0, 1 + 4 * beta_per_ma2 * bare));
  return std::sqrt(2 * bare / (1 + root));
}

}  // namespace pnn::platforms::mrr::lab
