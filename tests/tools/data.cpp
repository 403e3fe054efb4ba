// Data sets as they are published, through pnn-data to a training.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

std::string big_endian(unsigned value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += char(value >> unsigned(shift) & 0xffU);
  return bytes;
}
std::string idx(char type, const std::vector<unsigned>& shape, const std::string& values) {
  std::string bytes{'\0', '\0', type, char(shape.size())};
  for (const unsigned size : shape) bytes += big_endian(size);
  return bytes + values;
}

/// A table of three classes, of which columns a and b tell nothing.
std::string flowers(int rows) {
  std::string text = "Id,a,b,Species\n";
  for (int k = 0; k < rows; ++k)
    text += std::to_string(k + 1) + "," + std::to_string(0.25 * (k * 7 % 13)) + "," +
            std::to_string(0.5 * (k * k % 11)) + "," + std::string(1, char('a' + 3 * k / rows)) + "\n";
  return text;
}

}  // namespace

TEST_CASE("letters as EMNIST has them train a network of 26 outputs, with labels of any type") {
  Shell s;
  std::string pixels, bytes, longs, colours;
  for (unsigned k = 0; k < 104; ++k) {
    const unsigned letter = 1 + k % 26;
    for (unsigned p = 0; p < 64; ++p) pixels += char(p == 2 * letter ? 255 : 0);
    bytes += char(letter), longs += big_endian(letter);
  }
  for (unsigned k = 0; k < 8 * 8 * 6 * 3; ++k) colours += char(k % 251);
  s.write("images", idx(8, {104, 8, 8}, pixels));
  s.write("labels", idx(8, {104}, bytes));
  s.write("labels-int32", idx(12, {104}, longs));
  s.write("colours", idx(8, {8, 8, 6, 3}, colours));
  s.write("eight", idx(8, {8}, bytes.substr(0, 8)));
  REQUIRE(s.run("pnn-data idx --train-images images --train-labels labels -o l.h5") == 0);
  CHECK_THAT(s.out(), Contains("26 classes (1, 2, 3") && Contains("0..255 to 0..1"));
  REQUIRE(s.run("pnn-fit --model nominal --inputs 1x8x8 --layer mrr:out=26 -q -o m.h5 && "
                "pnn-train m.h5 --data l.h5 --epochs 1 -q -o p.h5") == 0);
  REQUIRE(s.run("pnn-data idx --train-images images --train-labels labels-int32 -o n.h5 && "
                "pnn-info l.h5 --csv /train/y > l.csv && pnn-info n.h5 --csv /train/y | cmp - l.csv") == 0);
  REQUIRE(s.run("pnn-data idx --train-images colours --train-labels eight -o c.h5") == 0);
  CHECK_THAT(s.out(), Contains("inputs 3x8x6"));
  CHECK_THAT(s.err(), Contains("taken for the 3 colours"));
  REQUIRE(s.run("pnn-data idx --train-images colours --train-labels eight --axes nhwc --transpose -o c.h5") ==
          0);
  CHECK_THAT(s.out(), Contains("inputs 3x6x8"));
}

TEST_CASE("a table's number of the sample is refused, and without it the classes are not known") {
  Shell s;
  s.write("t.csv", flowers(150));
  CHECK(s.run("pnn-data csv t.csv --label-column Species -o n.h5") == 2);
  CHECK_THAT(s.err(), Contains("\"Id\" numbers the samples") && Contains("--ignore 'Id'"));
  CHECK_FALSE(s.exists("n.h5"));
  REQUIRE(s.run("pnn-data csv t.csv --label-column Species --ignore Id -o n.h5") == 0);
  CHECK_THAT(s.out(), Contains("inputs 2, 3 classes (a, b, c)"));
  CHECK_THAT(s.err(), Contains("1 column is ignored: Id"));
  CHECK(s.run("pnn-data csv t.csv --label-column b -o x.h5") == 2);
}

