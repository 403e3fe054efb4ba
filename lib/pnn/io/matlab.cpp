#include "pnn/io/matlab.hpp"

#include <matio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/atomic_file.hpp"
#include "pnn/io/isolation.hpp"
#include "pnn/io/plain_text.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t most_matlab_values = std::size_t{1} << 24, most_arrays = std::size_t{1} << 16,
                      most_text = std::size_t{1} << 24, deepest = 16, most_axes = 16,
                      largest_file = std::size_t{1} << 28;

/// Arrays as bytes, for the way from the child to this program.
class Packed {
 public:
  Packed() = default;
  explicit Packed(std::string bytes) : bytes_(std::move(bytes)) {}
  void put(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void put(std::string_view text) {
    put(text.size());
    bytes_ += text;
  }
  void put(const std::vector<double>& values) {
    put(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    return std::string(take(size), size);
  }
  std::vector<double> doubles() {
    const std::uint64_t count = number();
    require(count <= bytes_.size() / sizeof(double), "a child says how many numbers follow");
    std::vector<double> values(count);
    if (count > 0) std::memcpy(values.data(), take(count * sizeof(double)), count * sizeof(double));
    return values;
  }
  [[nodiscard]] std::string& bytes() { return bytes_; }

 private:
  const char* take(std::size_t count) {
    require(count <= bytes_.size() - at_, "a child says all of its arrays");
    const char* const here = bytes_.data() + at_;
    at_ += count;
    return here;
  }
  std::string bytes_;
  std::size_t at_ = 0;
};

template <class T>
void append(std::vector<double>& out, const void* data, std::size_t count) {
  const T* const values = static_cast<const T*>(data);
  for (std::size_t k = 0; k < count; ++k) out.push_back(double(values[k]));
}

/// Values of a type of MATLAB as double, in the order of the file.
bool append(std::vector<double>& out, enum matio_types type, const void* data, std::size_t count) {
  switch (type) {
    case MAT_T_DOUBLE:
      append<double>(out, data, count);
      return true;
    case MAT_T_SINGLE:
      append<float>(out, data, count);
      return true;
    case MAT_T_INT8:
      append<std::int8_t>(out, data, count);
      return true;
    case MAT_T_UINT8:
    case MAT_T_UTF8:
      append<std::uint8_t>(out, data, count);
      return true;
    case MAT_T_INT16:
      append<std::int16_t>(out, data, count);
      return true;
    case MAT_T_UINT16:
    case MAT_T_UTF16:
      append<std::uint16_t>(out, data, count);
      return true;
    case MAT_T_INT32:
      append<std::int32_t>(out, data, count);
      return true;
    case MAT_T_UINT32:
    case MAT_T_UTF32:
      append<std::uint32_t>(out, data, count);
      return true;
    case MAT_T_INT64:
      append<std::int64_t>(out, data, count);
      return true;
    case MAT_T_UINT64:
      append<std::uint64_t>(out, data, count);
      return true;
    default:
      return false;
  }
}

/// Numbers whose first index is the fastest, as [first][second]… with the last the fastest.
std::vector<double> row_major(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  std::vector<double> out(values.size());
  std::vector<std::size_t> index(shape.size(), 0);
  for (const double value : values) {
    std::size_t at = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) at = at * shape[axis] + index[axis];
    out[at] = value;
    for (std::size_t axis = 0; axis < shape.size() && ++index[axis] == shape[axis]; ++axis) index[axis] = 0;
  }
  return out;
}

/// What the child does: libmatio's variables as arrays.
class Reading {
 public:
  explicit Reading(const std::string& name) : name_(name) {}

