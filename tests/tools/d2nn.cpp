// The chain on a diffractive network, as processes.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

TEST_CASE("a diffractive network goes through the whole chain, with the same bytes for one and two threads") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::string network =
      "--inputs 4 --layer d2nn:out=3,pixels=24,gap=0.1,image=2x2,detectors=1x3 --layer normalize ";
  REQUIRE(s.run("pnn-fabricate " + network + "--set d2nn.rotation.sigma=1deg --count 3 -o optics.h5") == 0);
  CHECK(s.out().find("d2nn1") != std::string::npos);
  CHECK(s.out().find("1152 pixels") != std::string::npos);
  REQUIRE(s.run("pnn-info --validate optics.h5") == 0);
  REQUIRE(s.run("pnn-fit optics.h5 --model nominal -o model.h5") == 0);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method sat --rho 0.005 --perturb rotation=1 --perturb "
                  "shift=1 --perturb axial=20 --epochs 6 --batch 16 --lr 0.05 -o sat" +
                  n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method pat --device optics.h5 --init sat" + n +
                  ".h5 --epochs 1 --batch 16 -o pat" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method dat --device optics.h5 --init sat" + n +
                  ".h5 --epochs 1 --batch 16 -o dat" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-transfer sat" + n + ".h5 pat" + n +
                  ".h5 --data iris.h5 --devices optics.h5 -o transfer" + n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-perturb sat" + n +
                  ".h5 --data iris.h5 --devices optics.h5 --vary rotation=0:2:1 --vary dac-bits=2,8 --set "
                  "axial=10 --set control-noise=0.01 --repeat 2 -o tilt" +
                  n + ".h5" + t) == 0);
  }
  for (const std::string file : {"sat", "pat", "dat", "transfer", "tilt"}) {
    INFO(file);
    const std::string one = s.read(file + "1.h5");
    CHECK(!one.empty());
    CHECK(one == s.read(file + "2.h5"));
    CHECK(s.run("pnn-info --validate " + file + "1.h5") == 0);
  }
  // shards make the whole
  for (const std::string shard : {"0/2", "1/2"}) {
    REQUIRE(s.run("pnn-perturb sat1.h5 --data iris.h5 --devices optics.h5 --vary rotation=0:2:1 --vary "
                  "dac-bits=2,8 --set axial=10 --set control-noise=0.01 --repeat 2 --shard " +
                  shard + " -o part" + shard.substr(0, 1) + ".h5") == 0);
  }
  REQUIRE(s.run("pnn-merge part0.h5 part1.h5 -o merged.h5") == 0);
  CHECK(s.read("merged.h5") == s.read("tilt1.h5"));
  REQUIRE(s.run("pnn-eval sat1.h5 --data iris.h5 --on model.h5 --set rotation=1 -o eval.h5") == 0);
  // the same masks, farther apart: their phases go over
  REQUIRE(s.run("pnn-fit --inputs 4 --layer d2nn:out=3,pixels=24,gap=0.12,image=2x2,detectors=1x3 --layer "
                "normalize "
                "--model nominal -o far.h5") == 0);
  CHECK(s.run("pnn-train far.h5 --data iris.h5 --method bp --init sat1.h5 --epochs 1 -o far-bp.h5") == 0);
}

TEST_CASE("what a diffractive network does not offer is refused in a sentence") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::string network = "--inputs 4 --layer d2nn:out=3,pixels=24,gap=0.1,image=2x2,detectors=1x3 ";
  REQUIRE(s.run("pnn-fabricate " + network + "-o optics.h5") == 0);
  REQUIRE(s.run("pnn-fit optics.h5 --model nominal -o model.h5") == 0);
  CHECK(s.run("pnn-characterize optics.h5 -o curves.h5") == 2);
  CHECK(s.err().find("no layer whose curves could be measured") != std::string::npos);
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --method slope -o no.h5") == 2);
  CHECK(s.err().find("slope") != std::string::npos);
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --method sat --perturb temperature=1 -o no.h5") == 2);
  CHECK(s.err().find(
            "temperature acts on no layer of this network (rotation, shift-x, shift-y, scale, axial does)") !=
        std::string::npos);
  CHECK(s.run("pnn-fabricate --inputs 784 --layer d2nn:out=10,pixels=20 -o no.h5") == 2);
  CHECK(s.err().find("does not fit a plane of 20x20") != std::string::npos);
  CHECK(s.run("pnn-fabricate --inputs 4 --layer d2nn:out=3,mask=2 -o no.h5") == 2);
  CHECK(s.err().find("did you mean \"masks\"") != std::string::npos);
  CHECK(s.run("pnn-fabricate " + network + "--set d2nn.rotaton.sigma=1 -o no.h5") == 2);
  CHECK(s.err().find("did you mean \"d2nn.rotation.sigma\"") != std::string::npos);
}
