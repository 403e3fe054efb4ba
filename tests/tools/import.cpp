// Tables of curves as laboratories bring them, from the import to a model, through the tools.
#include <cmath>

#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using test::Shell;

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
  REQUIRE(s.run("pnn-fit c.h5 -o m.h5") == 0);  // the file knows it
  CHECK_THAT(s.out(), Contains("it has no curve): the mean of the measured ones taken"));
  REQUIRE(s.run("pnn-fit c.h5 --missing design -o m.h5") == 0);
  CHECK_THAT(s.out(), Contains("it has no curve): design values taken"));
  CHECK(s.run("pnn-fit c.h5 --missing refuse -o m.h5") == 2);
  CHECK(s.run("pnn-fit c.h5 --model nominal --missing mean -o m.h5") == 2);
  CHECK_THAT(s.err(), Contains("--missing: acts on nothing here; design values need no curve"));
  CHECK(s.run("pnn-fit c.h5 --repeat-elements --missing mean -o m.h5") == 2);
  CHECK(s.run("pnn-characterize m.h5 --unit control=V -o c.h5") == 2);
}

TEST_CASE("what an import assumed and left out is in its file, also under -q") {
  Shell s;
  s.write("t.csv", "Setup: bench 3\nUnit: mW\nelement,current,response\n" + rows("a", 1) + "a,NaN,1\n");
  REQUIRE(s.run("pnn-characterize --import t.csv -q -o c.h5") == 0);
  REQUIRE(s.run("pnn-info c.h5") == 0);
  CHECK_THAT(s.out(), Contains("of the import: the column \"current\" does not say its unit: taken as mA"));
  CHECK_THAT(s.out(), Contains("speaks of a unit and is passed over: \"Unit: mW\""));
  CHECK_THAT(s.out(), Contains("1 row was left out"));
}

TEST_CASE("an element that stands twice in one table is told") {
  Shell s;
  s.write("t.csv", "element,control (mA),response\n" + rows("a", 1) + rows("b", 1) + rows("a", 1));
  REQUIRE(s.run("pnn-characterize --import t.csv -o c.h5") == 0);
  CHECK_THAT(s.err(),
             Contains("readings are of an element, a control and a temperature that were read before"));
  s.write("t.csv", "element,control (mA),response\n" + rows("a", 1) + rows("b", 1));
  REQUIRE(s.run("pnn-characterize --import t.csv -o c.h5") == 0);
  CHECK_THAT(s.err(), !Contains("read before"));
}

TEST_CASE("rows and columns that count from 1 are told, and none is shifted in silence") {
  Shell s;
  const std::string header = "row,col,control (mA),response\n";
  s.write("from1.csv", header + rows("1,1", 1) + rows("1,2", 1) + rows("2,1", 1) + rows("2,2", 1));
  // all four are elements of a network with three rows and columns too, without its first of each
  for (const std::string missing : {"refuse", "design", "mean"}) {
    CHECK(s.run("pnn-characterize --import from1.csv --missing " + missing +
                " -q -o c.h5 --inputs 2 --layer mrr:out=2") == 2);
    CHECK_THAT(s.err(), Contains("counted from 1 4 of 4 measured elements would be what the network needs, "
                                 "where as they are 1 are"));
  }
  REQUIRE(
      s.run("pnn-characterize --import from1.csv --missing design -o c.h5 --inputs 3 --layer mrr:out=3") ==
      0);
  CHECK_THAT(s.err(), Contains("no measured element has a row or a column 0"));
  s.write("from0.csv", header + rows("0,0", 1) + rows("0,1", 1) + rows("1,0", 1) + rows("1,1", 1));
  REQUIRE(s.run("pnn-characterize --import from0.csv -o c.h5 --inputs 2 --layer mrr:out=2") == 0);
  CHECK_THAT(s.err(), !Contains("count"));
}

