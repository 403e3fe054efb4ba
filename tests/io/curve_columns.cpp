#include "pnn/io/curve_columns.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

io::MeasuredColumns found(const std::string& text, const std::string& columns = "",
                          const std::string& units = "") {
  io::ColumnSettings settings;
  if (!columns.empty()) settings.columns = io::read_column_names(columns);
  if (!units.empty()) settings.units = io::read_column_units(units);
  return io::find_curves(io::parse_table(text, "t.csv", io::Layout::any_side), settings);
}

std::string refusal(const std::string& text, const std::string& columns = "", const std::string& units = "") {
  return test::message_of<Error>([&] { found(text, columns, units); });
}

std::string notes_of(const io::MeasuredColumns& columns) {
  std::string all;
  for (const io::Note& note : columns.notes) all += note.text + "\n";
  return all;
}

const std::string rows = "r1,0,0.5,25\nr2,1,0.25,26\n";

}  // namespace

TEST_CASE("columns are known by their names in any case, with units, and when they are nearly right") {
  for (const char* header :
       {"element,control,response,temperature", "Element,Control,Response,Temperature",
        "ring,current,weight,Temp", "Ring name,Heater current (mA),Transmission,temperature (C)",
        "NAME,I [mA],photocurrent,T_chip (degC)", "name,I/mA,response (1),chip_temperature",
        "element,current_mA,response,temperature_C", "element,current_mA,response,T_C",
        "element,control,respons,Temperatur", "mrr,Drive Current,optical power,stage temperature"}) {
    INFO(header);
    const io::MeasuredColumns columns = found(std::string(header) + "\n" + rows);
    CHECK(columns.table.element == Texts{"r1", "r2"});
    CHECK(columns.table.response == Numbers{0.5, 0.25});
    CHECK(columns.table.temperature_c == Numbers{25, 26});
    const double unit = columns.control_unit ? 1e-3 : 1;
    CHECK(columns.table.control == Numbers{0, unit});
    CHECK_THAT(notes_of(columns), !Contains("passed over"));
  }
  CHECK_THAT(notes_of(found("element,control,respons,temperature\n" + rows)),
             Contains("the column \"respons\" was taken for the response (\"response\")"));
}

TEST_CASE("the response is the difference of two ports where both were read, in any unit") {
  const auto ports = [](const std::string& header) {
    INFO(header);
    const io::MeasuredColumns columns = found(header + "\nr1,0,0.9,0.1,25\nr2,1,0.25,0.75,26\n");
    CHECK(columns.two_ports);
    CHECK(columns.table.element == Texts{"r1", "r2"});
    CHECK_THAT(notes_of(columns), Contains(" less ") && !Contains("passed over"));
    return columns;
  };
  const auto difference = [](const io::MeasuredColumns& columns, double unit) {
    CHECK(columns.table.response.at(0) == Approx(0.8 * unit));
    CHECK(columns.table.response.at(1) == Approx(-0.5 * unit));
  };
  difference(ports("element,control,drop,through,temperature"), 1);
  difference(ports("element,current (mA),drop (uW),through (uW),temperature"), 1e-6);
  difference(ports("element,control,Drop port (mW),Thru port (mW),temperature"), 1e-3);
  difference(ports("element,control,P_drop,P_through,temperature"), 1);
  // the power that is left is the heater's
  CHECK(ports("element,power (mW),drop power (uW),through power (uW),temperature").control_unit->name ==
        "mW");
  const io::MeasuredColumns decibel = ports("element,control,drop (dBm),through (dBm),temperature");
  CHECK(decibel.table.response.at(0) == Approx(1e-3 * (std::pow(10, 0.09) - std::pow(10, 0.01))));
  const std::string mixed = "element,control,drop (uW),through (mW)\nr1,0,900,0.1\n";
  CHECK(found(mixed).table.response.at(0) == Approx(0.8e-3));
  CHECK(found("element,control,drop,through\nr1,0,0.9,NaN\nr1,1,0.9,0.1\n").table.rows() == 1);
  CHECK_THAT(refusal("element,control,drop (uW),through (V)\nr1,0,900,0.1\n"), Contains("two kinds"));
  const std::string text = "element,control,drop,through\nr1,0,0.9,0.1\n";
  CHECK(found(text, "response=drop").table.response == Numbers{0.9});
  CHECK_FALSE(found("element,control,response,drop,through\nr1,0,0.5,0.9,0.1\n").two_ports);
  // an element that is called so is one
  CHECK_FALSE(found("control,drop 1,through 1,drop 2,through 2\n0,1,2,3,4\n").two_ports);
}

