// What a file of any filetype holds, for people and programs, and whether it is whole.
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
  bool hidden = false;             ///< under /truth, and not asked for: no values
  std::vector<std::string> texts;  ///< of text datasets, at most 64
  std::size_t count = 0;           ///< of numbers that are no NaN
  std::size_t missing = 0;         ///< NaN
  double min = 0, max = 0, mean = 0;
};

/// A key statistic: "heater power" "1234 mW".
struct Fact {
  std::string name, value;
};

struct Summary {
  std::string filetype, description, hash;
  Provenance header;
  int major = 1, minor = 0;
  std::uint64_t bytes = 0;
  std::vector<Entry> entries;
  std::vector<Fact> facts;
};

/// Who may see the hidden values of virtual devices.
enum class Truth { hidden, shown };

/// Describes a file. Throws InputError where it is no readable file of this toolchain.
Summary inspect(const std::string& path, Truth truth);
/// Everything that is wrong with a file: what its reader complains of, and datasets without a place in the
/// schema, without unit, description or axis names. Empty: it is whole. Throws InputError where it cannot be
/// opened at all.
std::vector<std::string> validate(const std::string& path);
/// One dataset as CSV: a matrix as it stands, otherwise a line a value with its indices. Throws UsageError
/// for a dataset that the file does not have (naming the nearest) or that is hidden.
std::string dataset_csv(const std::string& path, const std::string& dataset, Truth truth);
/// A summary as one JSON object.
std::string summary_json(const Summary& summary);

}  // namespace pnn::io
