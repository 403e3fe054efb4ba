// An array of numbers or texts as a file stores it, whichever format that is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pnn::io {

/// How one value is stored.
struct ValueType {
  char kind = 'u';       ///< b truth value, i and u whole number, f real, c complex, U and S text
  std::size_t size = 1;  ///< bytes of one value, of a complex one those of both parts
  bool big_endian = false;
};

/// An array, the first axis slowest.
struct StoredArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> data;  ///< as many values as the product of `shape`
  ValueType type;

  [[nodiscard]] std::size_t count() const { return data.size() / type.size; }
  [[nodiscard]] bool words() const { return type.kind == 'U' || type.kind == 'S'; }
  /// Value k, of a complex one its real part. Not for texts.
  [[nodiscard]] double real(std::size_t k) const;
  /// The imaginary part of value k of a complex array.
  [[nodiscard]] double imaginary(std::size_t k) const;
  /// Value k as UTF-8, a number as format_number() writes it and "nan" where it is not finite.
  [[nodiscard]] std::string text(std::size_t k) const;
};

/// The same of the bytes of a single value.
std::string text_of(std::string_view bytes, const ValueType& type);

}  // namespace pnn::io