  /// All arrays of a file that has at least so many variables, packed.
  std::string all(const std::string& path, std::size_t variables) {
    const std::unique_ptr<mat_t, int (*)(mat_t*)> file(Mat_Open(path.c_str(), MAT_ACC_RDONLY), Mat_Close);
    unlink(path.c_str());
    if (!file) throw InputError(name_ + ": damaged file of MATLAB; copy it again or save it anew");
    using Variable = std::unique_ptr<matvar_t, void (*)(matvar_t*)>;
    std::size_t found = 0;
    for (;; ++found) {
      const Variable variable{Mat_VarReadNext(file.get()), Mat_VarFree};
      if (!variable) break;
      if (variable->name != nullptr) take(*variable, variable->name, 0);
    }
    if (found < variables || count_ == 0)
      throw InputError(name_ + ": " + std::to_string(count_) +
                       " arrays can be read of this file of MATLAB, the rest is damaged; copy it again or "
                       "save it anew");
    Packed packed;
    packed.put(count_);
    packed.bytes() += arrays_.bytes();
    return packed.bytes();
  }

 private:
  [[noreturn]] void refuse(const std::string& where, const std::string& what) const {
    throw InputError(name_ + ": " + where + ": " + what);
  }

  std::vector<std::size_t> shape_of(const matvar_t& variable, const std::string& where) const {
    if (variable.rank < 0 || std::size_t(variable.rank) > most_axes ||
        (variable.rank > 0 && variable.dims == nullptr))
      refuse(where, "an array of " + std::to_string(variable.rank) + " axes");
    return {variable.dims, variable.dims + variable.rank};
  }

  std::size_t size_of(const std::vector<std::size_t>& shape, const std::string& where) const {
    std::size_t count = shape.empty() ? 0 : 1;
    for (const std::size_t size : shape) {
      if (size != 0 && count > most_matlab_values / size)
        refuse(where, "more than " + std::to_string(most_matlab_values) + " values");
      count *= size;
    }
    return count;
  }

  void put(const std::string& name, MatlabArray::Kind kind, const std::vector<std::size_t>& shape,
           const std::vector<double>& numbers, const std::vector<std::string>& texts) {
    if (++count_ > most_arrays) refuse(name, "more than " + std::to_string(most_arrays) + " arrays");
    values_ += numbers.size();
    letters_ += name.size();
    for (const std::string& text : texts) letters_ += text.size() + sizeof(std::uint64_t);
    if (values_ > most_matlab_values)
      refuse(name, "more than " + std::to_string(most_matlab_values) + " values");
    if (letters_ > most_text) refuse(name, "more than " + std::to_string(most_text) + " bytes of text");
    arrays_.put(name);
    arrays_.put(std::uint64_t(kind));
    arrays_.put(shape.size());
    for (const std::size_t size : shape) arrays_.put(size);
    arrays_.put(numbers);
    arrays_.put(texts.size());
    for (const std::string& text : texts) arrays_.put(text);
  }

  /// Values of numbers or letters, in the order of the file; none if they are of an unknown type.
  std::vector<double> plain(const matvar_t& variable, const std::string& where, std::size_t count) const {
    std::vector<double> values;
    if (count == 0) return values;
    const std::size_t bytes = Mat_SizeOf(variable.data_type);
    if (variable.data == nullptr || bytes == 0 || variable.nbytes / bytes < count)
      refuse(where, "damaged; copy the file again or save it anew");
    values.reserve(count);
    append(values, variable.data_type, variable.data, count);
    return values;
  }

  /// The rows of an array of letters [rows, letters].
  std::vector<std::string> rows_of_text(const matvar_t& variable, const std::string& where) const {
    const std::vector<std::size_t> shape = shape_of(variable, where);
    const std::size_t count = size_of(shape, where);
    const bool utf8 = variable.data_type == MAT_T_UTF8;
    if (shape.size() != 2 || count == 0) return {};
    // libmatio counts the bytes of UTF-8, of which a letter has several
    if (utf8 && shape[0] == 1 && variable.data != nullptr)
      return {std::string(static_cast<const char*>(variable.data), variable.nbytes)};
    const std::vector<double> letters = plain(variable, where, count);
    std::vector<std::string> rows(letters.empty() ? 0 : shape[0]);
    for (std::size_t k = 0; k < letters.size(); ++k)
      append_utf8(rows[k % shape[0]], std::uint32_t(letters[k]) & 0xffffU);
    for (std::string& row : rows) row = std::string(trim(row));
    return rows;
  }

