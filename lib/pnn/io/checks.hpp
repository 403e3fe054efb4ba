// Checks of shapes and values against the schema. Writers and readers use the same ones.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pnn/io/schema.hpp"

namespace pnn::io {

/// The names of the axes of a dataset of this rank that `item` describes, without leading slashes; empty if
/// the rank does not fit. `given` are the writer's names, used where the item allows any number of axes.
std::optional<std::vector<std::string>> axis_names(const Item& item, std::size_t rank,
                                                   const std::vector<std::string>& given = {});

/// Remembers the sizes of named axes and finds those that should be equal and are not.
class AxisSizes {
 public:
  /// A complaint about the rank or a size of this dataset; empty if it fits.
  std::optional<std::string> note(const Item& item, const std::string& path,
                                  const std::vector<std::size_t>& shape);

 private:
  std::map<std::string, std::pair<std::size_t, std::string>> sizes_;
};

/// A complaint about the first value that is not finite or outside the item's range; empty if all values are
/// allowed.
template <class T>
std::optional<std::string> check_values(const Item& item, const std::string& path, std::span<const T> values);

/// A shape as text: "2x3" or "scalar".
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace pnn::io
