// What a tool does when the system gives it less than it wants, when inputs do not end, and when it is told
// to stop: a sentence that blames the right one, the status that README.md promises, and nothing left behind.
#include <algorithm>
#include <regex>
#include <string>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitized = true;  // takes all addresses, and no limit of them
constexpr const char* little_memory = "";
#else
constexpr bool sanitized = false;
constexpr const char* little_memory = "ulimit -v 2000000; ";
#endif

void prepare(Shell& s) {
  REQUIRE(s.run("pnn-data iris -q -o iris.h5 && pnn-fabricate --inputs 4 --layer mrr:out=3,chip=4x4 -q -o "
                "chips.h5 && "
                "pnn-fit --model nominal --inputs 4 --layer mrr:out=3,chip=4x4 -q -o model.h5 && "
                "pnn-train model.h5 --data iris.h5 --epochs 1 -q -o params.h5") == 0);
}

/// Checks the status and the one line of a command.
void expect(Shell& s, const std::string& command, int status, const std::string& words) {
  INFO(command);
  CHECK(s.run(command) == status);
  const std::string err = s.err();
  CHECK_THAT(err, Contains(words));
  CHECK(std::count(err.begin(), err.end(), '\n') == 1);
}

const std::string fabricate = "pnn-fabricate --inputs 4 --layer mrr:out=3 -q ";

}  // namespace

TEST_CASE("a configuration is never replaced by an output") {
  Shell s;
  s.write("c.toml", "seed=1\n");
  expect(s, fabricate + "--config c.toml -o c.toml", 2, "c.toml: is also the input --config");
  CHECK(s.read("c.toml") == "seed=1\n");
  REQUIRE(s.run("pnn-data iris -q -o iris.h5 && cp iris.h5 before.h5") == 0);
  expect(s, "pnn-train - --data iris.h5 --epochs 1 -q -o iris.h5 < iris.h5", 2, "is also the input");
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mrr:out=3,chip=4x4 -q -o chips.h5") == 0);
  expect(s, "pnn-characterize --device \"exec:pnn-device chips.h5\" -q -o chips.h5", 2, "is also the input");
  CHECK(s.run("cmp iris.h5 before.h5 && pnn-info chips.h5") == 0);
}

TEST_CASE("no output replaces a picture of the folder that it is made from") {
  Shell s;
  // four pictures of one row and two columns, and their labels
  const std::string pictures = std::string("\0\0\x08\x03\0\0\0\x04\0\0\0\x01\0\0\0\x02", 16) + "abcdefgh",
                    labels("\0\0\x08\x01\0\0\0\x04\0\1\0\1", 12);
  for (const std::string part : {"train", "t10k"}) {
    s.write("d/" + part + "-images-idx3-ubyte", pictures);
    s.write("d/" + part + "-labels-idx1-ubyte", labels);
  }
  expect(s, "pnn-data mnist --dir d -q -o d/train-images-idx3-ubyte", 2, "is also the input --train-images");
  CHECK(s.read("d/train-images-idx3-ubyte") == pictures);
  CHECK(s.run("pnn-data mnist --dir d -q -o d/mnist.h5 && pnn-data mnist --dir d -q -o d/mnist.h5") == 0);
}

