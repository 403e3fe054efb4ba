// An option, axis or value that acts on nothing is refused, with what it would act on.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

/// A network of rings and one of meshes, each with parameters, a model and two devices.
void prepare(Shell& s) {
  REQUIRE(s.run("pnn-data iris -q -o iris.h5") == 0);
  for (const std::string word : {"mrr:out=3", "mzi:modes=4,keep=3"}) {
    const std::string name = word.substr(0, 3), layers = " --inputs 4 --layer " + word;
    REQUIRE(s.run("pnn-fit --model nominal -q -o " + name + "-m.h5" + layers) == 0);
    REQUIRE(s.run("pnn-fabricate --count 2 -q -o " + name + "-c.h5" + layers) == 0);
    REQUIRE(s.run("pnn-train " + name + "-m.h5 --data iris.h5 --epochs 1 --batch 16 -q -o " + name +
                  "-p.h5") == 0);
  }
}

/// Status 2, one line that holds `sentence`, and no output.
void refused(Shell& s, const std::string& command, const std::string& sentence) {
  INFO(command);
  const int found = s.run(command + " -o out.h5");
  const std::string err = s.err();
  INFO(err);
  CHECK(found == 2);
  CHECK_THAT(err, Contains(sentence));
  CHECK(std::count(err.begin(), err.end(), '\n') == 1);
  CHECK_FALSE(s.exists("out.h5"));
}

std::string perturb(const std::string& name, const std::string& on) {
  return "pnn-perturb " + name + "-p.h5 --data iris.h5 --devices " + name + "-" + on + ".h5 ";
}

}  // namespace

TEST_CASE("axes that no layer follows are refused, and say which do") {
  Shell s;
  prepare(s);
  refused(s, perturb("mrr", "m") + "--vary readout-noise=0:0.5:0.25",
          "--vary readout-noise: a model has no read-out");
  REQUIRE(s.run(perturb("mrr", "c") + "--vary readout-noise=0:0.5:0.25 -q -o noise.h5") == 0);
  refused(s, perturb("mrr", "c") + "--vary phase=0:3:1",
          "--vary phase: acts on no layer of this network, as temperature, drift, detuning, detuning-spread "
          "would; it acts on ");
  for (const std::string axis : {"rotation=0,1", "shift=0,1", "shift-x=0,1", "scale=1,1.1", "axial=0,1",
                                 "age=0,60", "phase-spread=0,1"})
    refused(s, perturb("mrr", "c") + "--vary " + axis, "acts on no layer of this network");
  for (const std::string axis : {"detuning=0,1", "detuning-spread=0,1", "scale=1,1.1", "axial=0,1"})
    refused(s, perturb("mzi", "c") + "--vary " + axis, "acts on no layer of this network");
  refused(s, "pnn-transfer mrr-p.h5 --data iris.h5 --devices mrr-c.h5 --vary mzi.bs=0:0.4:0.2",
          "--vary mzi.bs: acts on layers of mzi, and this network has those of mrr");
  refused(s, "pnn-eval mrr-p.h5 --data iris.h5 --on mrr-c.h5 --set rotation=3", "--set rotation: acts on no");
  refused(s, "pnn-fabricate --inputs 4 --layer mrr:out=3 --set mzi.bs=0.4",
          "--set mzi.bs: acts on layers of mzi");
  refused(s, "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 --set mzi.bs=0.4", "--set mzi.bs");
  refused(s, "pnn-landscape mrr-p.h5 --data iris.h5 --on mrr-m.h5 --set phase=1", "--set phase: acts on no");
  refused(s, "pnn-characterize mrr-c.h5 --set phase=1", "--set phase: acts on no");
  refused(s, "pnn-characterize mrr-c.h5 --set control-noise=0.1", "--set control-noise");
  refused(s, "pnn-train mrr-m.h5 --data iris.h5 --method sat --perturb rotation=1",
          "--perturb: rotation acts on");
  for (const std::string axis : {"temperature=22,23", "drift=0,1", "dac-bits=4,6", "control-noise=0,0.1"})
    for (const std::string name : {"mrr", "mzi"})
      for (const std::string on : {"m", "c"})
        CHECK(s.run(perturb(name, on) + "--vary " + axis + " -q -o kept.h5") == 0);
}

