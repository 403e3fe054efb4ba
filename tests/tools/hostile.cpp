// Damaged files as the tools meet them: status 2 or a value, one sentence, nothing written, in little memory
// and time.
#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "pnn/core/random.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr const char* limits = "ulimit -t 60; ";  // a sanitizer takes all addresses
#else
constexpr const char* limits = "ulimit -t 60; ulimit -v 3000000; ";
#endif

struct Kind {
  const char *file, *command;  ///< a tool that reads damaged.h5 in place of it
};
const Kind kinds[] = {
    {"iris.h5", "pnn-train model.h5 --data damaged.h5 --epochs 1 -q -o out.h5"},
    {"chips.h5", "pnn-characterize damaged.h5 --points 8 -q -o out.h5"},
    {"curves.h5", "pnn-fit damaged.h5 -q -o out.h5"},
    {"model.h5", "pnn-train damaged.h5 --data iris.h5 --epochs 1 -q -o out.h5"},
    {"params.h5", "pnn-eval damaged.h5 --data iris.h5 --on model.h5 -q -o out.h5"},
    {"result.h5", "pnn-merge damaged.h5 -q -o out.h5"},
};

void prepare(Shell& s) {
  REQUIRE(s.run("pnn-data iris -q -o iris.h5 && "
                "pnn-fabricate --inputs 4 --layer mrr:out=3,chip=4x4 -q -o chips.h5 && "
                "pnn-characterize chips.h5 --points 8 -q -o curves.h5 && "
                "pnn-fit --model nominal --inputs 4 --layer mrr:out=3,chip=4x4 -q -o model.h5 && "
                "pnn-train model.h5 --data iris.h5 --epochs 1 -q -o params.h5 && "
                "pnn-eval params.h5 --data iris.h5 --on model.h5 -q -o result.h5") == 0);
}

/// The status of a command on damaged.h5, which is 0 or 2 with one line and no file.
int status_of(Shell& s, const std::string& command) {
  INFO(command);
  const int status = s.run(limits + command);
  INFO(s.err());
  CHECK((status == 0 || status == 2));
  if (status == 2) {
    CHECK_FALSE(s.exists("out.h5"));
    const std::string err = s.err();
    if (command.find("--validate") == std::string::npos) CHECK(std::count(err.begin(), err.end(), '\n') == 1);
    CHECK(err.find('\x1b') == std::string::npos);
  }
  s.run("rm -f out.h5");
  return status;
}

}  // namespace

TEST_CASE("damaged files of every kind are refused by the tools that read them") {
  Shell s;
  prepare(s);
  std::uint16_t number = 0;
  int refused = 0;
  for (const Kind& kind : kinds) {
    const std::string whole = s.read(kind.file);
    ++number;
    for (const std::size_t length : {std::size_t{60}, whole.size() / 2, whole.size() - 1}) {
      s.write("damaged.h5", whole.substr(0, length));
      for (const std::string command :
           {"pnn-info damaged.h5", "pnn-info --validate damaged.h5", kind.command})
        CHECK(status_of(s, command) == 2);
    }
    for (std::uint32_t k = 0; k < 4; ++k) {
      const pnn::Stream stream{3, pnn::Purpose::test, number, 0, k};
      std::string bytes = whole;
      bytes[pnn::below(stream, 0, std::uint32_t(bytes.size()))] ^= char(1U << pnn::below(stream, 1, 8));
      s.write("damaged.h5", bytes);
      for (const std::string command :
           {"pnn-info damaged.h5", "pnn-info --validate damaged.h5", kind.command})
        refused += status_of(s, command) == 2 ? 1 : 0;
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("files that crash HDF5 end a tool with status 2") {
  Shell s;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PNN_SOURCE_DIR "/tests/fuzz/corpus")) {
    const std::string path = "'" + entry.path().string() + "'", end = entry.path().extension().string();
    INFO(path);
    ++files;
    if (end == ".h5") {
      CHECK(status_of(s, "pnn-info " + path) == 2);
      CHECK(status_of(s, "pnn-info --validate " + path) == 2);
      CHECK(status_of(s, "cat " + path + " | pnn-train - --data - -o out.h5") == 2);
    } else if (end == ".csv") {
      CHECK(status_of(s, "pnn-data csv " + path + " --label-column label -o out.h5") == 2);
    } else {
      CHECK(status_of(s, "pnn-data idx --train-images " + path + " --train-labels " + path +
                             " --test-images " + path + " --test-labels " + path + " -o out.h5") == 2);
    }
  }
  CHECK(files >= 8);
}
