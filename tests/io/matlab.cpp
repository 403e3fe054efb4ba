#include "pnn/io/matlab.hpp"

#include <matio.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using Numbers = std::vector<double>;
using Kind = io::MatlabArray::Kind;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

matvar_t* numbers(const char* name, std::vector<std::size_t> shape, Numbers values) {
  return Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, int(shape.size()), shape.data(), values.data(), 0);
}

/// A file as MATLAB writes it, by libmatio: numbers in a struct in a struct, a matrix, integers, a text,
/// complex numbers and a cell array.
std::string sample(const std::string& path, enum mat_ft version, enum matio_compression packed) {
  const std::unique_ptr<mat_t, int (*)(mat_t*)> file(Mat_CreateVer(path.c_str(), nullptr, version),
                                                     Mat_Close);
  const auto add = [&](matvar_t* variable) {
    REQUIRE(variable != nullptr);
    REQUIRE(Mat_VarWrite(file.get(), variable, packed) == 0);
    Mat_VarFree(variable);
  };
  std::size_t one[] = {1, 1};
  const char* inner_fields[] = {"channel_1", "channel_2"};
  matvar_t* rows = Mat_VarCreateStruct("rows", 2, one, inner_fields, 2);
  Mat_VarSetStructFieldByName(rows, "channel_1", 0, numbers("channel_1", {1, 3}, {-10, -20, -30}));
  Mat_VarSetStructFieldByName(rows, "channel_2", 0, numbers("channel_2", {3, 1}, {1, 2, 3}));
  const char* outer_fields[] = {"rows"};
  matvar_t* test = Mat_VarCreateStruct("testResult", 2, one, outer_fields, 1);
  Mat_VarSetStructFieldByName(test, "rows", 0, rows);
  add(test);
  add(numbers("m", {2, 3}, {1, 2, 3, 4, 5, 6}));
  std::int16_t counts[] = {-1, 300};
  std::size_t two[] = {1, 2};
  add(Mat_VarCreate("counts", MAT_C_INT16, MAT_T_INT16, 2, two, counts, 0));
  char text[] = "ring 1";
  std::size_t letters[] = {1, 6};
  add(Mat_VarCreate("name", MAT_C_CHAR, MAT_T_UTF8, 2, letters, text, 0));
  double re[] = {1, 2}, im[] = {3, 4};
  mat_complex_split_t both{re, im};
  add(Mat_VarCreate("field", MAT_C_DOUBLE, MAT_T_DOUBLE, 2, two, &both, MAT_F_COMPLEX));
  matvar_t* cells[] = {numbers(nullptr, {1, 1}, {1}), numbers(nullptr, {1, 1}, {2})};
  add(Mat_VarCreate("cells", MAT_C_CELL, MAT_T_CELL, 2, two, cells, 0));
  return path;
}

TEST_CASE("arrays of MATLAB files have their names, shapes and values") {
  const test::TemporaryFolder folder;
  struct Form {
    const char* name;
    enum mat_ft version;
    enum matio_compression packed;
  };
  for (const Form& form : {Form{"plain", MAT_FT_MAT5, MAT_COMPRESSION_NONE},
                           {"packed", MAT_FT_MAT5, MAT_COMPRESSION_ZLIB},
                           {"hdf5", MAT_FT_MAT73, MAT_COMPRESSION_NONE},
                           {"hdf5 packed", MAT_FT_MAT73, MAT_COMPRESSION_ZLIB}}) {
    INFO(form.name);
    const std::string bytes = bytes_of(sample(folder / "a.mat", form.version, form.packed));
    REQUIRE(io::is_matlab(bytes));
    const io::MatlabFile file = io::read_matlab(bytes, "a.mat");
    CHECK(file.values("testResult.rows.channel_1") == Numbers{-10, -20, -30});
    CHECK(file.values("testResult.rows.channel_2") == Numbers{1, 2, 3});
    REQUIRE(file.find("m") != nullptr);
    CHECK(file.find("m")->numbers.shape == std::vector<std::size_t>{2, 3});
    CHECK(file.find("m")->numbers.data == Numbers{1, 3, 5, 2, 4, 6});
    CHECK(file.values("m") == Numbers{1, 2, 3, 4, 5, 6});
    CHECK(file.values("counts") == Numbers{-1, 300});
    REQUIRE(file.find("name") != nullptr);
    CHECK(file.find("name")->texts == std::vector<std::string>{"ring 1"});
    CHECK_THAT(test::message_of<InputError>([&] { static_cast<void>(file.values("name")); }),
               Contains("expected real numbers, found text"));
    CHECK_THAT(test::message_of<InputError>([&] { static_cast<void>(file.values("field")); }),
               Contains("complex numbers"));
    CHECK_THAT(test::message_of<InputError>([&] { static_cast<void>(file.values("cells")); }),
               Contains("cell array"));
    CHECK_THAT(test::message_of<InputError>([&] { static_cast<void>(file.values("w")); }),
               Contains("there are: ") && Contains("testResult.rows.channel_1,"));
  }
}

TEST_CASE("MATLAB files that are none, or not whole, are refused") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(io::is_matlab("1500,0.1\n"));
  CHECK_THROWS_AS(io::read_matlab("1500,0.1\n", "a.mat"), InputError);
  for (const enum mat_ft version : {MAT_FT_MAT5, MAT_FT_MAT73}) {
    const std::string bytes = bytes_of(sample(folder / "a.mat", version, MAT_COMPRESSION_NONE));
    for (const std::size_t part : {bytes.size() / 3, bytes.size() / 2, bytes.size() - 8})
      CHECK_THROWS_AS(io::read_matlab(bytes.substr(0, part), "a.mat"), InputError);
  }
}

TEST_CASE("a MATLAB file of any bytes is read or refused, and takes nothing along") {
  const test::TemporaryFolder folder;
  const std::string bytes = bytes_of(sample(folder / "a.mat", MAT_FT_MAT5, MAT_COMPRESSION_NONE));
  int refused = 0;
  for (std::size_t at = 128; at < bytes.size(); at += 61) {
    std::string forged = bytes;
    for (std::size_t k = at; k < std::min(bytes.size(), at + 4); ++k) forged[k] = '\xee';
    try {
      io::read_matlab(forged, "a.mat");
    } catch (const InputError&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
}

}  // namespace
