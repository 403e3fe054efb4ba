// What stands in a file: name, type, axes, unit and meaning of every dataset of every filetype. The one
// table that writers, readers, `pnn-info --validate` and the documentation of the formats read.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace pnn::io {

struct FileType {
  std::string name;         ///< "model"
  std::string description;  ///< one sentence
  std::string maker;        ///< the tool that makes one
};
const std::vector<FileType>& file_types();
/// Null for a name that is no filetype.
const FileType* find_file_type(std::string_view name);

enum class Type {
  text,     ///< fixed-length UTF-8
  integer,  ///< 32-bit signed
  count,    ///< 64-bit unsigned
  real32,   ///< float
  real64,   ///< double
  picture,  ///< float, stored as 8-bit with an attribute `scale` where every value is k/255
};
enum class Need { always, optional };
enum class Numbers {
  finite,
  nan_allowed,  ///< NaN says that there is no number
};

/// One kind of dataset.
struct Item {
  std::string filetypes;  ///< comma list; empty: every file
  std::string path;       ///< "/controls/<layer>"; a step in brackets stands for any name
  Type type = Type::real64;
  /// Names of the axes, comma separated; empty: a scalar. "…" stands for any number of axes, named by the
  /// writer. Equal names in one group have equal sizes, and with a leading slash in the whole file.
  std::string axes;
  std::string units;  ///< "*": said by each dataset
  std::string description;
  Need need = Need::always;
  Numbers numbers = Numbers::finite;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

const std::vector<Item>& schema();
/// The item that describes `path` in files of `filetype`, or null.
const Item* find_item(std::string_view filetype, std::string_view path);
/// A page of Markdown: all filetypes, their attributes and datasets.
std::string format_documentation();

}  // namespace pnn::io
