#include "pnn/core/unit.hpp"

#include "tests/catch.hpp"

using namespace pnn;

TEST_CASE("units are read in the spellings of laboratories") {
  const struct {
    const char* text;
    Dimension dimension;
    double base;  ///< of 20 in this unit
  } all[] = {{"A", Dimension::current, 20},
             {"(mA)", Dimension::current, 0.02},
             {"[ µA ]", Dimension::current, 20e-6},
             {"\xce\xbc"
              "A",
              Dimension::current, 20e-6},
             {"MA", Dimension::current, 0.02},
             {"V", Dimension::voltage, 20},
             {"mV", Dimension::voltage, 0.02},
             {"mw", Dimension::power, 0.02},
             {"uW", Dimension::power, 20e-6},
             {"dBm", Dimension::power, 0.1},
             {"dB", Dimension::number, 100},
             {"%", Dimension::number, 0.2},
             {"a.u.", Dimension::number, 20},
             {"1", Dimension::number, 20},
             {"°C", Dimension::temperature, 20},
             {"deg C", Dimension::temperature, 20},
             {"K", Dimension::temperature, -253.15},
             {"DAC", Dimension::code, 20},
             {"0.5 mA", Dimension::current, 0.01},
             {"2.5e-3mA", Dimension::current, 50e-6}};
  for (const auto& one : all) {
    INFO(one.text);
    const std::optional<Unit> unit = read_unit(one.text);
    REQUIRE(unit);
    CHECK(unit->dimension == one.dimension);
    CHECK(unit->base(20) == Approx(one.base).epsilon(1e-12));
    if (!unit->decibel) CHECK(unit->of_base(one.base) == Approx(20).epsilon(1e-12));
  }
  for (const char* none : {"", "x", "()", "nm", "2", "-1 mA", "2 dBm", "3 codes"}) {
    INFO(none);
    CHECK_FALSE(read_unit(none));
  }
}
