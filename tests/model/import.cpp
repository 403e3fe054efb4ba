#include "pnn/model/import.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/curve_table.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using namespace pnn::model;

TEST_CASE("a table becomes curves: elements in the order of their names, shorter ones padded") {
  const Curves curves = import_curves(test::curve_table(), {22}, "bench.csv");
  const ChipCurves& chip = curves.chips.at(0);
  CHECK(chip.key == "import");
  CHECK(chip.elements == std::vector<std::string>{"a", "b"});
  REQUIRE(chip.response.shape == std::vector<std::size_t>{1, 2, 1, 10});
  CHECK(chip.control.data[13] == 1.5);
  CHECK(chip.response.data[16] == -1);
  CHECK(chip.response.data[17] == Approx(0.93));
  for (const Array<double>* a : {&chip.control, &chip.response, &chip.sigma}) {
    CHECK(std::isnan(a->data[18]));
    CHECK(std::isnan(a->data[19]));
    CHECK(std::isfinite(a->data[9]));
  }
  CHECK(chip.sigma.data[0] == 0);
  CHECK(chip.temperature_c == std::vector<double>{22});
}

TEST_CASE("temperatures of a table become sweeps, coldest first") {
  CurveTable t = test::curve_table();
  const CurveTable once = t;
  t.temperature_c.assign(t.element.size(), 23);
  t.element.insert(t.element.end(), once.element.begin(), once.element.end());
  t.control.insert(t.control.end(), once.control.begin(), once.control.end());
  t.response.insert(t.response.end(), once.response.begin(), once.response.end());
  t.temperature_c.resize(t.element.size(), 21.5);
  const ChipCurves chip = import_curves(t, {22}, "bench.csv").chips.at(0);
  CHECK(chip.temperature_c == std::vector<double>{21.5, 23});
  CHECK(chip.response.shape == std::vector<std::size_t>{1, 2, 2, 10});
}

TEST_CASE("everything wrong with a table is said at once") {
  CurveTable t = test::curve_table();
  t.response[3] = std::nan("");
  t.sigma.assign(t.element.size(), -1);
  CHECK_THROWS_WITH(import_curves(t, {22}, "bench.csv"), Catch::Matchers::Contains("bench.csv") &&
                                                             Catch::Matchers::Contains("row 4: response") &&
                                                             Catch::Matchers::Contains("row 1: sigma"));
  CHECK_THROWS_AS(import_curves({}, {22}, "bench.csv"), InputError);
  CurveTable few = test::curve_table();
  few.element[0] = "c";
  CHECK_THROWS_WITH(import_curves(few, {22}, "bench.csv"), Catch::Matchers::Contains("element c: 1 samples"));
}