TEST_CASE("keys and tables of any depth are refused or read") {
  Shell s;
  std::string deep;
  for (int k = 0; k < 100'000; ++k) deep += "a.";
  std::string nested = "x = ";
  for (int k = 0; k < 300; ++k) nested += "{a.a.a.a.a.a.a.a = ";
  for (const std::string& text :
       {deep + "a = 1\n", "[" + deep + "a]\n", "[[" + deep + "a]]\n", "x = {" + deep + "a = 1}\n",
        "x = [\"\"\"b\"\"\"\", {" + deep + "a = 1}, \"\"]\n", "x = '''\n'''\n" + deep + "a = 1\n"}) {
    s.write("c.toml", text);
    expect(s, fabricate + "--config c.toml -o o.h5", 2, "expected a key of at most 8 parts, found more");
  }
  for (const std::string& text : {nested, std::string(100'000, '['), "x = " + std::string(100'000, '{')}) {
    s.write("c.toml", text);
    CHECK(s.run(fabricate + "--config c.toml -o o.h5") == 2);
  }
  s.write("c.toml", "# a.b.c.d.e.f.g.h.i.j\n[process]\nmrr.delta.sigma = 0.1 # 1.2.3.4.5.6.7.8.9.10\n");
  CHECK(s.run(fabricate + "--config c.toml -o o.h5") == 0);
}

TEST_CASE("inputs without an end are refused") {
  Shell s;
  const std::string limits = std::string(little_memory) + "ulimit -t 60; ";
  expect(s, limits + fabricate + "--config /dev/zero -o o.h5", 2,
         "a configuration of at most 1 MiB, found more");
  REQUIRE(s.run("pnn-data iris -q -o iris.h5; mkdir spool") == 0);
  const std::string spool = "export TMPDIR=$PWD/spool; ";
  expect(s, spool + limits + "cat iris.h5 /dev/zero | pnn-info -", 2, "goes on behind the ");
  s.write("head.h5", std::string("\x89HDF\r\n\x1a\n\0", 9));
  expect(s, spool + limits + "cat head.h5 /dev/zero | pnn-info -", 2, "an HDF5 file of the older format");
  std::string head("\x89HDF\r\n\x1a\n\2\x08\x08\0", 12);
  head +=
      std::string(8, '\0') + std::string(8, '\xff') + std::string(7, '\0') + '\x10' + std::string(12, '\0');
  s.write("head.h5", head);
  expect(s, spool + limits + "cat head.h5 /dev/zero | pnn-info -", 1, "set TMPDIR to a larger place");
  s.run("ls -A spool");
  CHECK(s.out().empty());
  expect(s,
         limits +
             "(printf \"a,s\\n\"; head -c 100000000 /dev/zero | tr \"\\0\" ,) | pnn-data csv - "
             "--label-column s -q -o o.h5",
         2, "standard input:2: expected 2 columns as in the header line, found 100000001");
  expect(s,
         limits + "head -c 100000000 /dev/zero | tr \"\\0\" , | pnn-data csv - --label-column s -q -o o.h5",
         2, "more than 1000000 columns");
  CHECK_FALSE(s.exists("o.h5"));
}

TEST_CASE("a small table makes no large file") {
  Shell s;
  std::string table = "element,control,response,temperature\n";
  for (int ring = 0; ring < 1000; ++ring)
    for (int k = 0; k < 8; ++k)
      table += "r" + std::to_string(ring) + "," + std::to_string(0.6 * k) + ",1," +
               std::to_string(20 + 0.1 * ring) + "\n";
  s.write("ragged.csv", table);
  expect(s, "pnn-characterize --import ragged.csv -q -o o.h5", 2, "would take 8e+06 places");
}

TEST_CASE("a sweep is counted before it is laid out") {
  Shell s;
  prepare(s);
  const std::string sweep = std::string(little_memory) +
                            "pnn-perturb params.h5 --data iris.h5 --devices chips.h5 -q -o o.h5 --json ";
  std::string wide;
  for (const char* name : {"drift", "detuning", "detuning-spread", "temperature"})
    wide += "--vary " + std::string(name) + "=0:3.2767:0.00005 ";
  expect(s, sweep + wide, 2, "too many evaluations: 1.845e+19");
  expect(s, sweep + wide + "--dry-run", 2, "too many evaluations: 1.845e+19");
  expect(s,
         sweep + "--vary drift=0:99.999:0.001 --vary detuning=0:99.999:0.001 --repeat 1000000000 --dry-run",
         2, "at most 8589934592 are possible");
  expect(s, sweep + "--vary mrr.delta.sigma=0:0.1:0.00001 --vary mrr.crosstalk=0:0.01:0.00001", 2,
         "too many points of the fabrication process");
  // a hundred million evaluations are told of in the memory of a few
  CHECK(s.run(sweep + "--vary drift=0:99.999:0.001 --repeat 1000 --dry-run") == 0);
  CHECK_THAT(s.out(), Contains("\"evaluations\": 100000000,"));
  CHECK_FALSE(s.exists("o.h5"));
}

TEST_CASE("more readings than a file may hold are refused before they are laid out") {
  Shell s;
  prepare(s);
  const std::string measure = std::string(little_memory) + "pnn-characterize chips.h5 -q -o o.h5 ";
  for (const char* dry : {"", "--dry-run"})
    expect(s, measure + "--points 100000 --temperatures 0:99.999:0.001 " + dry, 2,
           "too many readings: 1.6e+11 (16 elements");
}

TEST_CASE("more devices than a file may hold are refused before they are drawn") {
  Shell s;
  expect(s, "pnn-fabricate --inputs 1000 --layer mrr:out=1000,reuse=space --count 100000 -q -o o.h5", 2,
         "more than 64 GiB; at most ");
}

TEST_CASE("a signal ends what reads, draws and sweeps, with status 75 and nothing half done", "[slow]") {
  Shell s;
  prepare(s);
  // --preserve-status: that of the tool, unless it had to be killed a minute later
  const std::string ended = "timeout --preserve-status -k 60 -s TERM 2 ";
  const std::string train = "pnn-train model.h5 --data iris.h5 --epochs 1000000 -q -o trained.h5";
  CHECK(s.run("mkfifo silent; exec 3<>silent; rm silent; " + ended + "pnn-info - <&3") == 75);
  CHECK(s.run("mkfifo pipe; " + ended + "pnn-data csv pipe -q -o o.h5; status=$?; rm pipe; exit $status") ==
        75);
  CHECK(s.run(ended + "pnn-perturb params.h5 --data iris.h5 --devices chips.h5 -q -o sweep.h5 --vary "
                      "drift=0:99.99:0.01 --repeat 1000") == 75);
  CHECK(s.run(ended + train) == 75);
  CHECK(s.run(ended + "pnn-fabricate --inputs 4 --layer mrr:out=3 --count 1000000 -q -o many.h5") == 75);
  CHECK(s.run("timeout --preserve-status -k 60 -s HUP 2 " + train) == 75);
  CHECK(s.run("pnn-info trained.h5.partial && pnn-info sweep.h5.partial && ls -A | grep tmp") == 1);
}

TEST_CASE("a file that may not grow any further is a failure in words, and leaves nothing") {
  Shell s;
  prepare(s);
  const std::size_t before = s.files();
  expect(s, "ulimit -f 5; pnn-train model.h5 --data iris.h5 --epochs 2 -q -o o.h5", 1,
         "o.h5.partial: the file may not grow any further (File too large); raise the limit (ulimit -f)");
  CHECK(s.files() == before);
}

TEST_CASE("descriptors that run out are not the fault of a file") {
  Shell s;
  prepare(s);
  bool refused = false;
  for (const char* tool : {"pnn-info params.h5", "pnn-train model.h5 --data iris.h5 --epochs 1 -q -o o.h5"}) {
    for (int most = 4; most < 10; ++most) {  // some of them are the caller's
      const std::string command = "ulimit -n " + std::to_string(most) + "; " + tool;
      INFO(command);
      const int status = s.run(command);
      // 127: the loader of programs has no descriptor left to open the libraries with
      CHECK((status == 0 || status == 1 || status == 127));
      if (status == 1) CHECK_THAT(s.err(), Contains("too many open files"));
      refused = refused || status == 1;
    }
  }
  CHECK(refused);
}

TEST_CASE("memory that runs out is not the fault of a file") {
  if (sanitized) return;
  Shell s;
  prepare(s);
  REQUIRE(s.run("(ulimit -v 2000000; pnn-info params.h5)") == 0);
  for (int most = 14'000; most < 200'000; most += 6'000) {
    const std::string command = "ulimit -v " + std::to_string(most) + "; pnn-info params.h5";
    INFO(command);
    const int status = s.run(command);
    // 127: the loader of programs has not found room for the libraries
    CHECK((status == 0 || status == 1 || status == 127));
    if (status == 1) CHECK_THAT(s.err(), Contains("not enough memory"));
  }
  for (int most = 18'000; most < 40'000; most += 1'000) {
    const std::string command = "ulimit -v " + std::to_string(most) +
                                "; pnn-train model.h5 --data iris.h5 --epochs 1 --threads 4 -q -o o.h5";
    INFO(command);
    const int status = s.run(command);
    CHECK((status == 0 || status == 1 || status == 127));
    if (status == 1)
      CHECK_THAT(s.err(), Contains("not enough memory") || Contains("no threads can be started"));
  }
}

TEST_CASE("a tool that is started without its standard streams works, and says where a file would be lost") {
  Shell s;
  prepare(s);
  CHECK(s.run("pnn-info params.h5 <&- >&- 2>&-") == 0);
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --epochs 1 -o o.h5 <&- >&- 2>&-") == 0);
  CHECK(s.run("pnn-info --validate o.h5") == 0);
  CHECK(s.run("pnn-fit --model nominal --inputs 4 --layer mrr:out=3 -q -o - >&-") == 2);
  CHECK_THAT(s.err(), Contains("standard output is closed"));
  CHECK(s.run("pnn-info - <&-") == 2);
  CHECK_THAT(s.err(), Contains("standard input: not an HDF5 file (found nothing, 0 bytes)"));
}

TEST_CASE("a killed tool leaves nothing of its standard input, and its output is cleaned by the next run") {
  Shell s;
  prepare(s);
  const std::string spool = "mkdir -p spool; export TMPDIR=$PWD/spool; ";
  s.run(spool + "(cat iris.h5; sleep 3) | pnn-info - >/dev/null & sleep 1; kill -9 $!; ls -A spool");
  CHECK(s.out().empty());
  s.write(".o.h5.4711.tmp", "left behind");
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 1 -q -o o.h5") == 0);
  CHECK_FALSE(s.exists(".o.h5.4711.tmp"));
}

TEST_CASE("the samples of a data set are in memory once, whichever of them are shown") {
  if (sanitized) return;  // takes more
  Shell s;
  constexpr std::size_t many = 40'000, pixels = 784;  // as floats 125 MB
  const auto idx = [&](const std::string& name, std::size_t count) {
    const std::string size{0, 0, char(count >> 8), char(count & 255)};
    std::string labels;
    for (std::size_t k = 0; k < count; ++k) labels += char(k % 10);
    s.write(name + "-x", std::string{0, 0, 8, 3} + size + std::string{0, 0, 0, 28, 0, 0, 0, 28} +
                             std::string(count * pixels, '\1'));
    s.write(name + "-y", std::string{0, 0, 8, 1} + size + labels);
  };
  idx("train", 100);
  idx("test", many);
  REQUIRE(
      s.run("pnn-data idx --train-images train-x --train-labels train-y --test-images test-x "
            "--test-labels test-y -q -o many.h5 && pnn-fabricate --inputs 1x28x28 --layer maxpool:7 --layer "
            "mrr:out=10 --count 2 -q -o chips.h5 && pnn-fit chips.h5 --model nominal -q -o model.h5") == 0);
  for (const char* command : {"pnn-train model.h5 --data many.h5 --steps 1 -o params.h5",
                              "pnn-transfer params.h5 --data many.h5 --devices chips.h5 -o result.h5"}) {
    REQUIRE(s.run(command) == 0);
    const std::string err = s.err();
    std::smatch peak;
    REQUIRE(std::regex_search(err, peak, std::regex("peak ([0-9]+) MB")));
    CHECK(std::stoi(peak[1]) > 125);
    CHECK(std::stoi(peak[1]) < 190);  // two copies are 250
  }
}
