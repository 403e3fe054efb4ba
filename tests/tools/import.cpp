// Tables of curves as laboratories bring them, from the import to a model, through the tools.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

/// The weight of a ring with its resonance at 4.15 mA.
double weight_at(double current_ma) {
  const double detuning = 0.0625 * 0.5 * (4.15 * 4.15 - current_ma * current_ma);
  return -0.98 + 1.95 / (1 + detuning * detuning / (0.15 * 0.15));
}

/// Rows "name,control,response" of 40 currents; reading number 30 of each element is `bad` as it stands.
std::string rows(const std::string& name, double control_unit, const std::string& bad = "") {
  std::string text;
  for (int k = 0; k < 40; ++k) {
    const double current = 5.2 * k / 39;
    text += name + "," + std::to_string(control_unit * current) + "," +
            (k == 30 && !bad.empty() ? bad : std::to_string(weight_at(current))) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("elements whose names begin with # or have letters of Windows are measured as all others") {
  Shell s;
  s.write("names.csv",
          "element,control,response\n" + rows("#1", 1) + rows("#2", 1) + rows("Ring 25\xb5m-0\xb0", 1));
  REQUIRE(s.run("pnn-characterize --import names.csv --json -o c.h5") == 0);
  CHECK_THAT(s.out(), Contains("\"#1\"") && Contains("\"#2\"") && Contains("Ring 25\xc2\xb5m-0\xc2\xb0"));
  CHECK_THAT(s.err(), Contains("read as Windows-1252"));
  CHECK(s.run("pnn-info c.h5 --validate") == 0);
}

TEST_CASE("a reading that is none costs one row, whatever the instrument writes for it") {
  Shell s;
  for (const std::string bad : {"9.91E+37", "-199.999E+99", "NaN", "\"\"", "OVLD"}) {
    INFO(bad);
    s.write("t.csv", "element,control,response\n" + rows("a", 1, bad));
    REQUIRE(s.run("pnn-characterize --import t.csv -q -o c.h5") == 0);
    CHECK_THAT(s.err(), Contains("1 row was left out (the first: line 32)"));
    for (const char* model : {"airy", "lorentzian", "spline"})
      CHECK(s.run(std::string("pnn-fit c.h5 -q -o m.h5 --model ") + model) == 0);
  }
}

TEST_CASE("a control in volts is refused until it is said, and then trains what currents do") {
  Shell s;
  s.write("volts.csv", "element,control,response\n" + rows("a", 0.5));
  CHECK(s.run("pnn-characterize --import volts.csv -q -o c.h5") == 2);
  CHECK_THAT(s.err(), Contains("say --unit control=V"));
  REQUIRE(s.run("pnn-characterize --import volts.csv --unit control=V -o c.h5") == 0);
  CHECK_THAT(s.err(), Contains("through mrr.resistance (500 ohm)"));
  CHECK(s.run("pnn-characterize --import volts.csv --unit control=V --set mrr.resistance=1000 -q -o d.h5") ==
        0);
  CHECK(s.run("pnn-characterize --import volts.csv --unit control=V --set temperature=20 -q -o d.h5") == 2);
}

TEST_CASE("a stated unit that the range cannot have is refused on both sides") {
  Shell s;
  s.write("t.csv", "element,control,response\n" + rows("a", 1));
  CHECK(s.run("pnn-characterize --import t.csv --unit control=uA -q -o c.h5") == 2);
  CHECK_THAT(s.err(), Contains("controls reach 0.0052 mA, where the process expects 5.2"));
  CHECK(s.run("pnn-characterize --import t.csv --unit control=A -q -o c.h5") == 2);
  CHECK(s.run("pnn-characterize --import t.csv --unit control=mA,response=degC -q -o c.h5") == 2);
  CHECK_THAT(s.err(), Contains("a response is no temperature"));
  CHECK_FALSE(s.exists("c.h5"));
}

TEST_CASE("an element that one device lacks is missing, whatever the others have") {
  Shell s;
  const std::string network = " --inputs 2 --layer mrr:out=1 ";
  const auto of_device = [](const std::string& device, const std::string& text) {
    std::string out;
    for (std::size_t at = 0, end; at < text.size(); at = end + 1)
      end = text.find('\n', at), out += device + "," + text.substr(at, end - at) + "\n";
    return out;
  };
  const std::string both = rows("row 0 col 0", 1) + rows("row 0 col 1", 1);
  for (const auto& [first, second] :
       {std::pair(both, rows("row 0 col 0", 1)), std::pair(rows("row 0 col 0", 1), both)}) {
    s.write("t.csv",
            "device,element,control (mA),response\n" + of_device("A", first) + of_device("B", second));
    CHECK(s.run("pnn-characterize --import t.csv -q -o c.h5" + network) == 2);
    CHECK_THAT(s.err(), Contains("1 of the 2 elements that the network needs have no curve (row 0 col 1)"));
  }
  s.write("t.csv", "device,element,control (mA),response\n" + of_device("A", both) + of_device("B", both));
  CHECK(s.run("pnn-characterize --import t.csv -q -o c.h5" + network) == 0);
}

TEST_CASE("the way from a table to a network is one that the messages show") {
  Shell s;
  const std::string network = " --inputs 2 --layer mrr:out=2 ";
  s.write("foreign.csv", "element,control (mA),response\n" + rows("a", 1) + rows("b", 1));
  REQUIRE(s.run("pnn-characterize --import foreign.csv -q -o c.h5") == 0);
  CHECK(s.run("pnn-fit c.h5 -o m.h5" + network) == 2);
  CHECK_THAT(s.err(), Contains("names like \"row 0 col 0\"") && Contains("--repeat-elements"));
  REQUIRE(s.run("pnn-fit c.h5 --repeat-elements -o m.h5" + network) == 0);
  CHECK_THAT(s.err(), Contains("2 measured elements stand in turn"));
  s.write("own.csv", "row,col,control (mA),response\n" + rows("0,0", 1) + rows("1,0", 1) + rows("1,1", 1));
  CHECK(s.run("pnn-characterize --import own.csv -o c.h5" + network) == 2);
  CHECK_THAT(s.err(), Contains("1 of the 4 elements that the network needs have no curve (row 0 col 1)"));
  REQUIRE(s.run("pnn-characterize --import own.csv --missing mean -q -o c.h5" + network) == 0);
  CHECK(s.run("pnn-fit c.h5 -o m.h5") == 2);
  REQUIRE(s.run("pnn-fit c.h5 --missing mean -o m.h5") == 0);
  CHECK_THAT(s.out(), Contains("it has no curve): the mean of the measured ones taken"));
  CHECK(s.run("pnn-fit c.h5 --repeat-elements --missing mean -o m.h5") == 2);
  CHECK(s.run("pnn-characterize m.h5 --unit control=V -o c.h5") == 2);
}
