// Files as laboratories hand them in, where they are at hand: fits are right, or say what is in doubt.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/shared_cases.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using test::Shell;

namespace {

/// The model of the only chip of a file, and its values by name.
struct Fitted {
  platform::ChipModel chip;
  explicit Fitted(const std::string& path) : chip(io::read_model(path).value.model.chips.at(0)) {}
  [[nodiscard]] std::size_t place(const std::string& name) const {
    return std::size_t(std::find(chip.parameters.begin(), chip.parameters.end(), name) -
                       chip.parameters.begin());
  }
  [[nodiscard]] double value(const std::string& name, std::size_t element) const {
    return chip.values.data[element * chip.parameters.size() + place(name)];
  }
  [[nodiscard]] double error(const std::string& name, std::size_t element) const {
    const std::size_t count = chip.parameters.size(), k = place(name);
    return std::sqrt(chip.covariance.data[(element * count + k) * count + k]);
  }
};

}  // namespace

TEST_CASE("fringes of heaters of 100 ohm and of undercut ones are exact, and name what to set") {
  const auto folder = test::shared_case("heater-of-100-ohm");
  if (!folder) return;
  Shell s;
  for (const auto& [table, p_pi] : {std::pair("fringe", 125.0), std::pair("undercut", 3.0)}) {
    REQUIRE(s.run("pnn-characterize --import " + *folder + "/" + table +
                  ".csv --platform mzi -o - -q | pnn-fit - --model fringe -o x.h5") == 0);
    CHECK_THAT(s.out(), Contains("set mzi.resistance or mzi.p.pi"));
    const Fitted model(s.path("x.h5"));
    for (std::size_t k = 0; k < model.chip.elements.size(); ++k) {
      CHECK(model.value("p_pi_mw", k) == Approx(p_pi).epsilon(1e-3));
      CHECK(model.value("visibility", k) == Approx(0.95).epsilon(1e-3));
    }
    REQUIRE(std::remove(s.path("x.h5").c_str()) == 0);
  }
}

TEST_CASE("light that heat takes from a fibre leaves rings and fringes right") {
  const auto folder = test::shared_case("heat-lowers-coupling");
  if (!folder) return;
  Shell s;
  REQUIRE(s.run("pnn-characterize --import " + *folder +
                "/through.csv -o - -q | pnn-fit - --model airy -o x.h5") == 0);
  CHECK_THAT(s.out(), Contains("its light falls by 2"));
  const Fitted rings(s.path("x.h5"));
  for (std::size_t k = 0; k < rings.chip.elements.size(); ++k) {
    CHECK(rings.value("beta_per_ma2", k) > 0);
    CHECK(rings.value("delta_nm", k) == Approx(0.58).margin(0.03 + 3 * rings.error("delta_nm", k)));
    CHECK(rings.chip.chi_square.data[k] < 2);
  }
  REQUIRE(s.run("pnn-characterize --import " + *folder +
                "/fringe.csv --platform mzi -o - -q | pnn-fit - --model fringe -o y.h5") == 0);
  const Fitted fringes(s.path("y.h5"));
  for (std::size_t k = 0; k < fringes.chip.elements.size(); ++k) {
    CHECK(fringes.value("p_pi_mw", k) == Approx(25).epsilon(1e-4));
    CHECK(fringes.value("visibility", k) == Approx(0.95).epsilon(1e-4));
  }
}

TEST_CASE("temperatures that a sensor logged at every point are two sweeps") {
  const auto folder = test::shared_case("measured-temperature");
  if (!folder) return;
  Shell s;
  REQUIRE(s.run("pnn-characterize --import " + *folder + "/logged.csv -o c.h5") == 0);
  REQUIRE(s.run("pnn-fit c.h5 --model airy -o x.h5") == 0);
  const Fitted model(s.path("x.h5"));
  for (std::size_t k = 0; k < model.chip.elements.size(); ++k)
    CHECK(model.value("eta_nm_per_mw", k) == Approx(0.0625).epsilon(5e-3));
  CHECK_THAT(s.out(), !Contains("in doubt"));
}
