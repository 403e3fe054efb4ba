// By which names laboratories know the columns of measured curves, and what a name says of its unit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/unit.hpp"
#include "pnn/io/curve_columns.hpp"

namespace pnn::io {

/// Small letters, with blanks for what joins words.
std::string plain(std::string_view text);
/// Names of a column of this role, in small letters and with blanks; the first is the role's.
const std::vector<std::string>& synonyms(Role role);
/// Whether a name is among these from `first` on. Elements are also called by the word of their platform.
bool is_among(const std::string& base, Role role, std::size_t first = 0);
/// The word that is a power of the control or of the response.
bool is_power(const std::string& base);
/// Whether a column is of a drop port, or of a through port; nothing for others.
std::optional<bool> is_drop(const std::string& base);
/// Columns that count or time the readings, and are no response of an element.
bool counts_readings(const std::string& base);

/// The name of a column, and the unit in it.
struct Named {
  std::string base;  ///< plain(), without the unit
  std::optional<Unit> unit;
  std::string strange;  ///< words in brackets that are no known unit; `base` has them too
  std::string before;   ///< plain(), what stands before them
};

Named read_name(std::string_view header);

}  // namespace pnn::io
