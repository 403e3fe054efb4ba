#include "pnn/core/text.hpp"

#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"

using namespace pnn;

TEST_CASE("a number's text reads back to the same bits") {
  // neighbours of round values and the ends of the type are where shortest forms go wrong
  for (double value : {0.1, 1.0 / 3, 22.0, 1e-5, 5.2, std::nextafter(0.3, 1.0), std::nextafter(1e22, 0.0),
                       std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(), -0.0}) {
    const double back = parse_number(format_number(value), "x");
    CHECK(back == value);
    CHECK(std::signbit(back) == std::signbit(value));
  }
  CHECK(format_number(0.1) == "0.1");
  CHECK(format_number(1e-5) == "1e-05");
  CHECK(format_number(22) == "22");
}

TEST_CASE("short numbers keep the significant digits asked for") {
  CHECK(format_short(0.123456) == "0.1235");
  CHECK(format_short(-51.26, 3) == "-51.3");
  CHECK(format_short(100, 3) == "100");
}

TEST_CASE("only finite decimal numbers are numbers") {
  for (const char* text : {"nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "0x10", "0x1p3", "", " ", "-",
                           "+", "1.5x", "1,5", "1 2", "+-1", "--1", "1e", "true"}) {
    INFO(text);
    CHECK_FALSE(read_number(text));
    CHECK_THROWS_AS(parse_number(text, "x"), UsageError);
  }
  CHECK(read_number(" +1.5e3 ") == 1500.0);
  CHECK(read_number("-.5") == -0.5);
  CHECK_THROWS_WITH(parse_number("abc", "file.csv:3"), "file.csv:3: expected a finite number, found \"abc\"");
}

TEST_CASE("only whole decimal integers are integers") {
  for (const char* text : {"1.0", "1e3", "0x10", "", "9223372036854775808", "1a", "1 2"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_integer(text, "x"), UsageError);
  }
  CHECK(parse_integer("-9223372036854775808", "x") == std::numeric_limits<std::int64_t>::min());
  CHECK(parse_integer("+7", "x") == 7);
}

TEST_CASE("a range includes its stop and lands on the decimals that a reader expects") {
  CHECK(parse_range("0:1:0.1", "x") ==
        std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1});
  CHECK(parse_range("-0.3:0.3:0.1", "x") == std::vector<double>{-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3});
  CHECK(parse_range("22:19:-1.5", "x") == std::vector<double>{22, 20.5, 19});
  CHECK(parse_range("0:1:0.4", "x") == std::vector<double>{0, 0.4, 0.8});
  CHECK(parse_range("3:3:1", "x") == std::vector<double>{3});
  CHECK(parse_range("21,22.5, 23", "x") == std::vector<double>{21, 22.5, 23});
  CHECK(parse_range("1:100000:1", "x").size() == 100000);
}

TEST_CASE("a range that leads nowhere, or is too long, is refused") {
  for (const char* text : {"0:1", "0:1:0", "0:1:-0.1", "1:0:0.1", "0:1:0.1:2", "a:1:2", "", "1,,2", "1,",
                           "0:1e9:1", "0:1:nan", "0:1:1e-300"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_range(text, "x"), UsageError);
  }
  CHECK_THROWS_WITH(parse_range("1:0:1", "--vary"),
                    "--vary: expected a step that leads from start to stop, found \"1:0:1\"");
}

TEST_CASE("splitting and joining undo each other") {
  for (const char* text : {"", "a", "a,b", ",", "a,,b,"}) CHECK(join(split(text, ','), ",") == text);
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(split("", ',').size() == 1);
  CHECK(trim("\t a b \r\n") == "a b");
  CHECK(trim(" \n ").empty());
}

TEST_CASE("a mistyped word finds its neighbour and a foreign one finds none") {
  const std::vector<std::string> known{"learning-rate", "epochs", "batch", "lr", "temperature"};
  CHECK(nearest_word("leraning-rate", known) == "learning-rate");
  CHECK(nearest_word("epoch", known) == "epochs");
  CHECK(nearest_word("bacth", known) == "batch");
  CHECK(nearest_word("temp", known) == "temperature");
  CHECK(nearest_word("zzz", known).empty());
  CHECK(nearest_word("x", known).empty());
  CHECK(nearest_word("", known).empty());
  const std::vector<std::string> abbreviated{"lr", "epochs"};
  CHECK(nearest_word("leraning-rate", abbreviated) == "lr");
  CHECK(did_you_mean("epoch", known) == "; did you mean \"epochs\"?");
  CHECK(did_you_mean("zzz", known).empty());
}