  void take(const matvar_t& variable, const std::string& where, std::size_t depth) {
    using enum MatlabArray::Kind;
    if (depth > deepest) refuse(where, "more than " + std::to_string(deepest) + " levels of structs");
    const std::vector<std::size_t> shape = shape_of(variable, where);
    const std::size_t count = size_of(shape, where);
    switch (variable.class_type) {
      case MAT_C_STRUCT:
        return take_fields(variable, where, count, depth);
      case MAT_C_CELL:
        return take_cells(variable, where, shape, count);
      case MAT_C_CHAR:
        return put(where, texts, shape, {}, rows_of_text(variable, where));
      case MAT_C_DOUBLE:
      case MAT_C_SINGLE:
      case MAT_C_INT8:
      case MAT_C_UINT8:
      case MAT_C_INT16:
      case MAT_C_UINT16:
      case MAT_C_INT32:
      case MAT_C_UINT32:
      case MAT_C_INT64:
      case MAT_C_UINT64: {
        if (variable.isComplex != 0) return put(where, complex, shape, {}, {});
        const std::vector<double> values = plain(variable, where, count);
        if (values.size() != count) return put(where, other, shape, {}, {});
        return put(where, numbers, shape, row_major(values, shape), {});
      }
      default:
        return put(where, other, shape, {}, {});
    }
  }

  void take_fields(const matvar_t& variable, const std::string& where, std::size_t count, std::size_t depth) {
    const std::size_t fields = Mat_VarGetNumberOfFields(const_cast<matvar_t*>(&variable));
    char* const* const names = Mat_VarGetStructFieldnames(&variable);
    if (names == nullptr || variable.data == nullptr) return;
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t field = 0; field < fields; ++field) {
        const matvar_t* const value =
            Mat_VarGetStructFieldByIndex(const_cast<matvar_t*>(&variable), field, k);
        if (value == nullptr || names[field] == nullptr) continue;
        take(*value, where + (count > 1 ? "(" + std::to_string(k + 1) + ")." : ".") + names[field],
             depth + 1);
      }
  }

  void take_cells(const matvar_t& variable, const std::string& where, const std::vector<std::size_t>& shape,
                  std::size_t count) {
    const auto* const cells = static_cast<matvar_t* const*>(variable.data);
    std::vector<std::string> texts;
    for (std::size_t k = 0; cells != nullptr && k < count; ++k) {
      if (cells[k] == nullptr || cells[k]->class_type != MAT_C_CHAR) break;
      const std::vector<std::string> rows = rows_of_text(*cells[k], where);
      texts.push_back(rows.empty() ? "" : rows.front());
    }
    const bool all = count > 0 && texts.size() == count;
    if (!all) texts.clear();
    put(where, all ? MatlabArray::Kind::texts : MatlabArray::Kind::other, shape, {}, texts);
  }

  const std::string& name_;
  Packed arrays_;
  std::size_t count_ = 0, values_ = 0, letters_ = 0;
};

constexpr std::size_t matlab_header_bytes = 128;

bool is_hdf5(const std::string& bytes) {
  return bytes.starts_with("MATLAB 7.3");
}

