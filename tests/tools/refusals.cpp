// Bad input: one sentence that says what to do, the right exit status, and nothing written.
#include <unistd.h>

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

void prepare(Shell& s) {
  REQUIRE(
      s.run("pnn-data iris -o iris.h5 && pnn-fit --model nominal --inputs 4 --layer mrr:out=3 -o model.h5") ==
      0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 3 --batch 16 -o params.h5") == 0);
}

/// The command is refused with `status`, one line that holds `sentence`, and no file out.h5.
void refused(Shell& s, const std::string& command, int status, const std::string& sentence) {
  INFO(command);
  const int found = s.run(command);
  INFO(s.err());
  CHECK(found == status);
  const std::string err = s.err();
  CHECK(err.find(sentence) != std::string::npos);
  CHECK(std::count(err.begin(), err.end(), '\n') == 1);
  CHECK_FALSE(s.exists("out.h5"));
}

}  // namespace

TEST_CASE("files that cannot be used are refused in one sentence") {
  Shell s;
  prepare(s);
  refused(s, "pnn-train iris.h5 --data iris.h5 -o out.h5", 2,
          "expected filetype \"model\", found \"dataset\"");
  const std::string whole = s.read("model.h5");
  for (const std::size_t length : {std::size_t(0), std::size_t(100), whole.size() / 2, whole.size() - 1}) {
    s.write("cut.h5", whole.substr(0, length));
    refused(s, "pnn-train cut.h5 --data iris.h5 -o out.h5", 2, "cut.h5");
  }
  s.write("garbage.h5", "this is no HDF5 file, though its name says so\n");
  refused(s, "pnn-train garbage.h5 --data iris.h5 -o out.h5", 2, "garbage.h5");
  refused(s, "pnn-train none.h5 --data iris.h5 -o out.h5", 2, "no such file");
  refused(s, "pnn-train . --data iris.h5 -o out.h5", 2, ".");
}

TEST_CASE("data that cannot be right are refused with their place") {
  Shell s;
  s.write("nan.csv", "a,b,label\n1,2,x\nnan,3,y\n4,5,x\n");
  refused(s, "pnn-data csv nan.csv --label-column label -o out.h5", 2, "nan.csv:3");
  s.write("short.csv", "a,b,label\n1,2,x\n3,y\n");
  refused(s, "pnn-data csv short.csv --label-column label -o out.h5", 2, "short.csv:3");
  s.write("ok.csv", "a,b,label\n1,2,x\n2,3,y\n4,5,x\n5,1,y\n");
  refused(s, "pnn-data csv ok.csv --label-column lable -o out.h5", 2, "label");
  refused(s, "pnn-data iris --fft-crop 2 -o out.h5", 2, "--fft-crop 2: the samples are 4 features");
}

TEST_CASE("what does not fit together is refused") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-fit --model nominal --inputs 5 --layer mrr:out=3 -o five.h5") == 0);
  refused(s, "pnn-train five.h5 --data iris.h5 -o out.h5", 2, "takes 5");
  // four numbers are as many as two amplitudes have, and are none
  REQUIRE(s.run("pnn-fit --model nominal --inputs 2c --layer mzi:modes=2 -o light.h5") == 0);
  refused(s, "pnn-train light.h5 --data iris.h5 -o out.h5", 2,
          "inputs 4 but the network of light.h5 takes 2c");
  REQUIRE(s.run("pnn-fit --model nominal --inputs 4 --layer mrr:out=7 -o seven.h5") == 0);
  refused(s, "pnn-train seven.h5 --data iris.h5 -o out.h5", 2, "3 classes");
  refused(s, "pnn-eval params.h5 --data iris.h5 --on seven.h5 -o out.h5", 2, "another network");
  refused(s, "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 --set mrr.current.min=5.2 -o out.h5", 2,
          "mrr.current");
  refused(s, "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 --set mrr.chip.cols=9 -o out.h5", 2,
          "mrr.chip.cols");
}

