// A search for settings as processes: alone, several at once, killed and begun again.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Contains;
using pnn::test::Shell;

namespace {

const std::string search =
    "pnn-tune model.h5 --data iris.h5 --epochs 90 --batch 16 --perturb temperature=1 --method noise "
    "--search lr=1e-6:1:log --search sigma=0.001:0.1:log --points 9 --brackets 2 --chips 4 --finalists 2 "
    "--final-seeds 2 ";

void prepare(Shell& s) {
  REQUIRE(s.run("pnn-data iris --validation-fraction 0.3 -o iris.h5 -q") == 0);
  REQUIRE(
      s.run("pnn-fit --inputs 4 --layer mrr:out=8 --layer relu --layer mrr:out=3 --model nominal -o model.h5 "
            "-q") == 0);
}

}  // namespace

TEST_CASE("a search finds the rate, says how to train with it, and is the same for any number of processes") {
  Shell s;
  prepare(s);
  REQUIRE(s.run(search + "-o one.h5 --params best.h5 --json") == 0);
  CHECK_THAT(s.out(), Contains("\"trainings\":") && Contains("\"command\":"));
  CHECK_FALSE(s.exists("one.h5.trials"));
  // rates below 1e-3 learn nothing in so few steps, and those near 1 forget
  CHECK(s.run("pnn-info one.h5 | awk '/^best lr/ { found = $3 > 1e-3 && $3 < 0.1 } END { exit !found }'") ==
        0);
  CHECK(s.run("pnn-info one.h5 | grep -qx 'trainings: 23'") == 0);
  CHECK(s.run("pnn-info --validate one.h5") == 0);

  // the command that it prints makes the same controls
  REQUIRE(s.run(search + "-o one.h5 -q | grep -o 'pnn-train model.h5.*' > again.sh") == 0);
  REQUIRE(s.run("sed -i s/best.h5/again.h5/ again.sh && bash again.sh") == 0);
  CHECK(s.run("for f in best again; do pnn-info $f.h5 --csv /controls/mrr1 > $f.txt; pnn-info $f.h5 --csv "
              "/controls/mrr2 >> $f.txt; done; cmp best.txt again.txt") == 0);

  // three processes of one command, and three commands by hand, write the same bytes
  REQUIRE(s.run(search + "-o three.h5 --params best-three.h5 --jobs 3 -q") == 0);
  CHECK(s.read("three.h5") == s.read("one.h5"));
  CHECK(s.read("best-three.h5") == s.read("best.h5"));
  CHECK_FALSE(s.exists("three.h5.trials"));
  REQUIRE(s.run("for k in 1 2 3; do " + search +
                "-o array.h5 --threads 1 -q > table-$k.txt & pids=\"$pids $!\"; done; "
                "for p in $pids; do wait $p || exit 9; done; cmp table-1.txt table-2.txt && cmp table-1.txt "
                "table-3.txt") == 0);
  CHECK(s.read("array.h5") == s.read("one.h5"));

  // whoever comes late leaves what is there, and trains once where parameters are asked for
  REQUIRE(s.run(search + "-o one.h5 --params late.h5") == 0);
  CHECK_THAT(s.err(), Contains("holds this search already, finished"));
  CHECK(s.read("late.h5") == s.read("best.h5"));
}

TEST_CASE("a search that is killed or stopped goes on, and ends in the same bytes") {
  Shell s;
  prepare(s);
  REQUIRE(s.run(search + "-o whole.h5 -q --keep") == 0);
  CHECK(s.exists("whole.h5.trials"));
  // killed together with its helpers, again and again
  REQUIRE(s.run("for k in 1 2 3 4; do timeout -s KILL 0.$k " + search + "-o killed.h5 --jobs 2 -q; done; " +
                search + "-o killed.h5 --jobs 2 -q") == 0);
  CHECK(s.read("killed.h5") == s.read("whole.h5"));
  // told to stop in the middle of trainings, which go on where they were
  const std::string stopped = search + "-o stopped.h5 -q";
  int interrupted = 0;
  for (const char* limit :
       {"0.004", "0.008", "0.015", "0.03", "0.05", "0.1", "0.1"}) {  // a fast machine needs 0.05 s
    const int status = s.run(stopped + " --time-limit " + limit);
    interrupted += status == 75 ? 1 : 0;
    CHECK((status == 75 || status == 0));
  }
  CHECK(interrupted > 0);
  REQUIRE(s.run(stopped) == 0);
  CHECK(s.read("stopped.h5") == s.read("whole.h5"));
  CHECK_FALSE(s.exists("stopped.h5.trials"));
}

