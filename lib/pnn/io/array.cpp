#include "pnn/io/array.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/io/plain_text.hpp"

namespace pnn::io {
namespace {

std::uint64_t bits_of(std::string_view bytes, bool big_endian) {
  std::uint64_t bits = 0;
  for (std::size_t k = 0; k < bytes.size(); ++k)
    bits = bits << 8 | static_cast<unsigned char>(bytes[big_endian ? k : bytes.size() - 1 - k]);
  return bits;
}

/// IEEE 754 binary16: a sign, five bits of exponent, ten of fraction.
double half(std::uint32_t bits) {
  const int exponent = int(bits >> 10U & 31U), fraction = int(bits & 1023U);
  const double size = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                      : exponent == 0 ? std::ldexp(fraction, -24)
                                      : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000U) != 0 ? -size : size;
}

/// A number that is not complex.
double number_of(std::string_view bytes, char kind, bool big_endian) {
  const std::uint64_t bits = bits_of(bytes, big_endian);
  if (kind == 'f' && bytes.size() == 2) return half(std::uint32_t(bits));
  if (kind == 'f')
    return bytes.size() == 4 ? double(std::bit_cast<float>(std::uint32_t(bits)))
                             : std::bit_cast<double>(bits);
  if (kind != 'i') return double(bits);
  const auto unused = unsigned(64 - 8 * bytes.size());
  return double(std::int64_t(bits << unused) >> unused);
}

std::string_view bytes_of(const StoredArray& array, std::size_t k) {
  return std::string_view(reinterpret_cast<const char*>(array.data.data()), array.data.size())
      .substr(k * array.type.size, array.type.size);
}

}  // namespace

std::string text_of(std::string_view bytes, const ValueType& type) {
  if (type.kind == 'S') return std::string(bytes.substr(0, std::min(bytes.find('\0'), bytes.size())));
  if (type.kind == 'U') {
    std::string out;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
      const auto point = std::uint32_t(bits_of(bytes.substr(at, 4), type.big_endian));
      if (point == 0) break;
      append_utf8(out, point);
    }
    return out;
  }
  const double value = number_of(bytes, type.kind, type.big_endian);
  return std::isfinite(value) ? format_number(value) : "nan";
}

double StoredArray::real(std::size_t k) const {
  if (type.kind == 'u' && type.size == 1) return double(data[k]);
  const std::string_view bytes = bytes_of(*this, k);
  if (type.kind == 'c') return number_of(bytes.substr(0, type.size / 2), 'f', type.big_endian);
  return number_of(bytes, type.kind, type.big_endian);
}

double StoredArray::imaginary(std::size_t k) const {
  return number_of(bytes_of(*this, k).substr(type.size / 2), 'f', type.big_endian);
}

std::string StoredArray::text(std::size_t k) const {
  return text_of(bytes_of(*this, k), type);
}

}  // namespace pnn::io
