#include "pnn/io/npy.hpp"

#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "pnn/core/errors.hpp"
#include "pnn/io/table.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using Numbers = std::vector<double>;

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out += char(value >> (8 * k) & 0xffU);
  return out;
}

/// A file as numpy.save writes it (version 1.0: the header is padded to a multiple of 64 bytes).
std::string array(const std::string& descr, const std::string& shape, const std::string& data,
                  const std::string& fortran = "False") {
  std::string header = "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + little(header.size(), 2) + header + data;
}

std::string doubles(const Numbers& values) {
  std::string out;
  for (const double value : values) out += little(std::bit_cast<std::uint64_t>(value), 8);
  return out;
}

std::string texts(const std::vector<std::string>& values, std::size_t letters) {
  std::string out;
  for (const std::string& value : values)
    for (std::size_t k = 0; k < letters; ++k)
      out += little(k < value.size() ? static_cast<unsigned char>(value[k]) : 0, 4);
  return out;
}

/// An archive as numpy.savez writes it, or deflated as numpy.savez_compressed does.
std::string archive(const std::vector<std::pair<std::string, std::string>>& members, bool packed) {
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

}  // namespace

TEST_CASE("an array of NumPy is a table, by rows and by columns, of any type and order of bytes") {
  const Numbers by_rows = {0, -0.5, 1, -0.25, 2.5, std::nan("")};
  for (const std::string& bytes :
       {array("'<f8'", "(3, 2)", doubles(by_rows)),
        array("'<f8'", "(3, 2)", doubles({0, 1, 2.5, -0.5, -0.25, std::nan("")}), "True")}) {
    const io::Table table = io::parse_table(bytes, "t.npy");
    CHECK_FALSE(table.named);
    CHECK(table.numbers(0) == Numbers{0, 1, 2.5});
    CHECK(*table.reading(1, 1) == -0.25);
    CHECK_FALSE(table.reading(1, 2));
  }
  Numbers sweep;
  for (int k = 0; k < 20; ++k) sweep.push_back(k);
  const io::Table turned = io::parse_table(array("'<f8'", "(2, 10)", doubles(sweep)), "t.npy");
  CHECK(turned.rows() == 10);
  CHECK(turned.numbers(1)[3] == 13);
  const io::Table big =
      io::parse_table(array("'>i2'", "(2, 2)", std::string("\xff\xfe\0\1\0\2\1\0", 8)), "t.npy");
  CHECK(big.numbers(0) == Numbers{-2, 2});
  CHECK(big.numbers(1) == Numbers{1, 256});
}

TEST_CASE("a structured array has its fields as columns") {
  const std::string rows = texts({"r1"}, 2) + doubles({0.5, -1}) + texts({"r2"}, 2) + doubles({1.5, 0.25});
  const io::Table table = io::parse_table(
      array("[('element', '<U2'), ('control', '<f8'), ('response', '<f8')]", "(2,)", rows), "t.npy");
  CHECK(table.header == std::vector<std::string>{"element", "control", "response"});
  CHECK(table.texts("element") == std::vector<std::string>{"r1", "r2"});
  CHECK(table.numbers("control") == Numbers{0.5, 1.5});
}

TEST_CASE("the arrays of an archive are columns, and those of another length are told") {
  for (const bool packed : {false, true}) {
    const io::Table table =
        io::parse_table(archive({{"control", array("'<f8'", "(3,)", doubles({0, 1, 2}))},
                                 {"temperature", array("'<f8'", "(3,)", doubles({22, 22, 23}))},
                                 {"response", array("'<f8'", "(2, 3)", doubles({1, 2, 3, 4, 5, 6}))},
                                 {"rings", array("'<U2'", "(2,)", texts({"r7", "r8"}, 2))},
                                 {"laser", array("'<f8'", "()", doubles({1550}))}},
                                packed),
                        "t.npz");
    CHECK(table.header == std::vector<std::string>{"control", "temperature", "r7", "r8"});
    CHECK(table.numbers("r8") == Numbers{4, 5, 6});
    REQUIRE(table.notes.size() == 1);
    CHECK(table.notes[0].text == "1 array is no column: laser");
  }
}

TEST_CASE("damaged arrays are refused") {
  const auto refusal = [](const std::string& bytes) {
    return test::message_of<InputError>([&] { io::parse_table(bytes, "t.npy"); });
  };
  const std::string good = array("'<f8'", "(3, 2)", doubles({0, 1, 2, 3, 4, 5}));
  const std::string both = archive({{"a", good}}, true);
  for (std::size_t size = 6; size < good.size(); ++size) CHECK_FALSE(refusal(good.substr(0, size)).empty());
  for (std::size_t size = 4; size + 2 < both.size(); ++size)
    CHECK_FALSE(refusal(both.substr(0, size)).empty());
  CHECK_THAT(refusal(array("'<c16'", "(1, 1)", doubles({0, 1}))), Contains("expected numbers or texts"));
  CHECK_THAT(refusal(array("'<f8'", "(99999, 99999)", "")), Contains("more than"));
  CHECK_THAT(refusal(array("'<f8'", "(2, 2, 2)", doubles(Numbers(8)))), Contains("3 axes"));
}

TEST_CASE("the only matrix of an archive is its table") {
  const io::Table table =
      io::parse_table(archive({{"sweep", array("'<f8'", "(3, 2)", doubles({0, 5, 1, 6, 2, 7}))},
                               {"laser", array("'<f8'", "()", doubles({1550}))}},
                              false),
                      "t.npz");
  CHECK_FALSE(table.named);
  CHECK(table.numbers(1) == Numbers{5, 6, 7});
  REQUIRE_FALSE(table.notes.empty());
  CHECK(table.notes[0].text == "1 array is no column: laser");
  CHECK_THAT(test::message_of<InputError>([&] {
               io::parse_table(archive({{"laser", array("'<f8'", "()", doubles({1550}))}}, false), "t.npz");
             }),
             Contains("t.npz: no table in these arrays: laser"));
}
