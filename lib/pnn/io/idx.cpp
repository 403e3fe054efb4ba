#include "pnn/io/idx.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/unpacked.hpp"

namespace pnn::io {
namespace {

constexpr std::uint64_t largest = std::uint64_t{16} << 30;

/// Reads plain files and gzip files alike.
class Stream {
 public:
  explicit Stream(const std::string& path) : path_(path) {
    const Descriptor file(open_input(path, "fetch it first"));
    struct stat status {};
    if (fstat(file.fd(), &status) == 0 && S_ISREG(status.st_mode))
      most_ = most_unpacked(static_cast<std::uint64_t>(status.st_size));
    const int own = dup(file.fd());
    stream_ = own < 0 ? nullptr : gzdopen(own, "rb");
    if (stream_ != nullptr) return;
    const int number = own < 0 ? errno : ENOMEM;  // zlib does not set errno for it
    if (own >= 0) close(own);
    raise_open_error(path, number, "");
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { gzclose(stream_); }

  /// Bytes that a packed file may be meant to hold; a plain one that is too short is found out by reading it.
  [[nodiscard]] std::uint64_t most() { return gzdirect(stream_) != 0 ? largest : most_; }
  /// Fewer than `count` only at the end.
  std::size_t read(std::uint8_t* bytes, std::size_t count) {
    std::size_t have = 0;
    while (have < count) {
      const auto ask = static_cast<unsigned>(std::min<std::size_t>(count - have, 1U << 30));
      const int got = gzread(stream_, bytes + have, ask);
      if (got < 0) fail();
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    // zlib reports a stream that ends early only here
    int code = Z_OK;
    gzerror(stream_, &code);
    if (code != Z_OK && code != Z_STREAM_END) fail();
    return have;
  }

 private:
  [[noreturn]] void fail() {
    int code = Z_OK;
    const std::string text = gzerror(stream_, &code);
    throw InputError(path_ + ": damaged or truncated gzip data (" +
                     (code == Z_ERRNO ? std::strerror(errno) : text) + "); fetch it again");
  }

  std::string path_;
  gzFile stream_ = nullptr;
  std::uint64_t most_ = largest;
};

std::string hex(std::uint8_t byte) {
  std::array<char, 3> text{};
  std::snprintf(text.data(), text.size(), "%02x", byte);
  return text.data();
}

ValueType type_of(std::uint8_t code, const std::string& path) {
  switch (code) {
    case 0x08:
      return {'u', 1, true};
    case 0x09:
      return {'i', 1, true};
    case 0x0b:
      return {'i', 2, true};
    case 0x0c:
      return {'i', 4, true};
    case 0x0d:
      return {'f', 4, true};
    case 0x0e:
      return {'f', 8, true};
    default:
      throw InputError(path + ": expected IDX type 08, 09, 0b, 0c, 0d or 0e, found " + hex(code));
  }
}

/// Type and shape, as the header declares them; returns the number of bytes that follow.
std::uint64_t read_header(Stream& stream, const std::string& path, StoredArray& idx) {
  std::array<std::uint8_t, 4> head{};
  if (stream.read(head.data(), head.size()) < head.size() || head[0] != 0 || head[1] != 0 || head[2] == 0) {
    throw InputError(path + ": expected an IDX file (plain or .gz), found bytes " + hex(head[0]) + " " +
                     hex(head[1]) + " " + hex(head[2]) + " " + hex(head[3]));
  }
  idx.type = type_of(head[2], path);
  if (head[3] < 1 || head[3] > 4)
    throw InputError(path + ": expected 1 to 4 axes, found " + std::to_string(head[3]));
  idx.shape.resize(head[3]);
  std::uint64_t bytes = idx.type.size;
  for (std::size_t& size : idx.shape) {
    std::array<std::uint8_t, 4> big{};
    if (stream.read(big.data(), big.size()) < big.size())
      throw InputError(path + ": truncated in its header; fetch it again");
    size = std::size_t{big[0]} << 24 | std::size_t{big[1]} << 16 | std::size_t{big[2]} << 8 | big[3];
    // below 2^32 each step, so the product cannot wrap before it is refused
    bytes *= size;
    if (bytes > largest) throw InputError(path + ": declares more than 16 GiB");
  }
  if (bytes > stream.most())
    throw InputError(path + ": declares " + std::to_string(bytes) + " bytes, more than " +
                     std::to_string(largest_compression) +
                     " times what the file holds; if it is meant, unpack it with gunzip");
  return bytes;
}

}  // namespace

StoredArray read_idx(const std::string& path) {
  constexpr std::size_t piece = std::size_t{1} << 22;
  Stream stream(path);
  StoredArray idx;
  const std::size_t expected = read_header(stream, path, idx);
  // in pieces, so that a forged header costs no more memory than the file has bytes
  while (idx.data.size() < expected) {
    stop_if_asked();
    const std::size_t have = idx.data.size(), ask = std::min(piece, expected - have);
    idx.data.resize(have + ask);
    const std::size_t got = stream.read(idx.data.data() + have, ask);
    if (got < ask) {
      throw InputError(path + ": truncated: " + std::to_string(have + got) + " of " +
                       std::to_string(expected) + " bytes; fetch it again");
    }
  }
  std::uint8_t extra = 0;
  if (stream.read(&extra, 1) != 0)
    throw InputError(path + ": more bytes than the " + std::to_string(expected) +
                     " that its header declares");
  return idx;
}

}  // namespace pnn::io
