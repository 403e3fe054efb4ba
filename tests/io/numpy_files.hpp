// Files as NumPy writes them.
#pragma once

#include <zlib.h>

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace pnn::test::numpy {

inline std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out += char(value >> (8 * k) & 0xffU);
  return out;
}

/// A file as numpy.save writes it (version 1.0: the header is padded to a multiple of 64 bytes).
inline std::string array(const std::string& descr, const std::string& shape, const std::string& data,
                         const std::string& fortran = "False") {
  std::string header = "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + little(header.size(), 2) + header + data;
}

inline std::string doubles(const std::vector<double>& values) {
  std::string out;
  for (const double value : values) out += little(std::bit_cast<std::uint64_t>(value), 8);
  return out;
}

inline std::string texts(const std::vector<std::string>& values, std::size_t letters) {
  std::string out;
  for (const std::string& value : values)
    for (std::size_t k = 0; k < letters; ++k)
      out += little(k < value.size() ? static_cast<unsigned char>(value[k]) : 0, 4);
  return out;
}

/// An archive as numpy.savez writes it, or deflated as numpy.savez_compressed does.
inline std::string archive(const std::vector<std::pair<std::string, std::string>>& members, bool packed) {
  std::string out, directory;
  for (const auto& [name, content] : members) {
    std::string data = content;
    if (packed) {
      data.resize(content.size() + 100);
      z_stream stream{};
      REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
      std::string copy = content;
      stream.next_in = reinterpret_cast<Bytef*>(copy.data());
      stream.avail_in = uInt(copy.size());
      stream.next_out = reinterpret_cast<Bytef*>(data.data());
      stream.avail_out = uInt(data.size());
      REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
      data.resize(stream.total_out);
      deflateEnd(&stream);
    }
    const std::string file = name + ".npy", method = little(packed ? 8 : 0, 2);
    const std::string sizes = little(data.size(), 4) + little(content.size(), 4);
    directory += std::string("PK\x01\x02", 4) + little(20, 2) + little(20, 2) + little(0, 2) + method +
                 little(0, 8) + sizes + little(file.size(), 2) + little(0, 12) + little(out.size(), 4) + file;
    out += std::string("PK\x03\x04", 4) + little(20, 2) + little(0, 2) + method + little(0, 8) + sizes +
           little(file.size(), 2) + little(0, 2) + file + data;
  }
  const std::size_t begin = out.size();
  return out + directory + std::string("PK\x05\x06", 4) + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(begin, 4) + little(0, 2);
}

}  // namespace pnn::test::numpy
