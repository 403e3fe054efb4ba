// Tables as arrays of NumPy and MATLAB (column_table.hpp).
#include <matio.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/version.hpp"
#include "pnn/io/atomic_file.hpp"
#include "pnn/io/column_table.hpp"
#include "pnn/io/numpy_output.hpp"

namespace pnn::io {
namespace {

/// The code points of a text; bytes that are no UTF-8 become U+FFFD.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    std::size_t more = lead < 0x80        ? 0
                       : lead >> 5U == 6  ? 1
                       : lead >> 4U == 14 ? 2
                       : lead >> 3U == 30 ? 3
                                          : 4;
    char32_t point = more == 0 ? lead : more == 4 ? 0xfffd : lead & (0x3fU >> more);
    for (more %= 4; more > 0; --more) {
      if (at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U) {
        point = 0xfffd;
        break;
      }
      point = point << 6U | (static_cast<unsigned char>(text[at++]) & 0x3fU);
    }
    out += point;
  }
  return out;
}

// ---- NumPy ----

std::string npy_of(const Column& column) {
  const std::size_t rows = column.rows();
  std::string type, data;
  if (column.kind == Column::Kind::text) {
    std::vector<std::u32string> texts;
    std::size_t letters = 1;
    for (const std::string& text : column.texts) {
      texts.push_back(code_points(text));
      letters = std::max(letters, texts.back().size());
    }
    type = "<U" + std::to_string(letters);
    for (std::u32string& text : texts) {
      text.resize(letters);
      for (const char32_t point : text) data += little_endian(point, 4);
    }
  } else {
    const bool all = std::none_of(column.numbers.begin(), column.numbers.end(),
                                  [](double value) { return std::isnan(value); });
    const bool whole = column.kind == Column::Kind::whole && all;
    const bool single = column.kind == Column::Kind::real32;
    type = whole ? "<i8" : single ? "<f4" : "<f8";
    for (const double value : column.numbers) {
      data += whole    ? little_endian(std::uint64_t(std::int64_t(value)), 8)
              : single ? little_endian(std::bit_cast<std::uint32_t>(float(value)), 4)
                       : little_endian(std::bit_cast<std::uint64_t>(value), 8);
    }
  }
  return npy_bytes(type, {rows}, data);
}

}  // namespace

std::string npz_of(const ColumnTable& table) {
  std::vector<std::pair<std::string, std::string>> arrays;
  for (const Column& column : table.columns) arrays.emplace_back(column.title(), npy_of(column));
  return npz_bytes(arrays);
}

// ---- MATLAB ----

namespace {

using Variable = std::unique_ptr<matvar_t, void (*)(matvar_t*)>;

/// A name that MATLAB accepts and that is not yet in `used`.
std::string variable_name(const std::string& title, std::set<std::string>& used) {
  constexpr std::size_t longest = 60;
  std::string name;
  for (const char c : title) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain || (!name.empty() && name.back() != '_')) name += plain ? c : '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || std::isalpha(static_cast<unsigned char>(name.front())) == 0) name = "x" + name;
  name.resize(std::min(name.size(), longest));
  std::string free = name;
  for (int k = 2; !used.insert(free).second; ++k) free = name + std::to_string(k);
  return free;
}

/// A text as the row of letters [1, letters] in UTF-16.
matvar_t* letters_of(const std::string& text) {
  std::u16string letters;
  for (const char32_t point : code_points(text)) {
    if (point >= 0x10000) letters += char16_t(0xd7c0U + (point >> 10U));
    letters += char16_t(point >= 0x10000 ? 0xdc00U + (point & 0x3ffU) : point);
  }
  std::size_t shape[] = {letters.empty() ? 0U : 1U, letters.size()};
  return Mat_VarCreate(nullptr, MAT_C_CHAR, MAT_T_UINT16, 2, shape, letters.data(), 0);
}

Variable variable_of(const Column& column, const std::string& name) {
  std::size_t shape[] = {column.rows(), 1};
  if (column.kind != Column::Kind::text)
    return {Mat_VarCreate(name.c_str(), MAT_C_DOUBLE, MAT_T_DOUBLE, 2, shape,
                          const_cast<double*>(column.numbers.data()), 0),  // it is copied
            Mat_VarFree};
  std::vector<matvar_t*> cells;
  for (const std::string& text : column.texts) cells.push_back(letters_of(text));
  return {Mat_VarCreate(name.c_str(), MAT_C_CELL, MAT_T_CELL, 2, shape, cells.data(), 0), Mat_VarFree};
}

}  // namespace

std::string matlab_of(const ColumnTable& table) {
  const TemporaryFile temporary = make_temporary_file();
  struct Remover {
    const TemporaryFile& file;
    ~Remover() { unlink(file.path.c_str()), close(file.fd); }
  } const remover{temporary};
  // a header of our own: that of libmatio has the time in it
  const std::string header = std::string("MATLAB 5.0 MAT-file, written by pnntools ") + version();
  std::unique_ptr<mat_t, int (*)(mat_t*)> file(
      Mat_CreateVer(temporary.path.c_str(), header.c_str(), MAT_FT_MAT5), Mat_Close);
  bool written = file != nullptr;
  std::set<std::string> used;
  for (const Column& column : table.columns) {
    if (!written) break;
    const Variable variable = variable_of(column, variable_name(column.title(), used));
    written = variable && Mat_VarWrite(file.get(), variable.get(), MAT_COMPRESSION_NONE) == 0;
  }
  written = file && Mat_Close(file.release()) == 0 && written;
  std::ifstream bytes(temporary.path, std::ios::binary);
  std::string out{std::istreambuf_iterator<char>(bytes), {}};
  if (!written || !bytes || out.empty())
    throw RunError("the file of MATLAB cannot be made in " + temporary.path +
                   ": not enough memory or disk space; write .npz or CSV, or set TMPDIR");
  return out;
}

}  // namespace pnn::io
