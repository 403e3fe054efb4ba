// The landscape of a small network, as processes.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using pnn::test::Shell;

TEST_CASE("a landscape is the same for one and two threads, of a model and of a device") {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mrr:out=8 --layer relu --layer mrr:out=3 --count 2 -o "
                "chips.h5") == 0);
  REQUIRE(s.run("pnn-fit chips.h5 --model nominal -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method bp --epochs 4 --batch 16 -o bp.h5") == 0);
  const std::string of_model =
      "pnn-landscape bp.h5 --data iris.h5 --on model.h5 --slice 2d --points 3 --hessian 2 --trace 3 "
      "--histogram ";
  const std::string of_device =
      "pnn-landscape bp.h5 --data iris.h5 --on chips.h5 --index 1 --points 5 --trace 2 --histogram ";
  for (const std::string n : {"1", "2"}) {
    REQUIRE(s.run(of_model + "-o model-land" + n + ".h5 --threads " + n) == 0);
    CHECK(s.out().find("largest eigenvalue") != std::string::npos);
    REQUIRE(s.run(of_device + "-o device-land" + n + ".h5 --threads " + n) == 0);
  }
  for (const std::string file : {"model-land", "device-land"}) {
    INFO(file);
    CHECK(s.read(file + "1.h5") == s.read(file + "2.h5"));
    CHECK(s.run("pnn-info --validate " + file + "1.h5") == 0);
  }
  // trainings of one label have a number each, also in what other tools say of them
  REQUIRE(s.run("pnn-landscape bp.h5 bp.h5 --data iris.h5 --on model.h5 --trace 1 -q -o two.h5") == 0);
  CHECK_THAT(s.out(), Contains("\nbp 1 ") && Contains("\nbp 2 "));
  REQUIRE(s.run("pnn-info two.h5") == 0);
  CHECK_THAT(s.out(), Contains("accuracy of bp 1: ") && Contains("accuracy of bp 2: "));
  REQUIRE(s.run("pnn-export two.h5 --table loss") == 0);
  CHECK_THAT(s.out(), StartsWith("method,training,alpha,") && Contains("\nbp,1,") && Contains("\nbp,2,"));
  REQUIRE(s.run("pnn-export model-land1.h5 --table loss") == 0);
  CHECK_THAT(s.out(), StartsWith("method,alpha,"));
  CHECK(s.run("pnn-landscape bp.h5 --data iris.h5 --on chips.h5 --hessian 2 -o no.h5") == 2);
  CHECK(s.err().find("--hessian") != std::string::npos);
  CHECK(s.run("pnn-landscape bp.h5 --data iris.h5 --on model.h5 --points 4 -o no.h5") == 2);
  CHECK(s.err().find("odd number") != std::string::npos);
  CHECK(s.run("pnn-landscape bp.h5 --data iris.h5 --on model.h5 --directions hessian -o no.h5") == 2);
  CHECK(s.err().find("needs --hessian 1") != std::string::npos);
}
