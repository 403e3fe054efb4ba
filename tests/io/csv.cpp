#include "pnn/io/csv.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Texts = std::vector<std::string>;

std::string message_of(const std::string& text, const std::string& column = "") {
  try {
    const io::Csv csv = io::parse_csv(text, "t.csv");
    if (!column.empty()) static_cast<void>(csv.numbers(column));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a table is read column by column, with the lines that its rows stand on") {
  const io::Csv csv =
      io::parse_csv("# from a bench\n\nelement, current ,weight\r\na,1,-0.5\r\n\nb,2.5e0,+1\n", "t.csv");
  CHECK(csv.header == Texts{"element", "current", "weight"});
  CHECK(csv.rows() == 2);
  CHECK(csv.texts("element") == Texts{"a", "b"});
  CHECK(csv.numbers("current") == std::vector<double>{1, 2.5});
  CHECK(csv.numbers("weight") == std::vector<double>{-0.5, 1});
  CHECK(csv.lines == std::vector<std::size_t>{4, 6});
}

TEST_CASE("quotes keep separators, quotes, blanks and line ends") {
  const io::Csv csv = io::parse_csv("a,b\n\"x,\"\"y\"\"\", \" z \"\n\"one\ntwo\",3\n", "t.csv");
  CHECK(csv.texts("a") == Texts{"x,\"y\"", "one\ntwo"});
  CHECK(csv.texts("b") == Texts{" z ", "3"});
  CHECK(csv.lines == std::vector<std::size_t>{2, 3});
  for (const std::string& text :
       {std::string("x,\"y\""), std::string(" z "), std::string("one\ntwo"), std::string("plain")}) {
    CHECK(io::parse_csv("a\n" + io::csv_cell(text) + "\n", "t.csv").texts("a") == Texts{text});
  }
}

TEST_CASE("semicolons and tabs separate too, and a byte-order mark is no part of a name") {
  CHECK(io::parse_csv("\xef\xbb\xbfx;y\n1,5;2\n", "t.csv").header == Texts{"x", "y"});
  CHECK(io::parse_csv("x\ty\n1\t\n", "t.csv").texts("y") == Texts{""});
}

TEST_CASE("the last line needs no end, and a trailing empty cell counts") {
  CHECK(io::parse_csv("a,b\n1,2", "t.csv").numbers("b") == std::vector<double>{2});
  CHECK(io::parse_csv("a,b\n1,", "t.csv").texts("b") == Texts{""});
}

TEST_CASE("what is wrong in a table is told with its line") {
  CHECK_THAT(message_of(""), Contains("t.csv: expected a table with a header line, found nothing"));
  CHECK_THAT(message_of("# only\n\n"), Contains("found nothing"));
  CHECK_THAT(message_of("a,b\n1,2\n3\n"),
             Contains("t.csv:3: expected 2 columns as in the header line, found 1"));
  CHECK_THAT(message_of("a,a\n"), Contains("\"a\" stands twice"));
  CHECK_THAT(message_of("a,,b\n"), Contains("a column without a name"));
  CHECK_THAT(message_of("a\n\"open\n"), Contains("t.csv:2: a quote that is never closed"));
  CHECK_THAT(message_of("a\n\"x\"y\n"), Contains("found \"y\""));
  CHECK_THAT(message_of(std::string("a\n\0\n", 4)), Contains("binary data"));
  CHECK_THAT(message_of("curent,b\n1,2\n", "current"),
             Contains("no column \"current\"; did you mean \"curent\"?"));
  for (const char* number : {"x", "nan", "inf", "0x10", "1e999", "1 2", ""}) {
    INFO(number);
    CHECK_THAT(message_of(std::string("a,b\n1,1\n") + number + ",1\n", "a"),
               Contains("t.csv:3: column \"a\": expected a number"));
  }
}

TEST_CASE("columns, names and labels are bounded before they are kept") {
  CHECK_THAT(message_of("a" + std::string(2'000'000, ',') + "\n"),
             Contains("t.csv:1: more than 1000000 columns"));
  CHECK_THAT(message_of(std::string(1001, 'a') + ",b\n"), Contains("a column name of 1001 bytes"));
  CHECK_THAT(message_of("a,b\n1" + std::string(3'000'000, ',') + "\n"),
             Contains("t.csv:2: expected 2 columns as in the header line, found 3000001"));
  std::string wide = "a";
  for (int k = 0; k < 1000; ++k) wide += ",a" + std::to_string(k);
  const std::string message = message_of(wide + "\n", "none");
  CHECK(message.size() < 200);
  CHECK_THAT(message, Contains("no column \"none\"") && EndsWith(", a18, …)"));
}

TEST_CASE("no text makes the reader of tables do worse than refuse it") {
  const std::string alphabet = "a1,;\"\n\r\t# .-e\xef\xbb\xbf";
  int read = 0, refused = 0;
  for (std::uint32_t k = 0; k < 5000; ++k) {
    const Stream stream{1, Purpose::test, 1, 0, k};
    std::string text;
    for (std::uint32_t i = 0; i < 1 + below(stream, 0, 40); ++i)
      text += alphabet[below(stream, i + 1, std::uint32_t(alphabet.size()))];
    try {
      const io::Csv csv = io::parse_csv(text, "t.csv");
      for (const auto& name : csv.header) REQUIRE(csv.texts(name).size() == csv.rows());
      ++read;
    } catch (const InputError&) {
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 100);
}