TEST_CASE("a role that is said to be no column is one that a column would have") {
  const std::string text = "element,control,response,Sigma\nr1,0,0.9,0.1\n";
  CHECK(found(text, "sigma=-").idle.empty());
  CHECK(found("element,control,response\nr1,0,0.9\n", "sigma=-").idle == std::vector{io::Role::sigma});
  CHECK(found(text, "sigma=-,temperature=-").idle == std::vector{io::Role::temperature});
  CHECK(found("element,control,response,sigmas\nr1,0,0.9,0.1\n", "sigma=-").idle.empty());
  CHECK(found("element,control,response,temp,chip temperature\nr1,0,0.9,22,23\n", "temperature=-")
            .idle.empty());
}

TEST_CASE("a column that is not used is counted aloud") {
  CHECK_THAT(notes_of(found("element,control,response,laser nm\n" + rows)),
             Contains("1 column was passed over: \"laser nm\""));
}

TEST_CASE("a power is that of the heater or of the light, whichever nothing else is") {
  const io::MeasuredColumns light = found("current (mA),power (dBm)\n0,-10\n1,-20\n");
  CHECK(light.table.response[0] == Approx(1e-4));
  CHECK(light.response_unit->dimension == Dimension::power);
  const io::MeasuredColumns heat = found("power (mW),weight\n0,0.5\n1,0.6\n");
  CHECK(heat.table.control == Numbers{0, 1e-3});
  CHECK_THAT(refusal("power\n1\n2\n"), Contains("power"));
}

TEST_CASE("what could be several columns is refused with their names, and can be stated") {
  const std::string text = "ring,current (mA),voltage (V),weight\na,1,2,0.5\na,2,4,0.6\n";
  CHECK_THAT(refusal(text), Contains("the control may be the column \"current (mA)\", \"voltage (V)\"") &&
                                Contains("--columns control=\"current (mA)\""));
  CHECK(found(text, "control=voltage (V)").table.control == Numbers{2, 4});
  CHECK(found(text, "control=voltage").table.control == Numbers{2, 4});
  CHECK(found(text, "control=\"Voltage (V)\"").table.control == Numbers{2, 4});
  CHECK(found(text, "control=3").table.control == Numbers{2, 4});
  CHECK(found(text, "control=2,response=4").table.control == Numbers{1e-3, 2e-3});
  CHECK_THAT(refusal(text, "control=volts"), Contains("no column \"volts\""));
  CHECK_THAT(refusal(text, "controll=voltage"), Contains("did you mean \"control\"?"));
  CHECK_THAT(refusal(text, "control=weight,response=weight"), Contains("stands for two things"));
  CHECK_THAT(refusal("a,b,c\n1,2,3\n"), Contains("no column is called control") && Contains("--columns"));
  CHECK(found("I (mA);P, out (1)\n1;2\n2;3\n", "control=I (mA),response=P, out").table.response ==
        Numbers{2, 3});
}