TEST_CASE("curves that padding would blow up are refused before they are laid out") {
  const auto message = [](const CurveTable& t) {
    try {
      import_curves(t, {22}, "bench.csv");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto add = [](CurveTable& t, const std::string& element, double temperature, int samples) {
    for (int k = 0; k < samples; ++k) {
      t.element.push_back(element);
      t.control.push_back(0.1 * k);
      t.response.push_back(1 - 0.01 * k);
      t.temperature_c.push_back(temperature);
    }
  };
  CurveTable readings;  // each ring at a temperature of its own, as it was read
  for (int k = 0; k < 1000; ++k) add(readings, "ring" + std::to_string(k), 20 + 0.1 * k, 8);
  CHECK_THAT(message(readings),
             Contains("bench.csv: 1000 elements at 1000 temperatures with up to 8 samples would take 8e+06 "
                      "places, of which the table fills 8000"));
  CurveTable uneven;
  add(uneven, "long", 22, 10'000);
  for (int k = 0; k < 2000; ++k) add(uneven, "ring" + std::to_string(k), 22, 8);
  CHECK_THAT(message(uneven), Contains("2001 elements at 1 temperatures with up to 10000 samples"));
  CurveTable fair;  // twenty times the samples on one of two hundred rings
  add(fair, "long", 22, 1200);
  for (int k = 0; k < 199; ++k) add(fair, "ring" + std::to_string(k), 22, 61);
  CHECK(message(fair).empty());
  CurveTable named = test::curve_table();
  named.element.front() = std::string(300, 'x');
  CHECK_THAT(message(named), Contains("row 1: an element's name of 300 bytes, where 250 are the most"));
}

TEST_CASE(
    "the order of rows does not matter, and devices, directions and readings of temperatures are kept "
    "apart") {
  CurveTable t;
  const auto add = [&](const char* device, const char* element, int direction, double control,
                       double temperature) {
    t.device.emplace_back(device), t.element.emplace_back(element), t.direction.push_back(direction);
    t.control.push_back(control), t.temperature_c.push_back(temperature);
    t.response.push_back(control + 100 * direction + (std::string(device) == "A" ? 0 : 1000));
  };
  for (const char* device : {"B", "A"}) {
    for (int k = 0; k < 10; ++k) {
      add(device, "r10", k < 6 ? 1 : -1, k < 6 ? k : 10 - k, 21 + 0.01 * (k % 4));
      add(device, "r2", 1, k, 23 + 0.02 * (k % 3));
    }
  }
  const ChipCurves chip = import_curves(t, {}, "t").chips.at(0);
  CHECK(chip.elements == std::vector<std::string>{"r2", "r10"});
  REQUIRE(chip.response.shape == std::vector<std::size_t>{2, 2, 2, 14});
  REQUIRE(chip.temperature_c.size() == 2);
  CHECK(chip.temperature_c[0] == Approx(21.013).margin(1e-9));
  CHECK(chip.temperature_c[1] == Approx(23.018).margin(1e-9));
  CHECK(std::count(chip.direction.begin(), chip.direction.end(), 1) == 10);
  const std::size_t r10_of_b = ((1 * 2 + 1) * 2 + 0) * 14;  // device B, r10, 21 °C
  CHECK(chip.control.data[r10_of_b + 5] == 5);
  CHECK(std::isnan(chip.control.data[r10_of_b + 6]));
  CHECK(chip.control.data[r10_of_b + 10] == 4);  // on the way back, from the highest
  CHECK(chip.response.data[r10_of_b + 13] == 901);
  CurveTable turned = t;
  for (std::size_t k = 0; k < t.rows(); ++k) {
    const std::size_t from = (k * 7 + 3) % t.rows();  // 7 and 40 have no common factor
    turned.device[k] = t.device[from], turned.element[k] = t.element[from];
    turned.direction[k] = t.direction[from], turned.control[k] = t.control[from];
    turned.response[k] = t.response[from], turned.temperature_c[k] = t.temperature_c[from];
  }
  const ChipCurves again = import_curves(turned, {}, "t").chips.at(0);
  CHECK(again.temperature_c == chip.temperature_c);
  for (std::size_t k = 0; k < chip.response.size(); ++k) {
    CHECK((again.response.data[k] == chip.response.data[k] || std::isnan(chip.response.data[k])));
    CHECK(std::isnan(again.response.data[k]) == std::isnan(chip.response.data[k]));
  }
  CHECK(group_temperatures({21, 21.04, 21.08, 22}, 0.05).mean_c.size() == 2);
  CHECK(group_temperatures({21, 21.04, 21.08, 22}, 0.01).mean_c.size() == 4);
}

TEST_CASE("the temperature of each reading is kept where it drifted, and only there") {
  CurveTable t;
  const auto add = [&](const char* element, const auto& temperature) {
    for (std::size_t k = 0; k < 24; ++k) {
      t.element.emplace_back(element);
      t.control.push_back(0.2 * double(k));
      t.response.push_back(std::sin(double(k)));
      t.temperature_c.push_back(temperature(k));
    }
  };
  add("a", [](std::size_t k) { return 22 + 0.01 * std::sin(7.0 * double(k * k)); });  // noise of the sensor
  CHECK(import_curves(t, {22}, "bench.csv").chips.at(0).reading_temperature_c.data.empty());
  add("b", [](std::size_t k) { return 22 + 0.04 * double(k); });
  const ChipCurves chip = import_curves(t, {22}, "bench.csv").chips.at(0);
  REQUIRE(chip.reading_temperature_c.shape == chip.response.shape);
  CHECK(chip.temperature_c.size() == 1);
  for (std::size_t k = 0; k < 24; ++k) {
    CHECK(chip.reading_temperature_c.data[k] == Approx(22).margin(0.005));
    CHECK(chip.reading_temperature_c.data[24 + k] == Approx(22 + 0.04 * double(k)));
  }
}
