// Describes a file of any type, for people and programs, and checks whether it is complete and valid.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/provenance.hpp"

namespace pnn::io {

/// One dataset.
struct Entry {
  std::string path, type, units, description;
  std::vector<std::size_t> shape;
  std::vector<std::string> axes;
  bool hidden = false;             ///< whether it lies under /truth and its values are withheld
  std::vector<std::string> texts;  ///< the values of a text dataset, at most 64
  std::size_t count = 0;           ///< number of values that are not NaN
  std::size_t missing = 0;         ///< number of values that are NaN
  double min = 0, max = 0, mean = 0;
};

/// A key number with its name: "heater power", "1234 mW".
struct Fact {
  std::string name, value;
};

/// Everything that is known of a file.
struct Summary {
  std::string filetype, description, hash;
  Provenance header;
  int major = 1, minor = 0;
  std::uint64_t bytes = 0;
  std::vector<Entry> entries;
  std::vector<Fact> facts;
};

/// Whether the ground truth of virtual devices is shown.
enum class Truth { hidden, shown };

/// Describes a file. Throws InputError if it is no readable file of this project.
Summary inspect(const std::string& path, Truth truth);
/// Everything that is wrong with a file: the complaints of its reader, and datasets that are not in the
/// schema or have no unit, description or axis names. Empty if the file is valid. Throws InputError if it
/// cannot be opened at all.
std::vector<std::string> validate(const std::string& path);
/// One dataset as CSV, one line for each value with its indices. Throws UsageError for a dataset that the
/// file does not have (naming the nearest) or whose values are withheld.
std::string dataset_csv(const std::string& path, const std::string& dataset, Truth truth);
/// A summary as one JSON object.
std::string summary_json(const Summary& summary);

}  // namespace pnn::io
