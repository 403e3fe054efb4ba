// The chain of every platform gives the same bytes whatever the files are called, whatever stands in the
// environment, with -v, through a driver, interrupted and resumed, on one thread and two, and wherever memory
// lies.
//
// What is covered where: here whole tools run under other addresses: stacks move with the environment, and
// blocks of memory lie 0, 16, 32 or 48 bytes behind an address divisible by 64
// (tests/memory/shifted-memory.cpp). Compilers count on blocks at multiples of 16, so that distances of 4 and
// 8 bytes are left to the tests of single functions, which hand in arrays at such addresses:
// tests/*/reproducible.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

struct Chain {
  std::string network;
  std::string fit;        ///< commands that measure the chip and fit a model, or none
  std::string method;     ///< of a training that is perturbed
  std::string condition;  ///< that a sweep changes; none of a digital network, which has no chip
  std::string in_situ = "dat";
};

/// How a chain is run; nothing of it may show in a file.
struct Manner {
  std::string name;
  std::string before{};        ///< words before each command: an environment
  std::string model = "m.h5";  ///< name of the model file
  std::string options{};       ///< of each tool
  std::string device = "chips.h5";
  bool interrupted = false;
};

std::vector<Manner> manners() {
  std::vector<Manner> all;
  for (int k = 1; k <= 4; ++k) {
    Manner m;
    m.model = std::string(std::size_t(7 * k - 4), 'm') + ".h5";
    m.before = "env PADDING=" + std::string(std::size_t(37 * k), 'x');
    m.options = k % 2 == 1 ? " -v" : "";
    m.name = "a name of " + std::to_string(m.model.size()) + " letters, an environment of " +
             std::to_string(37 * k) + " more, options" + m.options;
    all.push_back(m);
  }
  all.push_back({"two threads", "", "m.h5", " --threads 2"});
  all.push_back({"a driver", "", "m.h5", "", "'exec:pnn-device chips.h5'"});
  all.push_back({"interrupted", "", "m.h5", "", "chips.h5", true});
#ifdef PNN_SHIFTED_MEMORY
  for (const std::string shift : {"16", "32", "48", "mixed"})
    all.push_back({"memory shifted by " + shift, "env LD_PRELOAD=" PNN_SHIFTED_MEMORY " PNN_SHIFT=" + shift});
#endif
  return all;
}

/// Runs a chain in folder `folder`. Returns the names of its files.
std::vector<std::string> run(Shell& shell, const Chain& chain, const Manner& manner,
                             const std::string& folder) {
  INFO(manner.name);
  std::vector<std::string> files;
  const auto step = [&](const std::string& command, const std::string& file) {
    INFO(command);
    REQUIRE(shell.run("cd " + folder + " && " + manner.before + " " + command + manner.options + " -o " +
                      file) == 0);
    if (file != manner.model) files.push_back(file);
  };
  REQUIRE(shell.run("mkdir " + folder) == 0);
  const bool digital = chain.condition.empty();
  if (digital) {
    step("pnn-fit " + chain.network + " --model nominal", manner.model);
  } else {
    step("pnn-fabricate " + chain.network + " --count 2", "chips.h5");
    step("pnn-fit chips.h5 --model nominal", manner.model);
  }
  for (std::size_t at = 0; at < chain.fit.size();) {  // "tool inputs -o file; …"
    const std::size_t end = std::min(chain.fit.find("; ", at), chain.fit.size());
    std::string command = chain.fit.substr(at, end - at);
    at = end + 2;
    if (const std::size_t device = command.find("DEVICE"); device != std::string::npos)
      command.replace(device, 6, manner.device);
    const std::size_t output = command.find(" -o ");
    step(command.substr(0, output), command.substr(output + 4));
  }
  const auto train = [&](const std::string& method, const std::string& file) {
    std::string command =
        "pnn-train " + manner.model + " --data ../iris.h5 --epochs 3 --batch 16 --method " + method;
    if (manner.interrupted) {
      REQUIRE(shell.interrupt("cd " + folder + " && " + command + " -o part-" + file, "1e-6",
                              folder + "/part-" + file));
      command += " --resume part-" + file;
    }
    step(command, file);
  };
  train("bp", "bp.h5");
  train(chain.method, "robust.h5");
  const std::string inputs = " bp.h5 robust.h5 --data ../iris.h5 ";
  if (digital) {
    step("pnn-eval" + inputs + "--on " + manner.model, "eval.h5");
    return files;
  }
  train("pat --device " + manner.device, "pat.h5");
  train(chain.in_situ + " --device " + manner.device, chain.in_situ + ".h5");
  step("pnn-eval pat.h5" + inputs + "--set dac-bits=9 --on " + manner.device, "eval.h5");
  step("pnn-perturb" + inputs + "--vary " + chain.condition + " --repeat 2 --devices " + manner.device,
       "sweep.h5");
  step("pnn-landscape" + inputs + "--points 3 --trace 1 --on " + manner.model, "landscape.h5");
  return files;
}