TEST_CASE("tables with an index, pixels, labels of two spellings, gaps and a test set of their own") {
  Shell s;
  std::string pandas = ",a,label\n", pixels = "label", mixed = "a,label\n", gaps = "a,b,label\n";
  for (int p = 0; p < 64; ++p) pixels += ",pixel" + std::to_string(p);
  pixels += "\n";
  for (int k = 0; k < 30; ++k) {
    const std::string value = std::to_string(0.5 * (k * 7 % 11)), label = std::to_string(k % 2);
    pandas += std::to_string(k) + "," + value + "," + label + "\n";
    mixed += value + "," + (k % 3 == 1 ? "1.0" : label) + "\n";
    gaps += value + "," + (k == 5 ? "" : value) + "," + label + "\n";
    pixels += label;
    for (int p = 0; p < 64; ++p) pixels += p == k ? ",200" : ",0";
    pixels += "\n";
  }
  s.write("pandas.csv", pandas), s.write("pixels.csv", pixels), s.write("mixed.csv", mixed);
  s.write("gaps.csv", gaps);
  REQUIRE(s.run("pnn-data csv pandas.csv -o x.h5") == 0);
  CHECK_THAT(s.out(), Contains("inputs 1, 2 classes"));
  CHECK(s.run("pnn-data csv pixels.csv --pool 2 -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("--shape HxW"));
  REQUIRE(s.run("pnn-data csv pixels.csv --shape 8x8 --pool 2 --test pixels.csv --json -o x.h5") == 0);
  CHECK_THAT(s.out(), Contains("\"inputs\":\"1x4x4\"") || Contains("\"inputs\": \"1x4x4\""));
  CHECK_THAT(s.out(), Contains("common range in training"));
  REQUIRE(s.run("pnn-data csv pixels.csv --shape 8x8 --fft-crop 4 -o x.h5") == 0);
  CHECK_THAT(s.out(), Contains("inputs 16c"));
  REQUIRE(s.run("pnn-data csv mixed.csv -o x.h5") == 0);
  CHECK_THAT(s.out(), Contains("2 classes (0, 1)"));
  CHECK_THAT(s.err(), Contains("the labels 1, 1.0 are one class"));
  CHECK(s.run("pnn-data csv gaps.csv -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("gaps.csv:7: 1 value is missing") && Contains("--missing mean"));
  REQUIRE(s.run("pnn-data csv gaps.csv --missing mean -q -o x.h5 && pnn-info x.h5 --validate") == 0);
  CHECK_THAT(s.err(), Contains("replaced by the mean"));
  CHECK(s.run("pnn-data csv mixed.csv --test mixed.csv --test-fraction 0.1 -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("--test-fraction: acts on nothing here"));
  CHECK_FALSE(s.exists("y.h5"));
}

TEST_CASE("columns and samples that may not be what they seem are told") {
  Shell s;
  std::string head = "time,a_re,a_im,label\n", pairs = "a_re,b_im,b_re,a_im,label\n", text = head, more,
              other;
  for (int k = 0; k < 40; ++k) {
    const std::string a = std::to_string(0.5 * (k * 7 % 11)), b = std::to_string(0.25 * (k * 5 % 13)),
                      label = "," + std::to_string(k % 2) + "\n";
    text += std::to_string(0.013 * k + 0.001 * (k % 3)) + "," + a + "," + b + label;
    pairs += a + "," + b + "," + b + "," + a + label;
    if (k % 4 == 0) more += "0.1," + a + "," + b + ",9" + label;
    if (k % 4 == 1) other += "-1," + a + "," + b + label;
  }
  s.write("t.csv", text), s.write("pairs.csv", pairs);
  s.write("more.csv", "time,a_re,a_im,extra,label\n" + more), s.write("other.csv", head + other);
  REQUIRE(s.run("pnn-data csv t.csv -o x.h5") == 0);
  CHECK_THAT(s.err(), Contains("the column \"time\" rises or falls from each row to the next") &&
                          Contains("--ignore 'time'") && !Contains("\"a_re\"") && !Contains("--complex"));
  REQUIRE(s.run("pnn-data csv t.csv --ignore time -o x.h5") == 0);
  CHECK_THAT(s.err(), Contains("the columns are pairs as \"a_re\" and \"a_im\"") && !Contains("rises"));
  REQUIRE(s.run("pnn-data csv pairs.csv --complex -o x.h5") == 0);
  CHECK_THAT(s.err(), !Contains("--complex"));
  REQUIRE(s.run("pnn-data csv t.csv --test more.csv -o x.h5") == 0);
  CHECK_THAT(s.err(), Contains("more.csv: columns that t.csv does not have are ignored: extra"));
  CHECK_THAT(s.err(), !Contains("of a training sample"));  // the time is another
  REQUIRE(s.run("pnn-data csv t.csv --ignore time --test more.csv -o x.h5") == 0);
  CHECK_THAT(s.err(), Contains("10 of the 10 test samples have the values of a training sample"));
  REQUIRE(s.run("pnn-data csv t.csv --test other.csv -o x.h5") == 0);
  CHECK_THAT(s.err(), !Contains("of a training sample"));
  CHECK(s.run("pnn-data csv t.csv --ignore label -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("--ignore label: this is the column of the labels"));
}

TEST_CASE("amplitudes in columns train a mesh that takes fields") {
  Shell s;
  // four amplitudes, of which the class sets the phases
  std::string vowels = "label";
  for (int f = 0; f < 4; ++f) vowels += ",f" + std::to_string(f) + "_re,f" + std::to_string(f) + "_im";
  vowels += "\n";
  for (int k = 0; k < 60; ++k) {
    vowels += "v" + std::to_string(k % 3);
    for (int f = 0; f < 4; ++f) {
      const double phase = 0.1 * (k * 7 % 13) + 2.1 * (f + 1) * (k % 3);
      vowels += "," + std::to_string(std::cos(phase)) + "," + std::to_string(std::sin(phase));
    }
    vowels += "\n";
  }
  s.write("vowels.csv", vowels);
  REQUIRE(s.run("pnn-data csv vowels.csv --complex --normalize power -o v.h5") == 0);
  CHECK_THAT(s.out(), Contains("inputs 4c, 3 classes (v0, v1, v2); each sample of unit power"));
  REQUIRE(s.run("pnn-fit --model nominal --inputs 4c --layer mzi:modes=4,keep=3 -q -o m.h5") == 0);
  CHECK(s.run("pnn-train m.h5 --data v.h5 --epochs 2 -q -o p.h5") == 0);
}

TEST_CASE("options of another source of data are refused") {
  Shell s;
  for (const std::string options :
       {"--ignore a", "--features a", "--missing drop", "--complex", "--axes nhwc", "--transpose",
        "--array x_train=a", "--test pnn.csv", "--label-column x", "--dir d", "--train-images i"}) {
    INFO(options);
    s.write("pnn.csv", "a,label\n1,2\n");
    CHECK(s.run("pnn-data iris " + options + " -o x.h5") == 2);
    CHECK_THAT(s.err(), Contains("acts on nothing here; it is about pnn-data") || Contains("no such file") ||
                            Contains("--transpose: the samples are 4 features"));
  }
}
