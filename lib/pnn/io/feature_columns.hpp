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

/// What is learned from a table.
struct Learned {
  std::vector<std::size_t> columns;  ///< that of the labels, or those of the targets
  bool targets = false;
};

/// The columns that texts name as ColumnChoice does, in the order of the table. Throws InputError, naming the
/// option, if one names none.
std::vector<std::size_t> columns_of(const Table& table, const std::vector<std::string>& texts,
                                    const char* option);

/// The numbers of the feature columns, in the order of the table. Throws InputError if a text names no column
/// or one of `learned`, if none is left, and, unless `features` names it, for a column that numbers the
/// samples (different whole numbers that rise or fall, are 1 to n in any order, or stand under a name such as
/// "Id"), for one that is the label in other words (each class has one value of its own), and for one that
/// holds the numbers of a target.
std::vector<std::size_t> feature_columns(const Table& table, const Learned& learned,
                                         const ColumnChoice& choice);

}  // namespace pnn::io