TEST_CASE("units come from the header or are stated, and a code has a step") {
  CHECK(found("control,response (%)\n1,50\n2,60\n").table.response == Numbers{0.5, 0.6});
  CHECK(found("control (DAC),response\n100,1\n200,1\n").control_unit->dimension == Dimension::code);
  CHECK(found("control (DAC),response\n100,1\n200,1\n", "", "control=0.01mA").table.control[1] ==
        Approx(2e-3));
  CHECK(found("control,response,temperature (K)\n1,1,298.15\n2,1,298.15\n").table.temperature_c[0] ==
        Approx(25));
  CHECK_THAT(refusal("control,response,temperature\n1,1,298.15\n2,1,298.15\n"),
             Contains("--unit temperature=K"));
  CHECK_THAT(refusal("control,response\n1,1\n", "", "control=furlong"),
             Contains("expected the unit of control"));
  const std::string stated = "control (mA),response\n1,1\n2,0.5\n";
  CHECK_THAT(refusal(stated, "", "control=V"),
             Contains("--unit control=V, but the column \"control (mA)\" is in mA"));
  CHECK_THAT(refusal(stated, "", "control=0.01mA"), Contains("is in mA"));
  CHECK_THAT(refusal("control,response [%]\n1,1\n2,3\n", "", "response=dB"), Contains("is in %"));
  CHECK(found(stated, "", "control=mA").table.control == Numbers{1e-3, 2e-3});
  // "heater A" may be a name: what is stated counts
  CHECK(found("control A,response\n1,1\n2,0.5\n", "control=1", "control=mA").table.control ==
        Numbers{1e-3, 2e-3});
  const io::MeasuredColumns decibels = found("control,response (dB),sigma (dB)\n1,-10,0.1\n2,-20,0.1\n");
  CHECK(decibels.table.response[1] == Approx(0.01));
  CHECK(decibels.table.sigma[1] == Approx(0.01 * std::log(10.0) / 100));
}

TEST_CASE("the name of a file is that of its element where nothing in it says another") {
  const auto named = [](const std::string& text, const std::string& columns = "") {
    io::ColumnSettings settings;
    settings.element = "ring 7";
    if (!columns.empty()) settings.columns = io::read_column_names(columns);
    return io::find_curves(io::parse_table(text, "t.csv", io::Layout::any_side), settings);
  };
  CHECK(named("control,response\n1,1\n2,3\n").table.element == Texts{"ring 7", "ring 7"});
  CHECK(named("control (mA),PD1\n1,1\n2,3\n").table.element == Texts{"ring 7", "ring 7"});
  CHECK(named("ring,control,response\na,1,1\na,2,3\n", "element=-").table.element ==
        Texts{"ring 7", "ring 7"});
  const auto said = [&](const std::string& text) { return test::message_of<Error>([&] { named(text); }); };
  CHECK_THAT(said("ring,control,response\na,1,1\na,2,3\n"),
             Contains("--element-from-name: the column \"ring\" says the element") &&
                 Contains("--columns element=-"));
  CHECK_THAT(said("row,col,control,response\n0,0,1,1\n0,0,2,3\n"),
             Contains("the column \"row\" says the element"));
  CHECK_THAT(said("control (mA),PD1,PD2\n1,1,2\n2,3,4\n"), Contains("each column is an element"));
}

TEST_CASE("elements stand in rows, in columns, in lines, or are named by their place") {
  const io::MeasuredColumns wide = found("control,r0,r1\n0,1,2\n1,3,\n2,5,6\n");
  CHECK(wide.table.element == Texts{"r0", "r1", "r0", "r0", "r1"});
  CHECK(wide.table.response == Numbers{1, 2, 3, 5, 6});
  CHECK_THAT(notes_of(wide), Contains("2 columns were taken as the response of an element each") &&
                                 Contains("1 row was left out (the first: line 3)"));
  const io::MeasuredColumns lines = found("# heater sweep\ncontrol,0.0,0.1,0.2,0.3\nr7,1,2,3,4\n");
  CHECK(lines.table.element == Texts(4, "r7"));
  CHECK(found("row,col,control,response\n0,12,1,2\n3,1,1,2\n").table.element ==
        Texts{"row 0 col 12", "row 3 col 1"});
  CHECK(found("layer,row,col,control,response\nmrr1,0,12,1,2\nmrr1,3,1,1,2\n").table.element ==
        Texts{"mrr1 row 0 col 12", "mrr1 row 3 col 1"});
  CHECK_THAT(notes_of(found("control,response\n0,1\n1,2\n")), Contains("all rows are one"));
  const io::MeasuredColumns headless = found("0.0,-0.9\n0.1,-0.8\n");
  CHECK(headless.table.response == Numbers{-0.9, -0.8});
  CHECK_THAT(refusal("0.0,-0.9,1,2\n0.1,-0.8,1,2\n"), Contains("--columns control=1,response=2"));
}

