// Tables for a person, objects for a program, and durations in words.
#include <limits>

#include "pnn/cli/terminal.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"

using namespace pnn;

TEST_CASE("a table aligns words to the left, numbers to the right, and knows wide characters") {
  cli::Report report;
  report.headline("2 methods");
  report.columns({"method", "σ", "chips"});
  report.row({"bp", "0.5", "3 of 20"});
  report.row({"naïve-sat", "-12.25", "all"});
  CHECK(report.text() ==
        "2 methods\n"
        "method          σ  chips\n"
        "bp            0.5  3 of 20\n"
        "naïve-sat  -12.25  all\n");
}

TEST_CASE("a further table stands below an empty line, with headlines and columns of its own") {
  cli::Report report;
  report.headline("first");
  report.columns({"a", "b"});
  report.row({"1", "2"});
  report.next_table();
  report.headline("second");
  report.columns({"longer"});
  report.row({"3"});
  CHECK(report.text() == "first\na  b\n1  2\n\nsecond\nlonger\n     3\n");
}

TEST_CASE("an empty report prints nothing and is an empty object") {
  CHECK(cli::Report().text().empty());
  CHECK(cli::Report().json_object() == "{}\n");
}

TEST_CASE("an object keeps the order of its members and replaces one that is named again") {
  cli::Report report;
  report.value("z", 0.1);
  report.value("a", std::int64_t{3});
  report.value("text", "a \"word\"\n");
  report.value("list", std::vector<double>{1.5, std::numeric_limits<double>::quiet_NaN()});
  report.value("names", std::vector<std::string>{"x", "y"});
  report.json("inner", R"({"b": 1, "a": [true]})");
  report.value("z", 0.2);
  CHECK(
      report.json_object() ==
      R"({"z": 0.2, "a": 3, "text": "a \"word\"\n", "list": [1.5,null], "names": ["x","y"], "inner": {"b":1,"a":[true]}})"
      "\n");
}

TEST_CASE("a member that is not JSON is a bug of ours") {
  cli::Report report;
  CHECK_THROWS_AS(report.json("x", "{\"a\": }"), InternalError);
}

TEST_CASE("text that is not UTF-8 still makes an object") {
  cli::Report report;
  report.value("path", std::string("a\xff.h5"));
  CHECK(report.json_object() == "{\"path\": \"a\xEF\xBF\xBD.h5\"}\n");
}

TEST_CASE("durations are told in the unit that fits them") {
  CHECK(cli::format_duration(0.04) == "0.0 s");
  CHECK(cli::format_duration(0.44) == "0.4 s");
  CHECK(cli::format_duration(9.96) == "10 s");
  CHECK(cli::format_duration(41.2) == "41 s");
  CHECK(cli::format_duration(59.7) == "1 min 0 s");
  CHECK(cli::format_duration(200) == "3 min 20 s");
  CHECK(cli::format_duration(7500) == "2 h 5 min");
}
