// Converts a table of tuning curves, measured on a bench, to Curves.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/model/curves.hpp"

namespace pnn::model {

/// Columns of equal length; each row is one sample. `sigma` (standard error of the response, 0 where
/// unknown), `temperature_c`, `device` and `direction` may be empty: the error is then unknown, the
/// temperature is the reference, there is one device, and the direction is unknown.
struct CurveTable {
  std::vector<std::string> element;  ///< name of the element; its rows need not be contiguous
  std::vector<double> control, response, sigma, temperature_c;
  std::vector<std::string> device;  ///< name of the chip on which the element is
  std::vector<int> direction;       ///< +1 on the way to higher controls, −1 on the way back
  [[nodiscard]] std::size_t rows() const { return element.size(); }
};

/// What a table of curves does not say.
struct ImportRules {
  double reference_temperature_c = 22;  ///< of curves without a temperature
  /// K: readings of a temperature that no gap larger than this separates belong to one sweep.
  double temperature_tolerance_k = 0.05;
};

/// Names of all different texts in their natural order (core/natural_order).
std::vector<std::string> distinct_names(const std::vector<std::string>& names);

/// Groups readings of temperatures: ascending, cut at every gap larger than the tolerance. Of each group the
/// mean.
struct TemperatureGroups {
  std::vector<double> mean_c;     ///< ascending
  std::vector<double> largest_c;  ///< the largest reading of each group
  double widest_k = 0;            ///< largest difference within a group
  [[nodiscard]] std::size_t of(double temperature_c) const;
};
TemperatureGroups group_temperatures(std::vector<double> readings_c, double tolerance_k);

/// One chip named "import". The order of the rows does not matter: devices and elements have the natural
/// order of their names, sweeps that of their temperatures, and samples that of their controls, those on the
/// way back descending after all others. Shorter curves, and elements that were not measured on a device or
/// at a temperature, are filled up with NaN. Where the temperature drifted within a sweep (and did not only
/// jitter about its mean), that of each reading is kept. Responses stay as measured. Throws InputError, with
/// all complaints and naming `where`: no rows, columns of unequal length, a number that is not finite, a
/// negative sigma, an element with fewer than 8 samples at one temperature or with a name of more than 250
/// bytes, and curves that would be more than 20 times as large as the table (and have more than 100 000
/// samples).
Curves import_curves(const CurveTable& table, const ImportRules& rules, const std::string& where);

}  // namespace pnn::model
