#include "pnn/model/import.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"
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
  for (const auto& [size, name] :
       {std::pair{table.device.size(), "device"}, {table.direction.size(), "direction"}}) {
    if (size != 0 && size != rows)
      complaints.add("column " + std::string(name) + " has " + std::to_string(size) + " rows, expected " +
                     std::to_string(rows));
  }
  constexpr std::size_t longest_name = 250;  // bytes; a file keeps all names in the width of the longest
  const auto long_name = std::find_if(table.element.begin(), table.element.end(),
                                      [](const std::string& name) { return name.size() > longest_name; });
  if (long_name != table.element.end())
    complaints.add("row " + std::to_string(long_name - table.element.begin() + 1) +
                   ": an element's name of " + std::to_string(long_name->size()) + " bytes, where " +
                   std::to_string(longest_name) + " are the most");
  complaints.raise();
}

/// Curves are kept as a block with a place for each device, element, temperature and sample, and places that
/// the table does not fill are padded: a table in which they are many times what it fills says something else
/// than curves.
void check_padding(const std::array<std::size_t, 4>& sizes, std::size_t rows, const std::string& where) {
  constexpr double most_padding = 20, always = 100'000;
  const double places = double(sizes[0]) * double(sizes[1]) * double(sizes[2]) * double(sizes[3]);
  if (places <= std::max(always, most_padding * double(rows))) return;
  throw InputError(
      where + ": " + (sizes[0] > 1 ? std::to_string(sizes[0]) + " devices of " : "") +
      std::to_string(sizes[1]) + " elements at " + std::to_string(sizes[2]) + " temperatures with up to " +
      std::to_string(sizes[3]) + " samples would take " + format_short(places, 3) +
      " places, of which the table fills " + std::to_string(rows) +
      "; give the temperature of the set point instead of each reading, and import curves of very "
      "different lengths apart");
}

/// Number of each row's name among the distinct names.
std::vector<std::size_t> numbers_of(const std::vector<std::string>& rows,
                                    const std::vector<std::string>& names) {
  std::map<std::string_view, std::size_t> known;
  for (std::size_t k = 0; k < names.size(); ++k) known[names[k]] = k;
  std::vector<std::size_t> out;
  out.reserve(rows.size());
  for (const std::string& name : rows) out.push_back(known.at(name));
  return out;
}

/// Whether temperatures of one sweep, in the order of its points, drifted and did not only jitter: they
/// spread over more than five tolerances, or neighbours are much nearer to each other than strangers (von
/// Neumann's ratio of squared differences to squared deviations is 2 of mere noise, with a standard deviation
/// of about 2/√n; below 2 − 4 of them it is drift).
bool drifted(const std::vector<double>& temperatures, double tolerance_k) {
  double mean = 0, squares = 0, differences = 0;
  for (const double t : temperatures) mean += t / double(temperatures.size());
  for (std::size_t k = 0; k < temperatures.size(); ++k) {
    squares += std::pow(temperatures[k] - mean, 2);
    if (k > 0) differences += std::pow(temperatures[k] - temperatures[k - 1], 2);
  }
  const auto [least, most] = std::minmax_element(temperatures.begin(), temperatures.end());
  if (*most == *least) return false;
  if (*most - *least > 5 * tolerance_k) return true;
  return squares > 0 && differences < squares * (2 - 8 / std::sqrt(double(temperatures.size())));
}

/// Keeps the temperature of each reading where it drifted within a sweep, or from one element to the next;
/// where it did not, it is the mean of the element's own sweep, as readings of mere noise say it best.
/// `samples` has the rows of each curve in the order of its points.
void keep_drifts(const std::vector<double>& temperatures, double tolerance_k,
                 const std::vector<std::vector<std::size_t>>& samples, std::size_t forth,
                 const auto& goes_back, ChipCurves& chip) {
  const std::size_t points = chip.response.dim(3), sweeps = chip.temperature_c.size();
  bool any = false;
  Array<double> of_reading(chip.response.shape, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t curve = 0; curve < samples.size(); ++curve) {
    std::vector<double> own;
    double mean = 0;
    for (const std::size_t row : samples[curve]) {
      own.push_back(temperatures[row]);
      mean += temperatures[row] / double(samples[curve].size());
    }
    if (own.empty()) continue;
    const bool drifts = drifted(own, tolerance_k);
    any = any || drifts || std::abs(mean - chip.temperature_c[curve % sweeps]) > tolerance_k;
    std::size_t n = 0;
    for (const std::size_t row : samples[curve]) {
      if (goes_back(row) && n < forth) n = forth;
      of_reading.data[curve * points + n++] = drifts ? temperatures[row] : mean;
    }
  }
  if (any) chip.reading_temperature_c = std::move(of_reading);
}

}  // namespace

std::vector<std::string> distinct_names(const std::vector<std::string>& names) {
  std::vector<std::string> all = names;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::sort(all.begin(), all.end(), natural_less);
  return all;
}