TEST_CASE("a training in silico opens no device, and one in situ needs one") {
  Shell s;
  prepare(s);
  // not even a file that is none is opened
  s.write("chips.h5", "no device at all");
  refused(s, "pnn-train model.h5 --data iris.h5 --device chips.h5 -o out.h5", 2, "opens no device");
  refused(s, "pnn-train model.h5 --data iris.h5 --method pat -o out.h5", 2, "--device");
  refused(s, "pnn-train model.h5 --data iris.h5 --method pat --device chips.h5 -o out.h5", 2, "chips.h5");
  refused(s, "pnn-train model.h5 --data iris.h5 --method process --in-situ --device chips.h5 -o out.h5", 2,
          "works on a model alone");
}

TEST_CASE("words of one platform are refused on the other") {
  Shell s;
  REQUIRE(s.run("pnn-fabricate --inputs 2 --layer mzi:modes=2 -o mesh.h5 && pnn-fabricate --inputs 4 --layer "
                "mrr:out=3,chip=4x4 -o rings.h5 && pnn-characterize mesh.h5 --points 8 -o fringes.h5 && "
                "pnn-characterize rings.h5 --points 8 -o curves.h5") == 0);
  refused(s, "pnn-fit fringes.h5 -o out.h5", 2, "--model airy: is not for curves of phase shifters");
  refused(s, "pnn-fit curves.h5 --model fringe -o out.h5", 2, "--model fringe: is not for curves of rings");
  refused(s, "pnn-fit mesh.h5 --model fringe -o out.h5", 2, "expected filetype \"curves\"");
  refused(s, "pnn-characterize mesh.h5 --temperatures 21,23 -o out.h5", 2, "at one temperature");
  refused(s, "pnn-characterize mesh.h5 --crosstalk -o out.h5", 2, "pair sweeps are of rings");
  s.write("fringe.csv", "element,control,response\na,0,1\n");
  refused(s, "pnn-characterize --import fringe.csv --platform mzi --polarity thru-drop -o out.h5", 2,
          "--polarity: curves of phase shifters have none");
}

TEST_CASE("devices are not drawn anew behind a model, and not trained without one") {
  Shell s;
  prepare(s);
  refused(s, "pnn-transfer params.h5 --data iris.h5 --devices model.h5 --finetune-steps 5 -o out.h5", 2,
          "needs --models");
  refused(s,
          "pnn-transfer params.h5 --data iris.h5 --devices model.h5 --models model.h5 --finetune-steps 5 -o "
          "out.h5",
          2, "model.h5 is a model");
  refused(s, "pnn-transfer params.h5 --data iris.h5 --devices model.h5 --vary mrr.eta.sigma=0,0.1 -o out.h5",
          2, "a model is none");
}

TEST_CASE("mistyped options and values name the nearest known one") {
  Shell s;
  prepare(s);
  refused(s, "pnn-train model.h5 --data iris.h5 --epohcs 3 -o out.h5", 2, "did you mean --epochs?");
  refused(s, "pnn-train model.h5 --data iris.h5 --method sta -o out.h5", 2, "--method");
  refused(s, "pnn-train model.h5 --data iris.h5 --epochs nan -o out.h5", 2, "--epochs");
  refused(s, "pnn-train model.h5 --data iris.h5 --perturb temprature=1 -o out.h5", 2,
          "did you mean \"temperature\"?");
  refused(s, "pnn-perturb params.h5 --data iris.h5 --devices model.h5 --vary drfit=0:1:1 -o out.h5", 2,
          "did you mean \"drift\"?");
  refused(s, "pnn-fabricate --inputs 4 --layer mrr:out=3 --set mrr.detla=0.1 -o out.h5", 2, "mrr.delta");
  refused(s, "pnn-data irsi -o out.h5", 2, ": SOURCE: expected");  // no option, so without dashes
}

TEST_CASE("places that cannot be written end with status 1, a full disk with a sentence") {
  Shell s;
  prepare(s);
  refused(s, "pnn-info model.h5 > /dev/full", 1, "standard output");
  refused(s, "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 -q -o - > /dev/full", 1,
          "standard output");
  if (geteuid() != 0) {
    REQUIRE(s.run("mkdir locked && chmod 555 locked") == 0);
    refused(s, "pnn-fit model.h5 --model nominal -o locked/out.h5", 1, "locked");
  } else {
    refused(s, "pnn-train model.h5 --data iris.h5 -q -o /proc/out.h5", 1, "/proc");
  }
}
