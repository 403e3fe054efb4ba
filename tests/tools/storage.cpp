// File systems of clusters: without locks, and with a quota that is used up.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

#ifdef PNN_NETWORK_STORAGE

using Catch::Contains;
using pnn::test::Shell;

namespace {

const std::string preload = "env LD_PRELOAD=" PNN_NETWORK_STORAGE " ";

void prepare(Shell& s) {
  REQUIRE(s.run("pnn-data iris -o iris.h5 -q") == 0);
  REQUIRE(s.run("pnn-fit --inputs 4 --layer mrr:out=8 --layer relu --layer mrr:out=3 --model nominal -o "
                "model.h5 -q") == 0);
}

}  // namespace

TEST_CASE("without locks files are written and read with the same bytes, and HDF5 asks for none") {
  Shell s;
  prepare(s);
  const std::string train = "pnn-train model.h5 --data iris.h5 --epochs 3 -q -o ";
  REQUIRE(s.run(train + "p.h5") == 0);
  for (const std::string error : {"ENOLCK", "ENOSYS"}) {
    for (const std::string hdf5 : {"", "HDF5_USE_FILE_LOCKING=FALSE "}) {
      INFO(error << ' ' << hdf5);
      REQUIRE(s.run(preload + "PNN_NO_LOCKS=" + error + " " + hdf5 + train + "q.h5") == 0);
      CHECK(s.read("q.h5") == s.read("p.h5"));
      CHECK(s.run("ls -A | grep -c tmp") == 1);
    }
  }
}

TEST_CASE("where HDF5 is told to lock and there are no locks, a sentence says what to do") {
  Shell s;
  prepare(s);
  for (const std::string error : {"ENOLCK", "ENOSYS"}) {
    CHECK(s.run(preload + "PNN_NO_LOCKS=" + error +
                " HDF5_USE_FILE_LOCKING=TRUE pnn-train model.h5 --data iris.h5 --epochs 3 -q -o p.h5") == 1);
    CHECK_THAT(s.err(), Contains("no locks") && Contains("unset HDF5_USE_FILE_LOCKING"));
    CHECK_FALSE(s.exists("p.h5"));
  }
}

TEST_CASE("without locks a search is made by one process alone, which says so") {
  Shell s;
  prepare(s);
  const std::string search =
      "pnn-tune model.h5 --data iris.h5 --steps 9 --method noise --search sigma=0.003:0.1:log "
      "--points 3 --chips 2 --final-seeds 1 -o ";
  REQUIRE(s.run(search + "with.h5") == 0);
  CHECK_THAT(s.err(), !Contains("no locks"));
  for (const std::string jobs : {"1", "2"}) {
    REQUIRE(s.run(preload + "PNN_NO_LOCKS=ENOSYS " + search + "without.h5 --jobs " + jobs) == 0);
    CHECK_THAT(s.err(),
               Contains("without.h5.trials: no locks on this file system (Function not implemented)"));
    CHECK(s.read("without.h5") == s.read("with.h5"));
    REQUIRE(s.run("rm without.h5") == 0);
  }
}

TEST_CASE("a quota that is used up is told as one, and what was written before stays whole") {
  Shell s;
  prepare(s);
  const std::string
      train = "pnn-train model.h5 --data iris.h5 --method sat --epochs 20000 --evaluate-every 20000 ",
      full = preload + "PNN_QUOTA=8192 ";
  CHECK(s.run(full + train + "--time-limit 0.15 -o p.h5") == 1);
  CHECK_THAT(s.err(), Contains("p.h5.partial: your quota on this file system is used up"));
  CHECK_FALSE(s.exists("p.h5.partial"));
  REQUIRE(s.interrupt(train + "-o p.h5", "0.15", "p.h5"));
  const std::string before = s.read("p.h5.partial");
  CHECK(s.run(full + train + "--resume p.h5 -o p.h5 --time-limit 0.15") == 1);
  CHECK(s.read("p.h5.partial") == before);
  CHECK(s.run("ls -A | grep -c tmp") == 1);
}

#endif
