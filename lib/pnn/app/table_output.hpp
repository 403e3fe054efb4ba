// Writes tables and texts to files and to standard output.
#pragma once

#include <string>

#include "pnn/io/column_table.hpp"

namespace pnn::app {

/// Writes `bytes` to a file, which appears whole or not at all, or to standard output where `path` is "-" or
/// empty: a reader of standard output that closes it has read what it wanted.
void write_text(const std::string& path, const std::string& bytes);

/// Writes a table in the form of the ending of `path`: .json, .npz or .mat, otherwise CSV.
void write_table(const std::string& path, const io::ColumnTable& table);

}  // namespace pnn::app
