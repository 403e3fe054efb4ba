// The chain on crossbars of phase-change cells, as processes.
#include <string>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

TEST_CASE(
    "a network of phase-change cells goes through the whole chain, with the same bytes for one and two "
    "threads") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::string network =
      "--inputs 4 --layer pcm:out=8,array=4x4 --layer sigmoid --layer pcm:out=3,signed=reference ";
  REQUIRE(s.run("pnn-fabricate " + network + "--set pcm.drift.sigma=0.02 --count 3 -o chips.h5") == 0);
  CHECK(s.out().find("pcm2") != std::string::npos);
  REQUIRE(s.run("pnn-info --validate chips.h5") == 0);
  REQUIRE(s.run("pnn-fit chips.h5 --model nominal -o model.h5") == 0);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    REQUIRE(s.run("pnn-characterize chips.h5 --index 1 -o curves" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-fit curves" + n + ".h5 --model levels --predicted predicted" + n + ".h5 -o fitted" +
                  n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method sat --rho 0.01 --perturb age=3.2e7 --epochs 40 "
                  "--batch 16 "
                  "--lr 3e-2 -o sat" +
                  n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-train fitted" + n +
                  ".h5 --data iris.h5 --method slope --epochs 10 --batch 16 -o slope" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-transfer sat" + n + ".h5 --data iris.h5 --devices chips.h5 -o transfer" + n + ".h5" +
                  t) == 0);
    REQUIRE(s.run("pnn-perturb sat" + n +
                  ".h5 --data iris.h5 --devices chips.h5 --vary age=0,60,86400,3.2e7 --vary "
                  "transmission-spread=0,0.01 -o aged" +
                  n + ".h5" + t) == 0);
  }
  for (const std::string file : {"curves", "fitted", "predicted", "sat", "slope", "transfer", "aged"}) {
    INFO(file);
    const std::string one = s.read(file + "1.h5");
    CHECK(!one.empty());
    CHECK(one == s.read(file + "2.h5"));
    CHECK(s.run("pnn-info --validate " + file + "1.h5") == 0);
  }
  REQUIRE(s.run("pnn-perturb sat1.h5 --data iris.h5 --devices chips.h5 --vary pcm.split.sigma=0,0.05 -o "
                "split.h5") == 0);
  REQUIRE(
      s.run(
          "pnn-landscape slope1.h5 --data iris.h5 --on fitted1.h5 --hessian 2 --histogram -o landscape.h5") ==
      0);

  // what a device file gives, its driver gives too
  const std::string training =
      "pnn-train model.h5 --data iris.h5 --method pat --epochs 3 --batch 30 --device ";
  REQUIRE(s.run(training + "chips.h5 --index 2 -o file.h5") == 0);
  REQUIRE(s.run(training + "'exec:pnn-device chips.h5 --index 2' -o driver.h5") == 0);
  REQUIRE(s.run("pnn-eval file.h5 --data iris.h5 --on chips.h5 --index 2 --set age=86400 --json") == 0);
  const std::string told = s.out();
  REQUIRE(s.run("pnn-eval driver.h5 --data iris.h5 --on chips.h5 --index 2 --set age=86400 --json") == 0);
  CHECK(told.substr(told.find("accuracy")) == s.out().substr(s.out().find("accuracy")));
}

TEST_CASE("wrong words on crossbars are refused in a sentence, with status 2 and no file") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer pcm:out=3 -o chips.h5") == 0);
  REQUIRE(s.run("pnn-fit chips.h5 --model nominal -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 1 -o bp.h5") == 0);
  REQUIRE(s.run("pnn-characterize chips.h5 -o curves.h5") == 0);
  const std::size_t files = s.files();
  const auto refused = [&](const std::string& command, const std::string& sentence) {
    INFO(command);
    CHECK(s.run(command + " -o no.h5") == 2);
    CHECK(s.err().find(sentence) != std::string::npos);
  };
  refused("pnn-fabricate --inputs 4 --layer pcm:out=3,array=4x1", "array: expected 2 or more columns");
  refused("pnn-fabricate --inputs 4 --layer pcm:out=3,signed=both", "expected differential or reference");
  refused("pnn-fabricate --inputs 4 --layer pcm:out=3 --set pcm.amorphous=0.3",
          "has to be above pcm.crystalline");
  refused("pnn-fabricate --inputs 4 --layer pcm:out=3 --set pcm.levels=1", "pcm.levels is 1");
  refused("pnn-perturb bp.h5 --data iris.h5 --devices chips.h5 --vary age=-1,0",
          "age is -1, expected a number in [0, ");
  refused("pnn-perturb bp.h5 --data iris.h5 --devices chips.h5 --vary agee=0,1", "did you mean \"age\"");
  refused("pnn-train model.h5 --data iris.h5 --perturb age=-5", "age");
  refused("pnn-fit curves.h5 --model airy",
          "is not for curves of phase-change cells; take levels or nominal");
  CHECK(s.files() == files);
}

TEST_CASE("a table of transmissions against levels becomes a model of its cells, in its own unit") {
  Shell s;
  std::string table = "element,control,response\n";
  for (int k = 0; k <= 20; ++k) {
    const double level = k / 20.0;
    table += "cell A," + std::to_string(level) + "," +
             std::to_string(0.3 + 0.5 * (level - 0.4 * level * (1 - level))) + "\n";
  }
  s.write("table.csv", table);
  REQUIRE(s.run("pnn-characterize --import table.csv --platform pcm -o curves.h5") == 0);
  REQUIRE(s.run("pnn-info curves.h5") == 0);
  const std::string::size_type row = s.out().find("/curves/import/control");
  REQUIRE(row != std::string::npos);
  CHECK(s.out().substr(row, s.out().find('\n', row) - row).find("mA") == std::string::npos);
  REQUIRE(s.run("pnn-fit curves.h5 --model levels -o model.h5") == 0);
  CHECK(s.out().find("swing") != std::string::npos);
}
