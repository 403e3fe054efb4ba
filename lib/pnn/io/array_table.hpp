// Puts arrays with names, as NumPy and MATLAB save them, into a table.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/matlab.hpp"

namespace pnn::io {

/// An array: its name and shape, and its values as text, the first axis slowest.
struct NamedArray {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<std::string> fields;  ///< names of the fields of a structured array, else empty
  std::vector<std::string> texts;   ///< [value], or [value][field]; "nan" for numbers that are not finite
  bool words = false;               ///< whether the values are texts
};

/// One array as a table in CSV text. A structured array has a column of each field; an array [n, c] has c
/// columns without names, or n, if n is at most 4 and c larger than 8. Throws InputError for other shapes.
std::string array_as_csv(const NamedArray& array, const std::string& name);

/// Several arrays as one table in CSV text: each array [n] is a column of its name, where n is the length of
/// the most arrays of numbers; of an array [n, e] or [e, n] there are e columns, "name 0", "name 1" …, or of
/// the names of a text array [e]. Of several matrices [e, n] of one shape (control and response of every
/// element) each is a column with e n rows, as are arrays [e] and [n], repeated along the other axis. Without
/// arrays of one axis the only matrix of numbers is the table. What all columns have in front of their last
/// dot (the struct of MATLAB that they are in) is left out of their names. Other arrays are passed over, and
/// a sentence about them added to `notes`. Throws InputError if there is no table, or where the axes of a
/// matrix cannot be told apart.
std::string arrays_as_csv(const std::vector<NamedArray>& arrays, const std::string& name,
                          std::vector<std::string>& notes);

/// The arrays of a file of MATLAB, in which axes of size 1 do not count: a vector [n, 1] or [1, n] has the
/// shape [n]. Complex numbers and arrays of other kinds have an axis of size 0 and no values.
std::vector<NamedArray> named_arrays(const MatlabFile& file);

}  // namespace pnn::io
