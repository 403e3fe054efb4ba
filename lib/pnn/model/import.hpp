// Converts a table of tuning curves, measured on a bench, to Curves.
#pragma once

#include <span>
#include <string>

#include "pnn/model/curves.hpp"

namespace pnn::model {

/// Columns of equal length; each row is one sample. `sigma` (standard error of the response) and
/// `temperature_c` may be empty: the error is then unknown, and the temperature is the reference.
struct CurveTable {
  std::vector<std::string> element;  ///< name of the element; its rows need not be contiguous
  std::vector<double> control, response, sigma, temperature_c;
};

/// One chip named "import", with elements in the order of their first rows and samples in the order of rows;
/// shorter curves are filled up with NaN. Responses stay as measured. Throws InputError, with all complaints
/// and naming `where`: no rows, columns of unequal length, a number that is not finite, a negative sigma, an
/// element with fewer than 8 samples at one temperature or with a name of more than 250 bytes, and curves
/// that would be more than 20 times as large as the table (and have more than 100 000 samples).
Curves import_curves(const CurveTable& table, double reference_temperature_c, const std::string& where);

}  // namespace pnn::model