TEST_CASE("a folder of another search, and what makes no search, is refused") {
  Shell s;
  prepare(s);
  const auto refused = [&](const std::string& command, const std::string& why) {
    INFO(command);
    CHECK(s.run(command) == 2);
    CHECK_THAT(s.err(), Contains(why));
  };
  REQUIRE(s.run("mkdir other.h5.trials && echo > other.h5.trials/notes.txt") == 0);
  refused(search + "-o other.h5", "is no folder of a search, and holds other files");
  CHECK(s.run(search + "-o begun.h5 -q --time-limit 0.01") != 70);
  REQUIRE(s.run("mkdir -p begun.h5.trials && printf x > begun.h5.trials/search") == 0);
  refused(search + "-o begun.h5", "holds the trainings of another search");
  const std::string simple = "pnn-tune model.h5 --data iris.h5 --epochs 9 --batch 16 ";
  refused(simple + "-o t.h5", "--search: a search needs an option");
  refused(simple + "--search rho=0.1:1 -o t.h5", "--search rho: acts on nothing here; ");
  refused(simple + "--search freeze-statistics=0:1 -o t.h5",
          "--search freeze-statistics: acts on nothing here; the network has no batch normalisation");
  refused(simple + "--search lr=0.1:1 -o -", "name a file");
  refused(simple + "--search lr=0.1:1 --method pat -o t.h5", "a search trains on models alone");
  refused(simple + "--search method=bp,spsa -o t.h5", "a search trains on models alone");
  refused(simple + "--search lr=0.1:1 --vary mrr.delta.sigma=0,1 -o t.h5", "is a value of the process");
  refused(simple + "--search lr=0.1:1 --vary rotation=0,1 -o t.h5", "--vary rotation: acts on no");
  refused(simple + "--search lr=0.1:1 --criterion best -o t.h5", "--criterion: expected mean");
  refused(simple + "--search lr=0.1:1 --search-budget 10 -o t.h5", "too few for two settings");
  refused(simple + "--search lr=0.1:1 --search-budget 1e4 --points 4 -o t.h5",
          "--points: acts on nothing here");
  refused(simple + "--search lr=0.1:1 --brackets 4 -o t.h5",
          "--brackets: expected at most as many as --rungs (3)");
  refused(simple + "--search draws=1:64 -o t.h5", "--draws: more parts than --batch has samples (draws=");
  refused("cat model.h5 | pnn-tune - --data iris.h5 --search lr=0.1:1 --jobs 2 -o t.h5",
          "cannot read one standard input");
  REQUIRE(s.run("pnn-data iris --validation-fraction 0 -o none.h5 -q") == 0);
  refused("pnn-tune model.h5 --data none.h5 --search lr=0.1:1 -o t.h5", "has no validation samples");
  REQUIRE(s.run("pnn-fit --inputs 4 --layer dense:out=3 --model nominal -o digital.h5 -q") == 0);
  refused("pnn-tune digital.h5 --data iris.h5 --search lr=0.1:1 -o t.h5", "no physical layer");
  CHECK_FALSE(s.exists("t.h5"));
  CHECK_FALSE(s.exists("t.h5.trials"));
}

TEST_CASE("a search reads the settings of trainings in a configuration, below its own") {
  Shell s;
  s.write("c.toml", "[pnn-tune]\nlr = 0.03\nchips = 7\n[pnn-train]\nlr = 0.02\nbatch = 32\n");
  REQUIRE(s.run("pnn-tune --config c.toml --print-config") == 0);
  CHECK_THAT(s.out(), Contains("\nlr = 0.03\n") && Contains("\nbatch = 32\n") && Contains("\nchips = 7\n"));
  REQUIRE(s.run("pnn-tune --preset mrr-small --print-config") == 0);
  CHECK_THAT(s.out(), Contains("\nbatch = 128\n"));
  REQUIRE(s.run("pnn-train --config c.toml --print-config") == 0);
  CHECK_THAT(s.out(), Contains("\nlr = 0.02\n"));
}

TEST_CASE("a search tells its cost before, keeps its budget, and becomes a table") {
  Shell s;
  prepare(s);
  const std::string budgeted =
      "pnn-tune model.h5 --data iris.h5 --budget 27 --batch 16 --search method=bp,sat --search "
      "lr=0.001:0.1:log "
      "--search-budget 300 --rungs 2 --brackets 2 --chips 3 --criterion worst -o t.h5 ";
  REQUIRE(s.run(budgeted + "--dry-run") == 0);
  CHECK_THAT(s.out(), Contains("bracket 1: ") && Contains(" trainings of 1/3, then ") &&
                          Contains("gradient evaluations"));
  CHECK_FALSE(s.exists("t.h5.trials"));
  REQUIRE(
      s.run(budgeted +
            "-q --json > t.json && python3 -c 'import json; t = json.load(open(\"t.json\")); assert 150 < "
            "t[\"gradients\"] <= 300, t'") == 0);
  REQUIRE(s.run("pnn-export t.h5 --table - > t.csv || pnn-export t.h5 -o t.csv -q") == 0);
  CHECK_THAT(s.read("t.csv"), Contains("criterion") && Contains("method") && Contains("lr"));
}
