#include "pnn/io/array_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/table.hpp"

namespace pnn::io {
namespace {

/// Columns of equal length, with or without names.
struct Columns {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> texts;

  [[nodiscard]] std::string csv() const {
    std::string out;
    const auto line = [&](const auto& cell) {
      for (std::size_t column = 0; column < texts.size(); ++column)
        out += (column > 0 ? "," : "") + csv_cell(cell(column));
      out += "\n";
    };
    if (!names.empty()) line([&](std::size_t column) { return names[column]; });
    for (std::size_t row = 0; !texts.empty() && row < texts.front().size(); ++row)
      line([&](std::size_t column) { return texts[column][row]; });
    return out;
  }
};

/// Leaves out what all names have in front of their last dot.
void drop_common_prefix(std::vector<std::string>& names) {
  if (names.empty()) return;
  const std::size_t dot = names.front().rfind('.');
  if (dot == std::string::npos) return;
  const std::string prefix = names.front().substr(0, dot + 1);
  const auto within = [&](const std::string& name) {
    return name.starts_with(prefix) && name.find('.', dot + 1) == std::string::npos;
  };
  if (!std::all_of(names.begin(), names.end(), within)) return;
  for (std::string& name : names) name.erase(0, dot + 1);
}

}  // namespace

std::string array_as_csv(const NamedArray& array, const std::string& name) {
  Columns out;
  if (!array.fields.empty()) {
    const std::size_t fields = array.fields.size();
    out.names = array.fields;
    out.texts.resize(fields);
    for (std::size_t k = 0; k < array.texts.size(); ++k) out.texts[k % fields].push_back(array.texts[k]);
    return out.csv();
  }
  if (array.shape.size() != 2)
    throw InputError(name + ": an array with " + std::to_string(array.shape.size()) +
                     " axes; expected [reading, column], or a structured array");
  constexpr std::size_t few = 4, many = 8;
  const std::size_t rows = array.shape[0], columns = array.shape[1];
  const bool in_rows = rows <= few && columns > many;
  out.texts.resize(in_rows ? rows : columns);
  for (std::size_t k = 0; k < array.texts.size(); ++k)
    out.texts[in_rows ? k / columns : k % columns].push_back(array.texts[k]);
  return out.csv();
}

namespace {

bool of_numbers(const NamedArray& array) {
  return !array.words && array.fields.empty() && !array.texts.empty();
}

/// The length that most arrays of one axis have; those of numbers decide where there are any.
std::size_t usual_length(const std::vector<NamedArray>& arrays) {
  for (const bool numbers : {true, false}) {
    std::map<std::size_t, std::size_t> lengths;
    for (const NamedArray& array : arrays)
      if (array.shape.size() == 1 && array.fields.empty() && (!numbers || of_numbers(array)))
        ++lengths[array.shape[0]];
    std::size_t length = 0;
    for (const auto& [size, count] : lengths)
      if (size > 0 && (length == 0 || count > lengths[length])) length = size;
    if (length > 0) return length;
  }
  return 0;
}

/// The shape that two matrices of numbers share, as control and response of every element; empty if none do.
std::vector<std::size_t> shared_shape(const std::vector<NamedArray>& arrays) {
  std::map<std::vector<std::size_t>, std::size_t> of_shape;
  for (const NamedArray& array : arrays)
    if (array.shape.size() == 2 && of_numbers(array) && ++of_shape[array.shape] == 2) return array.shape;
  return {};
}

[[noreturn]] void refuse_square(const std::string& name, const std::string& matrix, std::size_t size) {
  throw InputError(name + ": both axes of " + matrix + " have " + std::to_string(size) +
                   " places, so that it does not say which is that of the readings; write columns of one "
                   "length each, with one that names the element");
}

/// Columns of matrices of one shape, a row a place of theirs; an array along one of their axes is repeated
/// along the other, and an axis that none names is that of elements.
Columns columns_of_matrices(const std::vector<NamedArray>& arrays, const std::vector<std::size_t>& shape,
                            const std::string& name, std::vector<std::string>& unused) {
  Columns out;
  bool named = false;
  std::array<bool, 2> known{};
  std::string matrix;
  for (const NamedArray& array : arrays) {
    const bool whole = array.shape == shape && of_numbers(array);
    const bool first = array.shape == std::vector{shape[0]}, second = array.shape == std::vector{shape[1]};
    if (!array.fields.empty() || !(whole || first || second)) {
      if (!array.words) unused.push_back(array.name);
      continue;
    }
    if (!whole && shape[0] == shape[1]) refuse_square(name, matrix.empty() ? array.name : matrix, shape[0]);
    if (whole) matrix = array.name;
    named = named || (array.words && !whole);
    known[0] = known[0] || (first && !whole), known[1] = known[1] || (second && !whole);
    out.names.push_back(array.name);
    std::vector<std::string>& column = out.texts.emplace_back();
    for (std::size_t k = 0; k < shape[0] * shape[1]; ++k)
      column.push_back(array.texts[whole ? k : first ? k / shape[1] : k % shape[1]]);
  }
  if (named) return out;
  if (known[0] == known[1])
    throw InputError(name + ": no array says which axis of " + matrix +
                     " is that of the elements; add one of their names");
  out.names.emplace_back("element");
  std::vector<std::string>& column = out.texts.emplace_back();
  for (std::size_t k = 0; k < shape[0] * shape[1]; ++k)
    column.push_back("element " + std::to_string(known[0] ? k % shape[1] : k / shape[1]));
  return out;
}

}  // namespace

std::string arrays_as_csv(const std::vector<NamedArray>& arrays, const std::string& name,
                          std::vector<std::string>& notes) {
  const std::size_t length = usual_length(arrays);
  Columns out;
  const NamedArray* matrix = nullptr;
  std::vector<std::string> unused;
  if (const std::vector<std::size_t> shape = shared_shape(arrays); !shape.empty()) {
    out = columns_of_matrices(arrays, shape, name, unused);
  } else {
    for (const NamedArray& array : arrays) {
      const std::vector<std::size_t>& own = array.shape;
      if (!array.fields.empty()) {
        unused.push_back(array.name);
      } else if (length == 0 && own.size() == 2 && of_numbers(array) && matrix == nullptr) {
        matrix = &array;
      } else if (length > 0 && own == std::vector{length}) {
        out.names.push_back(array.name);
        out.texts.push_back(array.texts);
      } else if (length > 0 && own.size() == 2 && of_numbers(array) &&
                 (own[0] == length || own[1] == length)) {
        if (own[0] == own[1]) refuse_square(name, array.name, length);
        const bool along_rows = own[0] == length;
        const std::size_t elements = own[along_rows ? 1 : 0];
        const auto named = std::find_if(arrays.begin(), arrays.end(), [&](const NamedArray& other) {
          return other.words && other.shape == std::vector{elements};
        });
        for (std::size_t element = 0; element < elements; ++element) {
          out.names.push_back(named != arrays.end() ? named->texts[element]
                                                    : array.name + " " + std::to_string(element));
          std::vector<std::string>& column = out.texts.emplace_back();
          for (std::size_t k = 0; k < length; ++k)
            column.push_back(array.texts[along_rows ? k * elements + element : element * length + k]);
        }
      } else if (!array.words) {
        unused.push_back(array.name);
      }
    }
  }
  if (out.texts.empty() && matrix == nullptr)
    throw InputError(name + ": no table in these arrays: " +
                     (unused.empty() ? "there are none of numbers" : join(unused, ", ")) +
                     "; expected arrays of one length, or one matrix [reading, column]");
  if (!unused.empty())
    notes.push_back(std::to_string(unused.size()) + (unused.size() == 1 ? " array is" : " arrays are") +
                    " no column: " + join(unused, ", "));
  if (matrix != nullptr) return array_as_csv(*matrix, name + ": " + matrix->name);
  drop_common_prefix(out.names);
  return out.csv();
}

std::vector<NamedArray> named_arrays(const MatlabFile& file) {
  std::vector<NamedArray> out;
  for (const MatlabArray& array : file.arrays) {
    using enum MatlabArray::Kind;
    NamedArray& one = out.emplace_back();
    one.name = array.name;
    one.words = array.kind == texts;
    if (array.kind == texts) {
      one.texts = array.texts;
      if (one.texts.size() != 1) one.shape = {one.texts.size()};
    } else if (array.kind == numbers) {
      for (const std::size_t size : array.numbers.shape)
        if (size != 1) one.shape.push_back(size);
      for (const double value : array.numbers.data)
        one.texts.push_back(std::isfinite(value) ? format_number(value) : "nan");
    } else {
      one.shape = {0};
    }
  }
  return out;
}

}  // namespace pnn::io
