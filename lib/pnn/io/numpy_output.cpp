#include "pnn/io/numpy_output.hpp"

#include <zlib.h>

#include "pnn/core/errors.hpp"

namespace pnn::io {

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t k = 0; k < bytes; ++k) out += char(static_cast<unsigned char>(value >> 8 * k));
  return out;
}

std::string npy_bytes(std::string_view type, const std::vector<std::size_t>& shape, std::string_view data) {
  std::string sizes;
  for (std::size_t k = 0; k < shape.size(); ++k)
    sizes += (k > 0 ? " " : "") + std::to_string(shape[k]) + (k == 0 || k + 1 < shape.size() ? "," : "");
  std::string header =
      "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  constexpr std::size_t before = 10, block = 64;
  header.resize((before + header.size() + block) / block * block - before - 1, ' ');
  header += '\n';
  return (std::string("\x93NUMPY\x01\x00", 8) + little_endian(header.size(), 2) + header).append(data);
}

std::string npz_bytes(const std::vector<std::pair<std::string, std::string>>& arrays) {
  // PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16: members that are not packed, of the first day
  constexpr std::uint64_t version = 20, utf8_names = 1U << 11U, first_day = 0x21;
  std::string out, directory;
  for (const auto& [array, data] : arrays) {
    const std::string name = array + ".npy";
    const std::uint64_t sum = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
    const std::string common = little_endian(version, 2) + little_endian(utf8_names, 2) +
                               little_endian(0, 4) + little_endian(first_day, 2) + little_endian(sum, 4) +
                               little_endian(data.size(), 4) + little_endian(data.size(), 4) +
                               little_endian(name.size(), 2) + little_endian(0, 2);
    directory += std::string("PK\x01\x02", 4) + little_endian(version, 2) + common + little_endian(0, 10) +
                 little_endian(out.size(), 4) + name;
    out += std::string("PK\x03\x04", 4) + common + name + data;
    if (out.size() > 0xffffffffU - 0x1000000U)
      throw RunError("an archive of more than 4 GiB; take another ending of -o");
  }
  const std::size_t begin = out.size();
  return out + directory + std::string("PK\x05\x06", 4) + little_endian(0, 4) +
         little_endian(arrays.size(), 2) + little_endian(arrays.size(), 2) +
         little_endian(directory.size(), 4) + little_endian(begin, 4) + little_endian(0, 2);
}

}  // namespace pnn::io
