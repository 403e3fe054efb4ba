#include "pnn/io/column_table.hpp"

#include <cmath>
#include <limits>

#include "pnn/io/matlab.hpp"
#include "pnn/io/table.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using io::Column;
using Numbers = std::vector<double>;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

io::ColumnTable sample() {
  io::ColumnTable table;
  table.add("ring", Column::Kind::text).texts = {"a,1",
                                                 "\xc2\xb5"
                                                 "2"};
  table.add("row", Column::Kind::whole).numbers = {0, 3};
  table.add("heat", Column::Kind::real64, "mW").numbers = {0.1, none};
  table.add("weight", Column::Kind::real32).numbers = {double(0.1F), -0.5};
  return table;
}

}  // namespace

TEST_CASE("a table is written as CSV and JSON with names, units and the shortest numbers") {
  CHECK(io::csv_of(sample()) ==
        "ring,row,heat (mW),weight\n\"a,1\",0,0.1,0.1\n\xc2\xb5"
        "2,3,,-0.5\n");
  CHECK(io::json_of(sample()) ==
        "[\n {\"ring\": \"a,1\", \"row\": 0, \"heat (mW)\": 0.1, \"weight\": 0.1},\n"
        " {\"ring\": \"\xc2\xb5"
        "2\", \"row\": 3, \"weight\": -0.5}\n]\n");
}

TEST_CASE("a table that is written for NumPy and MATLAB reads back as the same columns") {
  const io::Table numpy = io::parse_table(io::npz_of(sample()), "t.npz");
  CHECK(numpy.header == std::vector<std::string>{"ring", "row", "heat (mW)", "weight"});
  CHECK(numpy.texts("ring") == sample().columns[0].texts);
  CHECK(numpy.numbers("row") == Numbers{0, 3});
  CHECK(*numpy.reading(2, 0) == 0.1);
  CHECK_FALSE(numpy.reading(2, 1));
  CHECK(numpy.numbers("weight") == Numbers{double(0.1F), -0.5});

  const std::string bytes = io::matlab_of(sample());
  CHECK(bytes == io::matlab_of(sample()));  // no time in it
  const io::MatlabFile matlab = io::read_matlab(bytes, "t.mat");
  REQUIRE(matlab.find("ring") != nullptr);
  CHECK(matlab.find("ring")->texts == sample().columns[0].texts);
  CHECK(matlab.values("row") == Numbers{0, 3});
  CHECK(matlab.values("heat_mW")[0] == 0.1);
  CHECK(std::isnan(matlab.values("heat_mW")[1]));
  CHECK(matlab.values("weight") == Numbers{double(0.1F), -0.5});
}

TEST_CASE("tables one below the other keep all columns, and differing units in a column of their own") {
  io::ColumnTable table = sample(), other;
  other.add("heat", Column::Kind::real64, "uW").numbers = {7};
  other.add("mask", Column::Kind::whole).numbers = {2};
  table.append(other);
  CHECK(io::csv_of(table) ==
        "ring,row,heat,weight,heat unit,mask\n\"a,1\",0,0.1,0.1,mW,\n\xc2\xb5"
        "2,3,,-0.5,mW,\n,,7,,uW,2\n");
}
