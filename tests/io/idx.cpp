#include "pnn/io/idx.hpp"

#include <zlib.h>

#include "pnn/core/errors.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

std::string big_endian(std::uint32_t v) {
  return {char(v >> 24U), char(v >> 16U & 0xffU), char(v >> 8U & 0xffU), char(v & 0xffU)};
}

std::string idx_bytes(const std::vector<std::uint32_t>& shape, const std::string& data) {
  std::string bytes{'\0', '\0', '\x08', char(shape.size())};
  for (const std::uint32_t d : shape) bytes += big_endian(d);
  return bytes + data;
}

void put_gzip(const std::string& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(file, bytes.data(), unsigned(bytes.size())) == int(bytes.size()));
  gzclose(file);
}

std::string message_of(const std::string& path) {
  try {
    io::read_idx(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("IDX files are read plain and compressed, row-major") {
  const TemporaryFolder folder;
  const std::string bytes = idx_bytes({2, 1, 3}, "\x01\x02\x03\x04\x05\xff");
  folder.write("a", bytes);
  put_gzip(folder / "a.gz", bytes);
  for (const char* name : {"a", "a.gz"}) {
    const io::StoredArray idx = io::read_idx(folder / name);
    CHECK(idx.shape == std::vector<std::size_t>{2, 1, 3});
    CHECK(idx.data == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 255});
  }
}

TEST_CASE("IDX files whose sizes do not fit are refused") {
  const TemporaryFolder folder;
  const auto refuse = [&](const std::string& bytes) {
    folder.write("x", bytes);
    return message_of(folder / "x");
  };
  CHECK_THAT(message_of(folder / "none"), Contains("no such file"));
  CHECK_THAT(refuse(""), Contains("expected an IDX file"));
  CHECK_THAT(refuse("element,control"), Contains("expected an IDX file"));
  CHECK_THAT(refuse(std::string("\0\0\x0a\x01", 4)),
             Contains("expected IDX type 08, 09, 0b, 0c, 0d or 0e, found 0a"));
  CHECK_THAT(refuse(std::string("\0\0\x08\x00", 4)), Contains("1 to 4 axes, found 0"));
  CHECK_THAT(refuse(std::string("\0\0\x08\x09", 4)), Contains("1 to 4 axes, found 9"));
  CHECK_THAT(refuse(idx_bytes({2, 3}, "12345")), Contains("truncated: 5 of 6 bytes"));
  CHECK_THAT(refuse(idx_bytes({2, 3}, "1234567")), Contains("more bytes than the 6"));
  CHECK_THAT(refuse(idx_bytes({2, 3}, "").substr(0, 9)), Contains("truncated in its header"));
  CHECK_THAT(refuse(idx_bytes({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, "")),
             Contains("more than 16 GiB"));
  // declares 4 GiB: refused for what is missing, without asking for the memory
  CHECK_THAT(refuse(idx_bytes({0xffffffff}, "1234")), Contains("truncated: 4 of 4294967295"));
}

TEST_CASE("damaged and truncated gzip data is refused at every length") {
  const TemporaryFolder folder;
  put_gzip(folder / "a.gz", idx_bytes({300}, std::string(300, 'z')));
  const std::string whole = folder.read("a.gz");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    folder.write("cut.gz", whole.substr(0, length));
    INFO(length << " of " << whole.size());
    CHECK_FALSE(message_of(folder / "cut.gz").empty());
  }
  std::string bytes = whole;
  bytes[whole.size() - 6] ^= 1;  // the checksum of the content
  folder.write("bad.gz", bytes);
  CHECK_THAT(message_of(folder / "bad.gz"), Contains("damaged or truncated gzip data"));
}
