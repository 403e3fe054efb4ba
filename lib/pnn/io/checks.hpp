// Checks of shapes and values against the schema, the same before writing and after reading.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pnn/io/schema.hpp"

namespace pnn::io {

/// Names of the axes of an item in a dataset of this rank, without slashes; `given` replaces them where the
/// item leaves some open. Empty optional: the rank does not fit.
std::optional<std::vector<std::string>> axis_names(const Item& item, std::size_t rank,
                                                   const std::vector<std::string>& given = {});

/// Remembers the sizes of named axes, and complains where two that should agree do not.
class AxisSizes {
 public:
  /// A complaint about the rank or a size, or nothing.
  std::optional<std::string> note(const Item& item, const std::string& path,
                                  const std::vector<std::size_t>& shape);

 private:
  std::map<std::string, std::pair<std::size_t, std::string>> sizes_;
};

/// A complaint about the first value that is not finite or out of range, or nothing.
template <class T>
std::optional<std::string> check_values(const Item& item, const std::string& path, std::span<const T> values);

/// "2x3" or "scalar".
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace pnn::io
