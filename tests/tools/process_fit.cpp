// From many measured dies to a process, and back to chips.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

TEST_CASE("dies that were measured give a process from which chips are drawn", "[process-fit]") {
  Shell s;
  const std::string layers = " --inputs 4 --layer mrr:out=4,chip=4x4";
  REQUIRE(s.run("pnn-fabricate --count 8 --set mrr.delta.die=0.5 --set mrr.delta.sigma=0.1 -q -o c.h5" +
                layers) == 0);
  REQUIRE(s.run("pnn-characterize c.h5 --all --points 31 -q -o curves.h5") == 0);
  REQUIRE(s.run("pnn-fit curves.h5 --process -q -o process.toml") == 0);
  REQUIRE(s.run("pnn-fabricate --config process.toml -q -o again.h5" + layers) == 0);
  REQUIRE(s.run("pnn-fit --config process.toml --model nominal -q -o nominal.h5" + layers) == 0);
  // models that were fitted before give the same process
  REQUIRE(s.run("pnn-fit curves.h5 -q -o m.h5") == 0);
  REQUIRE(s.run("pnn-fit m.h5 --process -q -o same.toml") == 0);
  CHECK(s.read("same.toml") == s.read("process.toml"));
  CHECK(s.run("pnn-fit m.h5 --process --knots 9 -o no.toml") == 2);
  REQUIRE(s.run("pnn-fit c.h5 --model nominal -q -o design.h5") == 0);
  CHECK(s.run("pnn-fit design.h5 m.h5 --process -o no.toml") == 2);
  CHECK_THAT(s.err(), Contains("tells nothing about a process"));
  CHECK(s.run("pnn-fit m.h5 curves.h5 -o no.h5") == 2);
  CHECK_THAT(s.err(), Contains("--process estimates the process that made many dies"));
  CHECK(s.run("pnn-fit curves.h5 --positions dies.csv -o no.h5") == 2);
  CHECK_FALSE(s.exists("no.toml"));
}
