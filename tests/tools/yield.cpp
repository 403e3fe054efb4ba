// The yield over devices, from the command line to files, tables and pnn-merge.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

/// iris.h5, six chips, their model, and parameters.
void prepare(Shell& s) {
  const std::string network = "--inputs 4 --layer mrr:out=3";
  REQUIRE(s.run("pnn-data iris -q -o iris.h5") == 0);
  REQUIRE(s.run("pnn-fabricate " + network + " --count 6 -q -o chips.h5") == 0);
  REQUIRE(s.run("pnn-fit chips.h5 --model nominal -q -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 4 --batch 16 -q -o bp.h5") == 0);
}

const std::string on_chips = " bp.h5 --data iris.h5 --devices chips.h5 ";

bool same(const Shell& s, const std::string& a, const std::string& b) {
  const std::string bytes = s.read(a);
  return !bytes.empty() && bytes == s.read(b);
}

}  // namespace

TEST_CASE("all three tools tell the yield, in table, JSON and file") {
  Shell s;
  prepare(s);
  const std::string yield = " --yield 60,90 -q -o out.h5";
  for (const std::string& command :
       {"pnn-transfer" + on_chips + yield, "pnn-perturb" + on_chips + "--vary drift=0,1" + yield,
        "pnn-eval bp.h5 --data iris.h5 --on chips.h5 --index 2" + yield}) {
    INFO(command);
    REQUIRE(s.run(command) == 0);
    CHECK_THAT(s.out(), Contains("≥ 60 %") && Contains("≥ 90 %") && Contains("Clopper"));
    REQUIRE(s.run("pnn-info --validate out.h5 && pnn-info out.h5") == 0);
    CHECK_THAT(s.out(), Contains("yield at 90 % of bp"));
    REQUIRE(s.run(command + " --json") == 0);
    CHECK_THAT(s.out(), Contains("\"yield_levels\": [0.6,0.9]"));
    REQUIRE(s.run("pnn-export out.h5 --table /yield/share -o share.csv") == 0);
    CHECK_THAT(s.read("share.csv"), Contains("all"));
  }
  // a score of R² has levels too, in %
  REQUIRE(s.run("pnn-data csv " PNN_SOURCE_DIR
                "/data/iris.csv --regression --targets petal_width_cm --ignore "
                "species -q -o widths.h5") == 0);
  REQUIRE(s.run("pnn-fabricate --inputs 3 --layer mrr:out=1 --layer batchnorm --count 3 -q -o rulers.h5 && "
                "pnn-fit rulers.h5 --model nominal -q -o ruler.h5 && pnn-train ruler.h5 --data widths.h5 "
                "--epochs 2 --batch 16 -q -o ruled.h5") == 0);
  REQUIRE(s.run("pnn-transfer ruled.h5 --data widths.h5 --devices rulers.h5 --yield 90") == 0);
  CHECK_THAT(s.out(), Contains("whose R² reaches the level") && Contains("≥ 0.9"));
}

TEST_CASE("without --yield a file is the one it was, and with it shards make the whole and its yield") {
  Shell s;
  prepare(s);
  const std::string sweep = "pnn-perturb" + on_chips + "--vary drift=-1:1:0.5 -q ";
  REQUIRE(s.run(sweep + "-o plain.h5 && pnn-info plain.h5") == 0);
  CHECK_THAT(s.out(), !Contains("yield"));
  REQUIRE(s.run(sweep + "--yield 70 -o whole.h5 --json") == 0);
  const std::string whole = s.out().substr(s.out().find("\"yield_levels\""));
  for (const std::string k : {"0", "1", "2"}) {
    REQUIRE(s.run(sweep + "--yield 70 --shard " + k + "/3 -o part" + k + ".h5") == 0);
    CHECK_THAT(s.out(), Contains("yield: told when the parts of all devices are merged"));
  }
  REQUIRE(s.run("pnn-merge part2.h5 part0.h5 part1.h5 -o merged.h5 --json") == 0);
  CHECK(same(s, "whole.h5", "merged.h5"));
  const std::string merged = s.out().substr(s.out().find("\"yield_levels\""));
  CHECK(whole.substr(0, merged.size() - 2) == merged.substr(0, merged.size() - 2));
  REQUIRE(s.run(sweep + "--yield 70 --resume part1.h5 -o resumed.h5") == 0);
  CHECK(same(s, "whole.h5", "resumed.h5"));
  REQUIRE(s.run(sweep + "--shard 0/2 -o half.h5 && " + sweep + "--yield 70 --shard 1/2 -o other.h5") == 0);
  CHECK(s.run("pnn-merge half.h5 other.h5 -o no.h5") == 2);
  CHECK_THAT(s.err(), Contains("other settings"));
}

TEST_CASE("a yield that would act on nothing is refused, and a dry run tells what statements want") {
  Shell s;
  prepare(s);
  const auto refused = [&](const std::string& command, const std::string& sentence) {
    INFO(command);
    CHECK(s.run(command + " -q -o no.h5") == 2);
    CHECK_THAT(s.err(), Contains(sentence));
    CHECK_FALSE(s.exists("no.h5"));
  };
  refused("pnn-transfer bp.h5 --data iris.h5 --devices model.h5 --yield 90", "model.h5 is a model");
  refused("pnn-eval bp.h5 --data iris.h5 --on model.h5 --yield 90", "model.h5 is a model");
  refused("pnn-transfer" + on_chips + "--index 1,1 --yield 90", "device 1 stands twice in --index");
  refused("pnn-transfer" + on_chips + "--confidence 90",
          "--confidence: acts on nothing here; it is that of --yield");
  refused("pnn-transfer" + on_chips + "--yield 101", "--yield: expected numbers above 0 and at most 100");
  REQUIRE(s.run("pnn-transfer" + on_chips + "--yield 90 --dry-run -q") == 0);
  CHECK_THAT(s.out(), Contains("59, 93 if one of them fails") && Contains("60.7 % of dies"));
  CHECK_THAT(s.out(), Contains("most that 6 devices show"));
}
