#include "pnn/study/heater.hpp"

#include <cmath>

namespace pnn::study {

std::optional<double> heater_current_ma(Dimension dimension, double value, double resistance_ohm) {
  constexpr double ma_per_a = 1e3;
  if (dimension == Dimension::current) return ma_per_a * value;
  if (dimension == Dimension::voltage) return ma_per_a * value / resistance_ohm;
  if (dimension == Dimension::power && value >= 0) return ma_per_a * std::sqrt(value / resistance_ohm);
  return std::nullopt;
}

std::optional<double> heater_quantity(Dimension dimension, double current_ma, double resistance_ohm) {
  const double current_a = 1e-3 * current_ma;
  if (dimension == Dimension::current) return current_a;
  if (dimension == Dimension::voltage) return current_a * resistance_ohm;
  if (dimension == Dimension::power) return current_a * current_a * resistance_ohm;
  return std::nullopt;
}

}  // namespace pnn::study
