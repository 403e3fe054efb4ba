// The chain on a free-space multiplier, as processes.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

TEST_CASE("a free-space network goes through the whole chain, with the same bytes for one and two threads") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::string network =
      "--inputs 4 --layer freespace:out=12,grid=2x3,image=2x2,block=2x2,guard=1x1,signed=exposures --layer "
      "sigmoid --layer freespace:out=3 ";
  REQUIRE(s.run("pnn-fabricate " + network + "--set freespace.rotation.sigma=1deg --count 3 -o optics.h5") ==
          0);
  CHECK(s.out().find("freespace1") != std::string::npos);
  REQUIRE(s.run("pnn-info --validate optics.h5") == 0);
  REQUIRE(s.run("pnn-fit optics.h5 --model nominal -o model.h5") == 0);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method sat --rho 0.005 --perturb rotation=2 --perturb "
                  "shift=1 --perturb scale=1.1 --system worst --epochs 8 --batch 16 -o sat" +
                  n + ".h5" + t) == 0);
    REQUIRE(s.run("pnn-transfer sat" + n + ".h5 --data iris.h5 --devices optics.h5 -o transfer" + n + ".h5" +
                  t) == 0);
    REQUIRE(s.run("pnn-perturb sat" + n +
                  ".h5 --data iris.h5 --devices optics.h5 --vary rotation=0:2:1 --vary scale=1,1.05 --set "
                  "shift-x=0.5 -o tilt" +
                  n + ".h5" + t) == 0);
  }
  for (const std::string file : {"sat", "transfer", "tilt"}) {
    INFO(file);
    const std::string one = s.read(file + "1.h5");
    CHECK(!one.empty());
    CHECK(one == s.read(file + "2.h5"));
    CHECK(s.run("pnn-info --validate " + file + "1.h5") == 0);
  }
  REQUIRE(s.run("pnn-eval sat1.h5 --data iris.h5 --on model.h5 --set rotation=1 -o eval.h5") == 0);
  CHECK(s.run("pnn-eval sat1.h5 --data iris.h5 --on model.h5 --environment free -o no.h5") == 2);
  CHECK(s.err().find("is a model, and no device") != std::string::npos);
  CHECK(s.run("pnn-perturb sat1.h5 --data iris.h5 --devices optics.h5 --vary scale=0,1 -o no.h5") == 2);
  CHECK(s.err().find("scale is 0, expected a number in [0.5, 2] (a factor: 1.05 is 5 % larger)") !=
        std::string::npos);
  CHECK(s.run("pnn-perturb sat1.h5 --data iris.h5 --devices optics.h5 --vary rotatoin=0,1 -o no.h5") == 2);
  CHECK(s.err().find("did you mean \"rotation\"") != std::string::npos);
  for (const std::string n : {"1", "2"}) {
    REQUIRE(s.run("pnn-characterize optics.h5 -o curves" + n + ".h5 --threads " + n) == 0);
    REQUIRE(s.run("pnn-fit curves" + n + ".h5 --model registration -o registered" + n + ".h5 --threads " +
                  n) == 0);
  }
  CHECK(s.out().find("shift_x_px") != std::string::npos);
  CHECK(s.read("registered1.h5") == s.read("registered2.h5"));
  CHECK(s.run("pnn-info --validate registered1.h5") == 0);
  CHECK(s.run("pnn-eval sat1.h5 --data iris.h5 --on registered1.h5 -o on-registered.h5") == 0);
  CHECK(s.run("pnn-fit curves1.h5 --model airy -o no.h5") == 2);
  CHECK(s.err().find("is not for curves of display") != std::string::npos);
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --method slope -o no.h5") == 2);
  CHECK(s.err().find("slope") != std::string::npos);
}