/// Number of variables of a file of version 5 to 7: elements with a tag of type and size ("MAT-File Format",
/// The MathWorks). Throws InputError if the last one is not complete, which libmatio would take for the end.
std::size_t count_variables(const std::string& bytes, const std::string& name) {
  constexpr std::size_t tag = 8, matrix = 14, compressed = 15;
  const bool swapped = bytes[matlab_header_bytes - 2] == 'M';  // "IM" on the usual processors
  const auto number = [&](std::size_t at) {
    std::size_t value = 0;
    for (std::size_t k = 0; k < 4; ++k)
      value |= std::size_t(static_cast<unsigned char>(bytes[at + k])) << 8 * (swapped ? 3 - k : k);
    return value;
  };
  std::size_t count = 0;
  for (std::size_t at = matlab_header_bytes; at < bytes.size();) {
    if (bytes.size() - at < tag || number(at + 4) > bytes.size() - at - tag)
      throw InputError(name + ": truncated file of MATLAB; copy it again");
    count += number(at) == matrix || number(at) == compressed ? 1 : 0;
    at += tag + number(at + 4);
  }
  return count;
}

MatlabFile unpacked(std::string bytes, const std::string& name) {
  MatlabFile file{name, {}};
  Packed packed(std::move(bytes));
  for (std::uint64_t left = packed.number(); left > 0; --left) {
    MatlabArray& array = file.arrays.emplace_back();
    array.name = packed.text();
    array.kind = MatlabArray::Kind(packed.number());
    for (std::uint64_t axes = packed.number(); axes > 0; --axes)
      array.numbers.shape.push_back(packed.number());
    array.numbers.data = packed.doubles();
    for (std::uint64_t texts = packed.number(); texts > 0; --texts) array.texts.push_back(packed.text());
  }
  return file;
}

}  // namespace

const MatlabArray* MatlabFile::find(const std::string& array) const {
  const auto at =
      std::find_if(arrays.begin(), arrays.end(), [&](const MatlabArray& one) { return one.name == array; });
  return at == arrays.end() ? nullptr : &*at;
}

std::vector<double> MatlabFile::values(const std::string& array) const {
  const MatlabArray* const found = find(array);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const MatlabArray& one : arrays) names.push_back(one.name);
    throw InputError(name + ": no array \"" + array + "\"; there are: " + join(names, ", "));
  }
  using enum MatlabArray::Kind;
  if (found->kind != numbers)
    throw InputError(name + ": " + array + ": expected real numbers, found " +
                     (found->kind == texts     ? "text"
                      : found->kind == complex ? "complex numbers"
                                               : "a cell array, a sparse array or an object") +
                     "; save its values as a plain array");
  // the axes from the last to the first, so that the first is the fastest
  std::vector<std::size_t> reversed(found->numbers.shape.rbegin(), found->numbers.shape.rend());
  return row_major(found->numbers.data, reversed);
}

bool is_matlab(const std::string& bytes) {
  if (bytes.size() < matlab_header_bytes || !bytes.starts_with("MATLAB")) return false;
  const std::string_view order = std::string_view(bytes).substr(matlab_header_bytes - 2, 2);
  return order == "IM" || order == "MI";
}

MatlabFile read_matlab(const std::string& bytes, const std::string& name) {
  if (!is_matlab(bytes))
    throw InputError(name +
                     ": expected a file of MATLAB, version 5 to 7.3 (save it with -v7), found another");
  if (bytes.size() > largest_file)
    throw InputError(name + ": a file of MATLAB of more than " + std::to_string(largest_file >> 20) + " MiB");
  const std::size_t variables = is_hdf5(bytes) ? 1 : count_variables(bytes, name);
  const TemporaryFile file = make_temporary_file();
  struct Remover {
    const TemporaryFile& file;
    ~Remover() { unlink(file.path.c_str()), close(file.fd); }
  } const remover{file};
  write_all(file.fd, bytes.data(), bytes.size(), file.path);
  const Isolated job{name, bytes.size(), "matio",
                     most_matlab_values * sizeof(double) + 2 * most_text + most_arrays * 256};
  return unpacked(run_isolated(job, [&] { return Reading(name).all(file.path, variables); }), name);
}

}  // namespace pnn::io
