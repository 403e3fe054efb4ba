// Finds the columns of a table that are features of its samples.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/table.hpp"

namespace pnn::io {

/// Which columns are named. Each text is the name of a column, a pattern with * and ?, a range FIRST:LAST of
/// names in the order of the table, or several of these with commas between them.
struct ColumnChoice {
  std::vector<std::string> features;  ///< empty: all that are neither label nor ignored
  std::vector<std::string> ignore;
};

/// The numbers of the feature columns, in the order of the table. Throws InputError if a text names no column
/// or the label, if none is left, and, unless `features` names it, for a column that numbers the samples
/// (different whole numbers that rise or fall, are 1 to n in any order, or stand under a name such as "Id"),
/// and for one that is the label in other words (each class has one value of its own).
std::vector<std::size_t> feature_columns(const Table& table, std::size_t label, const ColumnChoice& choice);

}  // namespace pnn::io