void check(const Chain& chain) {
  Shell s;
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::vector<std::string> files = run(s, chain, {"plainly"}, "plain");
  REQUIRE(files.size() >= 3);
  int number = 0;
  for (const Manner& manner : manners()) {
    const std::string folder = "other" + std::to_string(number++);
    run(s, chain, manner, folder);
    for (const std::string& file : files) {
      INFO(manner.name << ": " << file);
      const std::string bytes = s.read("plain/" + file);
      CHECK(!bytes.empty());
      CHECK((bytes == s.read(folder + "/" + file)));  // no page of bytes where it fails
    }
  }
}

}  // namespace

TEST_CASE("the chain on rings gives the same bytes in whatever manner it is run", "[slow]") {
  check({"--inputs 4 --layer mrr:out=9 --layer batchnorm --layer relu --layer mrr:out=3",
         "pnn-characterize DEVICE --points 15 --averages 2 -o curves.h5; pnn-fit curves.h5 --model airy -o "
         "airy.h5",
         "sat --rho 0.02 --random-start 0.01 --perturb temperature=0.5", "drift=-1:1:1"});
}

TEST_CASE("the chain on convolutions by rings gives the same bytes in whatever manner it is run", "[slow]") {
  check(
      {"--inputs 1x2x2 --layer mrr-conv:out=5,kernel=2,pad=1 --layer tanh --layer dense:out=11 --layer "
       "sigmoid --layer mrr:out=3",
       "", "sam --rho 0.02 --rho-group digital=0.01", "control-noise=0,0.01", "spsa"});
}

TEST_CASE("the chain on meshes gives the same bytes in whatever manner it is run", "[slow]") {
  check(
      {"--inputs 4 --layer dense:out=5 --layer relu --layer mzi:modes=5,detect=modulus --layer "
       "mzi:modes=5,keep=3",
       "pnn-characterize DEVICE --points 9 -o fringes.h5; pnn-fit fringes.h5 --model fringe -o fringe.h5",
       "drawn-sat --rho 0.02 --sigma 0.02", "phase-spread=0,0.1"});
}

TEST_CASE("the chain on free space gives the same bytes in whatever manner it is run", "[slow]") {
  check({"--inputs 4 --layer freespace:out=7 --layer softplus --layer freespace:out=3,signed=halves",
         "pnn-characterize DEVICE -o planes.h5; pnn-fit planes.h5 --model registration -o registered.h5",
         "sat --rho 0.02 --perturb rotation=1 --perturb shift=0.5", "rotation=0:1:1"});
}

TEST_CASE("the chain on phase masks gives the same bytes in whatever manner it is run", "[slow]") {
  check({"--inputs 4 --layer d2nn:out=3,pixels=24,gap=0.1,image=2x2,detectors=1x3 --layer normalize", "",
         "noise --sigma 0.05", "rotation=0:1:1"});
}

TEST_CASE("the chain of a digital network gives the same bytes in whatever manner it is run") {
  // wide enough that a sum over a batch would take whole vectors, others at every distance of 16 bytes
  check(
      {"--inputs 4 --layer dense:out=16 --layer relu --layer dense:out=37 --layer softplus --layer "
       "dense:out=3",
       "", "sam --rho 0.02 --rho-group digital=0.02", ""});
}

TEST_CASE("the chain of a digital convolution gives the same bytes in whatever manner it is run") {
  check(
      {"--inputs 1x2x2 --layer conv:out=5,kernel=2,pad=1 --layer batchnorm --layer relu --layer dense:out=41 "
       "--layer tanh --layer dense:out=3",
       "", "noise --sigma 0.02 --rho-group digital=0.02 --rho 0.02", ""});
}