std::size_t TemperatureGroups::of(double temperature_c) const {
  const auto found = std::lower_bound(largest_c.begin(), largest_c.end(), temperature_c);
  return std::min(std::size_t(found - largest_c.begin()), largest_c.size() - 1);
}

TemperatureGroups group_temperatures(std::vector<double> readings_c, double tolerance_k) {
  std::sort(readings_c.begin(), readings_c.end());
  TemperatureGroups groups;
  for (std::size_t begin = 0; begin < readings_c.size();) {
    std::size_t end = begin + 1;
    while (end < readings_c.size() && readings_c[end] - readings_c[end - 1] <= tolerance_k * (1 + 1e-9))
      ++end;
    const double first = readings_c[begin], last = readings_c[end - 1];
    double above = 0;  // summed above the first, so that equal readings have exactly their own mean
    for (std::size_t k = begin; k < end; ++k) above += readings_c[k] - first;
    groups.mean_c.push_back(first + above / double(end - begin));
    groups.largest_c.push_back(last);
    groups.widest_k = std::max(groups.widest_k, last - first);
    begin = end;
  }
  return groups;
}

Curves import_curves(const CurveTable& table, const ImportRules& rules, const std::string& where) {
  check_table(table, where);
  const std::size_t rows = table.rows();
  const std::vector<double> temperatures = table.temperature_c.empty()
                                               ? std::vector<double>(rows, rules.reference_temperature_c)
                                               : table.temperature_c;
  const TemperatureGroups groups = group_temperatures(temperatures, rules.temperature_tolerance_k);
  ChipCurves chip;
  chip.key = "import";
  chip.elements = distinct_names(table.element);
  chip.temperature_c = groups.mean_c;
  const std::vector<std::string> devices =
      table.device.empty() ? std::vector<std::string>(1) : distinct_names(table.device);
  const std::vector<std::size_t> element_of = numbers_of(table.element, chip.elements),
                                 device_of = table.device.empty() ? std::vector<std::size_t>(rows, 0)
                                                                  : numbers_of(table.device, devices);

  const std::size_t elements = chip.elements.size(), sweeps = chip.temperature_c.size();
  check_padding({devices.size(), elements, sweeps, fewest_samples}, rows, where);
  const auto goes_back = [&](std::size_t row) {
    return !table.direction.empty() && table.direction[row] < 0;
  };
  std::vector<std::vector<std::size_t>> samples(devices.size() * elements * sweeps);
  for (std::size_t row = 0; row < rows; ++row)
    samples[(device_of[row] * elements + element_of[row]) * sweeps + groups.of(temperatures[row])].push_back(
        row);

  Complaints complaints(where);
  std::size_t forth = 0, back = 0;
  for (std::size_t k = 0; k < samples.size(); ++k) {
    std::vector<std::size_t>& of_curve = samples[k];
    std::sort(of_curve.begin(), of_curve.end(), [&](std::size_t l, std::size_t r) {
      if (goes_back(l) != goes_back(r)) return goes_back(r);
      if (table.control[l] != table.control[r]) return (table.control[l] < table.control[r]) != goes_back(l);
      return table.response[l] < table.response[r];
    });
    const auto returned = std::size_t(std::count_if(of_curve.begin(), of_curve.end(), goes_back));
    back = std::max(back, returned), forth = std::max(forth, of_curve.size() - returned);
    if (of_curve.empty() || of_curve.size() >= fewest_samples) continue;
    complaints.add("element " + chip.elements[k / sweeps % elements] +
                   (devices.size() > 1 ? " of " + devices[k / sweeps / elements] : "") + ": " +
                   std::to_string(of_curve.size()) + " samples at " +
                   format_short(chip.temperature_c[k % sweeps], 6) + " °C, expected " +
                   std::to_string(fewest_samples) + " or more" +
                   (table.temperature_c.empty() || sweeps == 1
                        ? ""
                        : " (readings that differ by no more than --temperature-tolerance are one sweep)"));
  }
  complaints.raise();

  const std::size_t points = forth + back;
  check_padding({devices.size(), elements, sweeps, points}, rows, where);
  if (!table.direction.empty()) {
    chip.direction.assign(forth, 1);
    chip.direction.insert(chip.direction.end(), back, -1);
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  chip.control = chip.response = chip.sigma =
      Array<double>(std::vector<std::size_t>{devices.size(), elements, sweeps, points}, none);
  for (std::size_t k = 0; k < samples.size(); ++k) {
    std::size_t n = 0;
    for (const std::size_t row : samples[k]) {
      if (goes_back(row) && n < forth) n = forth;
      const std::size_t at = k * points + n++;
      chip.control.data[at] = table.control[row];
      chip.response.data[at] = table.response[row];
      chip.sigma.data[at] = table.sigma.empty() ? 0 : table.sigma[row];
    }
  }
  keep_drifts(temperatures, rules.temperature_tolerance_k, samples, forth, goes_back, chip);
  Curves curves;
  curves.averages = 1;
  curves.chips.push_back(std::move(chip));
  return curves;
}

}  // namespace pnn::model
