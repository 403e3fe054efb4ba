// From many measured dies to a process, and back to chips.
#include <string>

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

namespace {

/// The first number of a list in the last JSON object that a tool printed.
double first_of(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\": [");
  REQUIRE(at != std::string::npos);
  return std::stod(json.substr(at + name.size() + 5));
}

}  // namespace

TEST_CASE("where dies lie on their wafer tells a gradient, and what the places do not tell is said",
          "[process-fit]") {
  Shell s;
  const std::string layers = " --inputs 4 --layer mrr:out=4,chip=4x4";
  std::string files, places, line, same;
  for (int k = 0; k < 6; ++k) {
    const int x = 10 * (k % 3), y = 10 * (k / 3);
    const std::string die = "d" + std::to_string(k), delta = std::to_string(0.45 + 0.004 * x - 0.003 * y);
    // the wafer's gradient is in the dies alone: as a table they come back with the process of the design
    REQUIRE(s.run("pnn-fabricate -q -o c.h5 --set mrr.delta.sigma=0.02 --set mrr.delta=" + delta +
                  " --seed " + std::to_string(k + 1) + layers +
                  " && pnn-characterize c.h5 --points 41 -q -o t.h5 && pnn-export t.h5 -q -o " + die +
                  ".csv && pnn-characterize --import " + die + ".csv -q -o " + die + ".h5" + layers) == 0);
    files += " " + die + ".h5";
    places = die + "," + std::to_string(x) + "," + std::to_string(y) + "\n" + places;  // in another order
    line += die + "," + std::to_string(7 * k) + "," + std::to_string(3 * k) + "\n";
    same += die + ",5,5\n";
  }
  const std::string fit = "pnn-fit --process -q" + files;
  const auto with = [&](const std::string& table, const std::string& options = "") {
    s.write("p.csv", table);
    return s.run(fit + " --positions p.csv -o p.toml " + options);
  };
  REQUIRE(with("die,x (mm),y (mm)\n" + places, "--json") == 0);
  CHECK(first_of(s.out(), "delta_nm gradient_x") == Approx(0.004).epsilon(0.1));
  CHECK(first_of(s.out(), "delta_nm gradient_y") == Approx(-0.003).epsilon(0.2));
  const std::string found = s.read("p.toml");
  CHECK_THAT(found, Contains("part of the spread between dies is a gradient") &&
                        Contains("mrr.r.sigma: no gradient over the wafer is seen"));
  REQUIRE(with("Die;X [mm];Y [mm]\n" + [&] {
            std::string text = places;
            for (char& c : text) c = c == ',' ? ';' : c;
            return text;
          }()) == 0);
  CHECK(s.read("p.toml") == found);
  for (const std::string& table : {line, same}) {
    REQUIRE(with("die,x,y\n" + table) == 0);
    CHECK_THAT(s.out(),
               Contains("no gradient over the wafer is fitted: the dies lie in one line, or at one place"));
  }
  REQUIRE(with("die,x,y\nd0,0,0\nd1,1,0\n") == 0);
  CHECK_THAT(s.out(), Contains("4 dies have no position"));
  for (const auto& [table, sentence] :
       {std::pair(places + "d9,1,1\n", "no die is called \"d9\"; did you mean"),
        std::pair(places + "d3,1,1\n", "die \"d3\" stands there twice")}) {
    CHECK(with("die,x,y\n" + table) == 2);
    CHECK_THAT(s.err(), Contains(sentence));
  }
  CHECK(with("die,x (um),y (um)\n" + places) == 2);
  CHECK_THAT(s.err(), Contains("expected positions in mm"));
}

TEST_CASE("a die that counts twice is refused or told, and so are elements that are left out",
          "[process-fit]") {
  Shell s;
  const std::string layers = " --inputs 4 --layer mrr:out=25,chip=25x4";
  REQUIRE(s.run("pnn-fabricate --count 2 -q -o c.h5" + layers) == 0);
  for (const std::string name : {"a", "b", "again"})
    REQUIRE(s.run("pnn-characterize c.h5 --averages 64 --points 41 --index " +
                  std::string(name == "b" ? "1" : "0") + (name == "again" ? " --seed 9" : "") + " -q -o " +
                  name + ".h5") == 0);
  REQUIRE(s.run("pnn-fit --process a.h5 b.h5 -q -o p.toml") == 0);
  CHECK_THAT(s.out(), Contains("of dies with more than 96 elements (the most is 100) as many were used") &&
                          !Contains("differ by no more than their errors"));
  REQUIRE(s.run("pnn-fit --process a.h5 b.h5 again.h5 -q -o p.toml") == 0);
  CHECK_THAT(s.out(),
             Contains("dies a and again differ by no more than their errors") && !Contains("dies a and b"));
  REQUIRE(s.run("cp a.h5 copy.h5") == 0);
  CHECK(s.run("pnn-fit --process a.h5 b.h5 copy.h5 -q -o no.toml") == 2);
  CHECK_THAT(s.err(), Contains("copy.h5: the same as a.h5; give each die once"));
  CHECK_FALSE(s.exists("no.toml"));
}

TEST_CASE("spectra of dies, or the models that were fitted to them, give the same process", "[process-fit]") {
  Shell s;
  const std::string layers = " --inputs 4 --layer mrr:out=2,chip=2x4";
  REQUIRE(s.run("pnn-fabricate --count 3 --set mrr.delta.sigma=0.1 -q -o c.h5" + layers) == 0);
  for (const std::string k : {"0", "1", "2"})
    REQUIRE(s.run("pnn-characterize c.h5 --spectra --laser-step 0.06 --heater-powers 4 --index " + k +
                  " -q -o s" + k + ".h5 && pnn-fit s" + k +
                  ".h5 --model spectrum --circumference 60 -q -o m" + k + ".h5") == 0);
  REQUIRE(s.run("pnn-fit s0.h5 s1.h5 s2.h5 --model spectrum --process -q -o p.toml") == 0);
  REQUIRE(s.run("pnn-fit m2.h5 m0.h5 m1.h5 --process -q --json -o q.toml") == 0);
  CHECK(s.read("p.toml") == s.read("q.toml"));
  CHECK(first_of(s.out(), "fsr_nm mean") == Approx(10).epsilon(0.01));
  CHECK_THAT(s.read("p.toml"), Contains("\"mrr.delta\" =") && Contains("\"mrr.resistance.sigma\" = 0\n"));
  REQUIRE(s.run("pnn-fabricate --config p.toml -q -o again.h5" + layers) == 0);
  REQUIRE(s.run("pnn-info m0.h5") == 0);
  CHECK(s.run("pnn-fit s0.h5 s1.h5 s2.h5 --process -q -o no.toml") == 2);
  CHECK_THAT(s.err(), Contains("--model airy: is not fitted to spectra; take spectrum"));
  CHECK(s.run("pnn-fit m0.h5 m1.h5 --process --model spectrum --circumference 60 -q -o no.toml") == 2);
  CHECK_THAT(s.err(), Contains("acts on nothing here; models were fitted before"));
  CHECK(s.run("pnn-fit s0.h5 --circumference 60 -o no.h5") == 2);
  CHECK_THAT(s.err(), Contains("is not fitted to spectra"));
  CHECK(s.run("pnn-fit s0.h5 --model spectrum --all-pass -o no.h5") == 2);
  CHECK_THAT(s.err(), Contains("rings with one coupler have none but through"));
  CHECK_FALSE(s.exists("no.toml"));
}