TEST_CASE("readings that are none are left out and counted, directions and devices are read") {
  const io::MeasuredColumns columns = found(
      "chip,direction,element,control,response,sigma\nA,up,r,0,1,0.1\nA,up,r,1,9.91E+37,0.1\nA,down,r,,2,0."
      "1\n"
      "B,forward,r,2,NaN,0.1\nB,-1,r,2,3,\n");
  CHECK(columns.table.response == Numbers{1, 3});
  CHECK(columns.table.device == Texts{"A", "B"});
  CHECK(columns.table.direction == std::vector<int>{1, -1});
  CHECK(columns.table.sigma == Numbers{0.1, 0});
  CHECK_THAT(notes_of(columns), Contains("1 row was left out (the first: line 4)") &&
                                    Contains("2 rows were left out (the first: line 3)"));
  CHECK_THAT(refusal("sweep,control,response\nfirst,0,1\nfirst,1,2\n"), Contains("--columns direction=-"));
  CHECK(found("sweep,control,response\nfirst,0,1\nfirst,1,2\n", "direction=-").table.direction.empty());
}

TEST_CASE("a column in a unit that is not known is refused, and not passed over") {
  const std::string text = "control (mA),response,temperature (deg R)\n1,0.5,530\n2,0.6,530\n";
  CHECK_THAT(refusal(text), Contains("the column \"temperature (deg R)\" would be the temperature") &&
                                Contains("--unit temperature=K") && Contains("--columns temperature=-"));
  CHECK(found(text, "temperature=-").table.temperature_c.empty());
  CHECK(found(text, "temperature=3", "temperature=K").table.temperature_c[0] == Approx(530 - 273.15));
  CHECK_THAT(refusal("control (kA),response\n1,1\n2,1\n"), Contains("\"kA\" is no unit that is known"));
  CHECK(found("control,response,T (F)\n1,1,77\n2,1,77\n").table.temperature_c[0] == Approx(25));
  CHECK(found("control,detector (2),detector (3)\n0,1,2\n1,3,4\n").table.element ==
        Texts{"detector (2)", "detector (3)", "detector (2)", "detector (3)"});
}

TEST_CASE("each column of a wide table has its own unit, and those that count readings are no elements") {
  const io::MeasuredColumns wide = found("time (s),control (mA),a (uA),b (mA)\n0,1,5,0.005\n1,2,6,0.006\n");
  CHECK(wide.table.element == Texts{"a", "b", "a", "b"});
  for (std::size_t k = 0; k < 4; ++k) CHECK(wide.table.response[k] == Approx(k < 2 ? 5e-6 : 6e-6));
  CHECK_THAT(notes_of(wide), Contains("passed over: \"time (s)\""));
  CHECK_THAT(refusal("control,a (uA),b (V)\n0,1,2\n1,3,4\n"), Contains("in units of two kinds"));
  CHECK_THAT(refusal("control,a (uA),b\n0,1,2\n1,3,4\n"), Contains("--unit response="));
}

TEST_CASE("what is stated against the header line is told, and what names an element twice is refused") {
  CHECK_THAT(notes_of(found("control_mA,response\n1,1\n2,1\n", "", "control=V")),
             Contains("the column \"control_mA\" says mA, and is taken as V"));
  CHECK(notes_of(found("element,control (mA),response\na,1,1\na,2,1\n", "", "control=mA")).empty());
  io::ColumnSettings settings;
  settings.element = "file 3";
  for (const std::string text :
       {"element,control,response\na,1,1\na,2,1\n", "control,r0,r1\n1,1,1\n2,2,2\n"}) {
    const io::Table table = io::parse_table(text, "t.csv", io::Layout::any_side);
    CHECK_THAT(test::message_of<Error>([&] { io::find_curves(table, settings); }),
               Contains("--element-from-name"));
  }
}
