// Curves that a model expects, as a file beside the model.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn::test;
using Catch::Matchers::Contains;

TEST_CASE("the curves that a model expects are a whole file of their own, and change no byte of the model") {
  Shell shell;
  REQUIRE(shell.run("pnn-fabricate --inputs 4 --layer mrr:out=3 --set mrr.chip.rows=3 --set mrr.chip.cols=4 "
                    "-o chips.h5 &&"
                    "pnn-characterize chips.h5 --points 21 --temperatures 22,23 -o curves.h5 &&"
                    "pnn-fit curves.h5 --model airy -o model.h5 &&"
                    "pnn-fit curves.h5 --model airy -o same.h5 --predicted airy.h5 &&"
                    "pnn-fit curves.h5 --model nominal -o - --predicted nominal.h5 >nominal-model.h5") == 0);
  CHECK(shell.read("model.h5") == shell.read("same.h5"));
  for (const char* file : {"airy.h5", "nominal.h5"}) {
    CHECK(shell.run(std::string("pnn-info --validate ") + file) == 0);
    CHECK(shell.run(std::string("pnn-info ") + file) == 0);
    CHECK_THAT(shell.out(), Contains("curves: ") && Contains("pnn-fit") && Contains("1x12x2x201"));
  }
}

TEST_CASE("expected curves need measured ones of rings, and a file of their own") {
  Shell shell;
  REQUIRE(shell.run("pnn-fabricate --inputs 4 --layer mzi:modes=4 -o mesh.h5 &&"
                    "pnn-characterize mesh.h5 --points 21 -o fringes.h5") == 0);
  const auto refused = [&](const std::string& command, const std::string& sentence) {
    const std::size_t files = shell.files();
    INFO(command);
    CHECK(shell.run(command) == 2);
    CHECK_THAT(shell.err(), Contains(sentence));
    CHECK(shell.files() == files);
  };
  refused("pnn-fit fringes.h5 --model fringe -o model.h5 --predicted curves.h5",
          "--predicted: is of curves of rings");
  refused("pnn-fit --model nominal --inputs 4 --layer mrr:out=3 -o model.h5 --predicted curves.h5",
          "--predicted: expected CURVES");
  refused("pnn-fit fringes.h5 --model fringe -o model.h5 --predicted ./model.h5",
          "cannot be both; name two files");
  refused("pnn-fit fringes.h5 --model fringe -o - --predicted - | cat; exit ${PIPESTATUS[0]}",
          "cannot be both; name two files");
}
