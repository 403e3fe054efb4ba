// Tuning curves from a lab bench: columns of a table made into Curves.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "pnn/model/curves.hpp"
#include "pnn/platform/mrr_process.hpp"

namespace pnn::model {

/// Columns of equal length, a row a sample. `sigma` (standard error, of the response) and `temperature_c`
/// may be empty: unknown, and the reference temperature.
struct CurveTable {
  std::vector<std::string> element;  ///< name of the ring; rows of one ring need not be together
  std::vector<double> control_ma, response, sigma, temperature_c;
};

/// One chip named "import" with the elements in order of appearance, samples in order of rows, shorter
/// curves padded with NaN. Responses stay as measured. Throws InputError (with every complaint, naming
/// `where`) on no rows, columns of unequal length, a number that is not finite, a negative sigma, an
/// element with fewer than 8 samples at one temperature or a name of more than 250 bytes, and curves that
/// padding would make more than 20 times as large as the table (and more than 100 000 samples).
Curves import_curves(const CurveTable& table, double reference_temperature_c, const std::string& where);

/// The detector convention that the curves show: a ring whose cold resonance lies off its channel passes
/// the light by, so a curve that starts near its lower end is drop − thru and one that starts near its upper
/// end is thru − drop. Empty when the elements disagree.
std::optional<platform::Polarity> detect_polarity(const Curves& curves);

}  // namespace pnn::model