TEST_CASE("options that a training does not read are refused, and say who reads them") {
  Shell s;
  prepare(s);
  const std::string train = "pnn-train mrr-m.h5 --data iris.h5 --epochs 1 ";
  refused(s, train + "--lambda 1e-3",
          "--lambda: acts on nothing here; --method bp does not read it, but slope");
  refused(s, train + "--method noise --rho 0.01", "but sam, sat and drawn-sat");
  refused(s, train + "--method sat --ascent-sign down", "but drawn-sat");
  refused(s, train + "-q --robust --method process --rho 0.003", "but sam, sat and drawn-sat");
  refused(s, train + "-q --robust --method pat", "--robust: is about trainings on a model");
  CHECK(s.run(train + "--robust --rho 0.003 -q -o robust.h5") == 0);
  refused(s, train + "--environment free", "--device, which is not given");
  refused(s, train + "--dt 1", "--device, which is not given");
  refused(s, train + "--device-timeout 3", "it is about a driver");
  refused(s, train + "--slew 0.1", "none is named");
  refused(s, train + "--limits mrr7=0:3", "--limits: no layer \"mrr7\"");
  refused(s, train + "--limits nan:1", "--limits");
  refused(s, train + "--freeze-statistics 0.5", "no batch normalisation");
  refused(s, "pnn-train mzi-m.h5 --data iris.h5 --init-flank both", "has no rings");
  refused(s, train + "--augment flip",
          "--augment: it acts on pictures, and the inputs of this network are 4");
  refused(s, train + "--augment turn", "expected crop=PIXELS, flip or both");
  refused(s, train + "--task reconstruct --label-smoothing 0.1", "--task reconstruct has no classes");
  refused(s, train + "--init mrr-p.h5 --init-std 0.2", "--init gives the controls");
  for (const std::string length : {"--steps 2", "--budget 2", "--budget-epochs 2"}) {
    const std::string beside = "pnn-train mrr-m.h5 --data iris.h5 " + length;
    const std::string name = length.substr(0, length.find(' '));
    refused(s, beside + " --epochs 1",
            "--epochs: acts on nothing here; " + name + " says how long the training is");
    // a preset has epochs that a budget replaces, and what --print-config writes of them can be read again
    CHECK(s.run(beside + " --preset mrr-lenet5 -q -o shorter.h5") == 0);
    REQUIRE(s.run(beside + " --preset mrr-lenet5 --print-config") == 0);
    CHECK_THAT(s.out(), Contains("\n# epochs = 20\n"));
    s.write("shorter.toml", s.out());
    CHECK(s.run("pnn-train mrr-m.h5 --data iris.h5 --config shorter.toml -q -o again.h5") == 0);
    refused(s, beside + " --preset mrr-lenet5 --epochs 20", "--epochs: acts on nothing here");
  }
  REQUIRE(s.run(train + "--preset mrr-lenet5 --print-config") == 0);
  CHECK_THAT(s.out(), Contains("\nepochs = 1\n"));
  s.write("run.toml", "[pnn-train]\nlambda = 0.5\n");
  refused(s, train + "--config run.toml", "--lambda: acts on nothing here");
  // what --print-config writes can be read again, also the defaults that act on nothing
  REQUIRE(s.run(train + "--print-config") == 0);
  s.write("all.toml", s.out());
  CHECK(s.run("pnn-train mrr-m.h5 --data iris.h5 --config all.toml -q -o again.h5") == 0);
}

TEST_CASE("options of measurements and evaluations that act on nothing are refused") {
  Shell s;
  prepare(s);
  refused(s, "pnn-characterize mrr-c.h5 --temperatures 22,22", "22 °C stands in it twice");
  refused(s, "pnn-characterize mrr-c.h5 --platform mrr", "nothing is imported");
  s.write("a.csv", "element,control,response\na,0,1\n");
  refused(s, "pnn-characterize --import a.csv --averages 9", "an import measures nothing");
  s.write("b.csv", "element,control (mA),response\na,0,1\n");
  refused(s, "pnn-characterize --import b.csv --set mzi.p.pi=20",
          "--set mzi.p.pi: acts on layers of mzi, and these curves are of mrr");
  refused(s, "pnn-characterize --import b.csv --unit sigma=mV", "--unit sigma=mV: no column is the sigma");
  refused(s, "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 --bad-residual 0.1", "--bad-residual");
  refused(s, "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 --knots 9",
          "--model nominal has no knots");
  refused(s, "pnn-fit --model nominal --inputs 16 --layer d2nn:out=2,pixels=8,levels=1",
          "levels: expected 2");
  const std::string eval = "pnn-eval mrr-p.h5 --data iris.h5 --on mrr-m.h5 ";
  refused(s, eval + "--environment exact", "is a model, and no device");
  refused(s, eval + "--dt 2", "is a model, and no device");
  refused(s, eval + "--slew 1", "is a model, and no device");
  refused(s, eval + "--trim-samples 7", "nothing is trimmed");
  refused(s, "pnn-perturb mrr-p.h5 --data iris.h5 --devices mrr-m.h5 --vary drift=0,1 --recalibrate always",
          "nothing is trimmed");
  refused(s, eval + "--trim batchnorm", "no batch normalisation");
  refused(s, eval + "--extrapolate", "anywhere in the range of the process as it is");
  refused(s, "pnn-fabricate --inputs 4 --layer mrr:out=3 --set mrr.correlation.length=2",
          "--set mrr.correlation.length: acts on nothing here");
  refused(s, "pnn-train mrr-m.h5 --data iris.h5 --perturb temperature=0",
          "--perturb temperature=0: acts on nothing; that is its nominal value");
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mrr:out=3 --set mrr.correlation.length=2 --set "
                "mrr.r.smooth=0.5 -q -o smooth.h5") == 0);
  const std::string along = "--vary mrr.correlation.length=1,5 ";
  refused(s, perturb("mrr", "c") + along,
          "--vary mrr.correlation.length: acts on nothing here; no share of a deviation varies smoothly "
          "(mrr.delta.smooth");
  CHECK(s.run(perturb("mrr", "c") + along + "--vary mrr.delta.smooth=0,0.5 -q -o along.h5") == 0);
  refused(s, "pnn-landscape mrr-p.h5 --data iris.h5 --on mrr-m.h5 --slice none --span 2",
          "there is no slice");
  refused(s, "pnn-transfer mrr-p.h5 --data iris.h5 --devices mrr-c.h5 --lr 1", "--finetune-steps is 0");
}
