// Reads files of MATLAB (.mat, versions 5 to 7.3) into named arrays.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::io {

/// An array of such a file.
struct MatlabArray {
  enum class Kind { numbers, texts, complex, other };
  std::string name;  ///< "rows.channel_1" for a field of a struct, "rows(2).channel_1" in an array of structs
  Kind kind = Kind::numbers;
  Array<double> numbers;  ///< row-major, with MATLAB's shape: a vector has the shape [n, 1] or [1, n]
  std::vector<std::string> texts;  ///< the rows of a char array, or the cells of a cell array of texts
};

/// The arrays of one file.
struct MatlabFile {
  std::string name;  ///< for messages
  std::vector<MatlabArray> arrays;

  /// The array with this name; null if there is none.
  [[nodiscard]] const MatlabArray* find(const std::string& array) const;
  /// The values of an array of numbers, in MATLAB's own order (first index fastest), so that [n, 1] and [1,
  /// n] are alike. Throws InputError, naming all arrays, if there is none of this name, or saying what it is
  /// instead of real numbers.
  [[nodiscard]] std::vector<double> values(const std::string& array) const;
};

/// Whether the bytes begin as a file of MATLAB, version 5 or later.
bool is_matlab(const std::string& bytes);

/// Reads all arrays, those in structs too; integers and logical values become double. Cell arrays of other
/// things than texts, sparse arrays and objects have the kind `other` and no values. libmatio does the
/// reading, in a child program (isolation.hpp), since forged files crash it. Throws InputError "name: …" if
/// the bytes are no such file or a damaged one, or for more than 2^24 values, 2^16 arrays or 16 levels of
/// structs.
MatlabFile read_matlab(const std::string& bytes, const std::string& name);

}  // namespace pnn::io
