// The file formats: name, type, axes, unit and meaning of every dataset of every file type, in one table that
// writers, readers, `pnn-info --validate` and the documentation of the formats share.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace pnn::io {

/// A type of file.
struct FileType {
  std::string name;         ///< "model"
  std::string description;  ///< one sentence
  std::string maker;        ///< the tool that writes such files
};
const std::vector<FileType>& file_types();
/// The file type of that name, or null.
const FileType* find_file_type(std::string_view name);

/// The type of a dataset's values.
enum class Type {
  text,     ///< fixed-length UTF-8
  integer,  ///< 32-bit signed
  count,    ///< 64-bit unsigned
  real32,   ///< float
  real64,   ///< double
  picture,  ///< float, stored as 8-bit with an attribute `scale` where every value is k/255
};
/// Whether every file of the type has the dataset.
enum class Need { always, optional };
/// Which numbers are allowed.
enum class Numbers {
  finite,
  nan_allowed,  ///< NaN means that there is no number
};

/// One row of the table: a dataset, or several whose paths differ in a name.
struct Item {
  std::string filetypes;  ///< comma-separated; empty: all types
  std::string path;       ///< "/controls/<layer>"; a part in angle brackets stands for any name
  Type type = Type::real64;
  /// Names of the axes, comma-separated; empty: a scalar. "…" stands for any number of axes, which the writer
  /// names. Axes of the same name have the same size within a group, or, with a leading slash, in the whole
  /// file.
  std::string axes;
  std::string units;  ///< "*": each dataset states its own
  std::string description;
  Need need = Need::always;
  Numbers numbers = Numbers::finite;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

const std::vector<Item>& schema();
/// The row that describes `path` in files of `filetype`, or null.
const Item* find_item(std::string_view filetype, std::string_view path);
/// The documentation of all file types, their attributes and datasets, as Markdown.
std::string format_documentation();

}  // namespace pnn::io
