#include "pnn/model/import.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::model {
namespace {

constexpr std::size_t fewest_samples = 8;

void check_table(const CurveTable& table, const std::string& where) {
  Complaints complaints(where);
  const std::size_t rows = table.element.size();
  const auto column = [&](const std::vector<double>& values, const char* name, bool may_be_absent,
                          double least) {
    if (may_be_absent && values.empty()) return;
    if (values.size() != rows) {
      complaints.add("column " + std::string(name) + " has " + std::to_string(values.size()) +
                     " rows, expected " + std::to_string(rows));
      return;
    }
    for (std::size_t k = 0; k < rows; ++k) {
      if (std::isfinite(values[k]) && values[k] >= least) continue;
      complaints.add("row " + std::to_string(k + 1) + ": " + name + " is " + format_number(values[k]) +
                     ", expected a " + (least == 0 ? "finite number of at least 0" : "finite number"));
      return;
    }
  };
  if (rows == 0) complaints.add("no rows");
  const double any = -std::numeric_limits<double>::max();
  column(table.control, "control", false, any);
  column(table.response, "response", false, any);
  column(table.sigma, "sigma", true, 0);
  column(table.temperature_c, "temperature", true, any);
  constexpr std::size_t longest_name = 250;  // bytes; a file keeps all names in the width of the longest
  const auto long_name = std::find_if(table.element.begin(), table.element.end(),
                                      [](const std::string& name) { return name.size() > longest_name; });
  if (long_name != table.element.end())
    complaints.add("row " + std::to_string(long_name - table.element.begin() + 1) +
                   ": an element's name of " + std::to_string(long_name->size()) + " bytes, where " +
                   std::to_string(longest_name) + " are the most");
  complaints.raise();
}

/// Curves are kept as a block with a place for each element, temperature and sample, and places that the
/// table does not fill are padded: a table in which they are many times what it fills says something else
/// than curves.
void check_padding(const std::array<std::size_t, 3>& sizes, std::size_t rows, const std::string& where) {
  constexpr double most_padding = 20, always = 100'000;
  const double places = double(sizes[0]) * double(sizes[1]) * double(sizes[2]);
  if (places <= std::max(always, most_padding * double(rows))) return;
  throw InputError(
      where + ": " + std::to_string(sizes[0]) + " elements at " + std::to_string(sizes[1]) +
      " temperatures with up to " + std::to_string(sizes[2]) + " samples would take " +
      format_short(places, 3) + " places, of which the table fills " + std::to_string(rows) +
      "; give the temperature of the set point instead of each reading, and import curves of very "
      "different lengths apart");
}

}  // namespace

Curves import_curves(const CurveTable& table, double reference_temperature_c, const std::string& where) {
  check_table(table, where);
  const std::size_t rows = table.element.size();
  const auto temperature = [&](std::size_t row) {
    return table.temperature_c.empty() ? reference_temperature_c : table.temperature_c[row];
  };

  ChipCurves chip;
  chip.key = "import";
  std::map<std::string, std::size_t> numbers;
  for (std::size_t row = 0; row < rows; ++row) {
    if (numbers.emplace(table.element[row], chip.elements.size()).second)
      chip.elements.push_back(table.element[row]);
    chip.temperature_c.push_back(temperature(row));
  }
  std::sort(chip.temperature_c.begin(), chip.temperature_c.end());
  chip.temperature_c.erase(std::unique(chip.temperature_c.begin(), chip.temperature_c.end()),
                           chip.temperature_c.end());

  const std::size_t elements = chip.elements.size(), sweeps = chip.temperature_c.size();
  check_padding({elements, sweeps, fewest_samples}, rows, where);
  std::vector<std::vector<std::size_t>> samples(elements * sweeps);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto sweep =
        std::lower_bound(chip.temperature_c.begin(), chip.temperature_c.end(), temperature(row));
    samples[numbers[table.element[row]] * sweeps + std::size_t(sweep - chip.temperature_c.begin())].push_back(
        row);
  }
  Complaints complaints(where);
  std::size_t points = 0;
  for (std::size_t k = 0; k < samples.size(); ++k) {
    points = std::max(points, samples[k].size());
    if (samples[k].empty() || samples[k].size() >= fewest_samples) continue;
    complaints.add("element " + chip.elements[k / sweeps] + ": " + std::to_string(samples[k].size()) +
                   " samples at " + format_number(chip.temperature_c[k % sweeps]) + " °C, expected " +
                   std::to_string(fewest_samples) + " or more");
  }
  complaints.raise();

  check_padding({elements, sweeps, points}, rows, where);
  const std::vector<std::size_t> shape = {1, elements, sweeps, points};
  const double none = std::numeric_limits<double>::quiet_NaN();
  chip.control = chip.response = chip.sigma = Array<double>(shape, none);
  for (std::size_t k = 0; k < samples.size(); ++k) {
    for (std::size_t n = 0; n < samples[k].size(); ++n) {
      const std::size_t row = samples[k][n], at = k * points + n;
      chip.control.data[at] = table.control[row];
      chip.response.data[at] = table.response[row];
      chip.sigma.data[at] = table.sigma.empty() ? 0 : table.sigma[row];
    }
  }
  Curves curves;
  curves.averages = 1;
  curves.chips.push_back(std::move(chip));
  return curves;
}

}  // namespace pnn::model