TEST_CASE("a channel that a map sends to two elements is refused") {
  Shell s;
  s.write("t.csv", "channel,control (mA),response\n" + rows("CH1", 1) + rows("CH2", 1));
  s.write("map.csv", "channel,row,col\nCH1,0,0\nCH2,0,1\nch 1,0,1\n");
  CHECK(s.run("pnn-characterize --import t.csv --element-map map.csv -o c.h5 --inputs 2 --layer mrr:out=1") ==
        2);
  CHECK_THAT(s.err(), Contains("--element-map: ch 1 is sent to row 0 col 0 and to row 0 col 1"));
}

TEST_CASE("elements that several chips have are told in one sentence") {
  Shell s;
  const std::string network = " --inputs 4 --layer mzi:modes=4 --layer mzi:modes=4 ";
  REQUIRE(s.run("pnn-fabricate" + network + "--count 1 -q -o chip.h5") == 0);
  REQUIRE(s.run("pnn-characterize chip.h5 --points 9 --averages 1 -q -o c.h5") == 0);
  REQUIRE(s.run("pnn-info --csv /curves/mzi1/elements c.h5") == 0);
  const std::string name = s.out().substr(0, s.out().find_last_not_of('\n') + 1);
  INFO(name);
  const std::string last = name.substr(name.find_last_of(",\n") + 1);
  s.write("t.csv", "element,control (mA),response\n" + rows(last, 1));
  CHECK(s.run("pnn-characterize --import t.csv --platform mzi -o c2.h5" + network) == 2);
  CHECK_THAT(s.err(), Contains("1 element (" + last + ") is on up to 2 chips of the network"));
  CHECK_THAT(s.err(), Contains("mzi1 " + last));
}

TEST_CASE("a table in a file of MATLAB is that in CSV, from arrays, from a struct and from a matrix") {
  Shell s;
  if (s.run("/usr/bin/python3 -c 'import scipy.io'") != 0) {
    WARN("no scipy here: files of MATLAB were not tried");
    return;
  }
  s.write("make.py",
          "import numpy, scipy.io\n"
          "control = numpy.linspace(0, 5, 41)\n"
          "rows = [(name, i, 1.8 / (1 + ((0.55 - 0.0312 * i**2 + shift) / 0.08)**2) - 0.9)\n"
          "        for name, shift in (('r1', 0.0), ('r2', 0.05)) for i in control]\n"
          "names, currents, weights = zip(*rows)\n"
          "with open('t.csv', 'w') as f:\n"
          "    print('element,I (mA),weight', file=f)\n"
          "    [print(*row, sep=',', file=f) for row in rows]\n"
          "columns = {'element': numpy.array(names, dtype=object), 'I_mA': numpy.array(currents),\n"
          "           'weight': numpy.array(weights)}\n"
          "scipy.io.savemat('arrays.mat', {**columns, 'laser': 1550.0, 'note': 'bench 3'})\n"
          "scipy.io.savemat('struct.mat', {'sweep': columns})\n"
          "pairs = numpy.stack([currents[:41], weights[:41]], axis=1)\n"
          "scipy.io.savemat('matrix.mat', {'sweep': pairs})\n"
          "numpy.savetxt('matrix.csv', pairs, delimiter=',', header='I (mA),weight', comments='')\n");
  REQUIRE(s.run("/usr/bin/python3 make.py") == 0);
  const auto imported = [&](const std::string& file, const std::string& options = "") {
    INFO(file);
    REQUIRE(s.run("pnn-characterize --import " + file + " -o c.h5 -q " + options) == 0);
    return io::read_curves(s.path("c.h5")).value.curves.chips[0];
  };
  const model::ChipCurves csv = imported("t.csv");
  for (const char* file : {"arrays.mat", "struct.mat"}) {
    const model::ChipCurves mat = imported(file);
    CHECK(mat.elements == csv.elements);
    CHECK(mat.control.data == csv.control.data);
    CHECK(mat.response.data == csv.response.data);
  }
  CHECK(imported("matrix.mat", "--columns control=1,response=2 --unit control=mA").response.data ==
        imported("matrix.csv").response.data);
  CHECK(s.run("pnn-characterize --import arrays.mat -o c.h5") == 0);
  CHECK_THAT(s.err(), Contains("1 array is no column: laser"));
}
