// The whole chain as processes on every registered platform, whichever it is: fabricate, characterize, fit,
// train in silico and in situ, transfer, perturb, look at the landscape.
#include "pnn/platform/platform.hpp"

#include "pnn/network/spec.hpp"
#include "pnn/study/lab.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using test::Shell;

namespace {

void run(Shell& shell, const std::string& command) {
  INFO(command);
  const int status = shell.run(command);
  INFO(shell.err());
  REQUIRE(status == 0);
}

/// A system parameter that the platform's example follows, as an axis with the undisturbed value and another;
/// empty where it follows none.
std::string axis_of(const platform::LayerPlan& plan) {
  for (const std::string& name : plan.followed()) {
    const platform::SystemParameter& p = platform::system_parameter(name);
    const std::string condition = name == "temperature" ? "drift" : name;
    const double far = p.one_sided() ? p.max : p.nominal + 0.001 * (p.max - p.nominal);
    return "--vary " + condition + "=" + std::to_string(p.nominal) + "," + std::to_string(far) + " ";
  }
  return "";
}

}  // namespace

TEST_CASE("the chain runs on every platform") {
  for (const platform::Platform* platform : platform::registry()) {
    const std::string layer = platform->examples(4).front();
    INFO(layer);
    Shell s;
    const platform::AnyPlan plan = network::resolve({"4", {layer}}, {}).plans().front();
    const study::PlatformLab& lab = study::lab_of(*platform);
    run(s, "pnn-data iris --normalize minmax -o iris.h5");
    run(s, "pnn-fabricate --inputs 4 --layer " + layer + " --layer dense:out=3 --count 2 -o chips.h5");
    run(s, "pnn-fit chips.h5 --model nominal -o model.h5");
    if (!lab.kinds().empty()) {
      run(s, "pnn-characterize chips.h5 --index 1 --points 21 -o curves.h5");
      for (const study::FitKind& kind : lab.kinds()) {
        const std::string pairs = kind.name.find("crosstalk") == std::string::npos ? "" : "--crosstalk ";
        if (!pairs.empty())
          run(s, "pnn-characterize chips.h5 --index 1 --points 21 --temperatures 21,22 " + pairs +
                     "-o curves.h5");
        run(s, "pnn-fit curves.h5 --model " + kind.name + " -o fitted.h5");
        CHECK_THAT(s.out(), Catch::Matchers::Contains(platform->elements()));
      }
      run(s, "pnn-fit curves.h5 --model nominal -o rated.h5");
      run(s, "pnn-train fitted.h5 --data iris.h5 --epochs 2 --batch 30 -o of-fitted.h5");
    }
    const std::string training = " --data iris.h5 --epochs 2 --batch 30 ";
    for (const std::string method : {"bp", "noise", "sat", "drawn-sat", "process", "sam"})
      run(s, "pnn-train model.h5 --method " + method + training + "-o " + method + ".h5");
    for (const std::string method : {"bp --in-situ", "pat", "spsa"})
      run(s, "pnn-train model.h5 --method " + method + " --device chips.h5 --index 0" + training +
                 "-o in-situ-" + method.substr(0, method.find(' ')) + ".h5");
    run(s, "pnn-train model.h5 --init bp.h5 " + training + "-o again.h5");
    run(s, "pnn-eval bp.h5 --data iris.h5 --device chips.h5");
    run(s, "pnn-transfer bp.h5 noise.h5 --data iris.h5 --devices chips.h5 -o transfer.h5");
    run(s, "pnn-perturb bp.h5 --data iris.h5 --devices chips.h5 --vary control-noise=0,0.01 " +
               axis_of(*plan) + "-o perturb.h5");
    for (const platform::Quantity& quantity : platform->quantities()) {
      if (!quantity.spread) continue;
      run(s, "pnn-perturb bp.h5 --data iris.h5 --devices chips.h5 --vary " + quantity.name + "=" +
                 std::to_string(quantity.initial) + "," + std::to_string(quantity.initial / 2) +
                 " -o process.h5");
      break;
    }
    run(s, "pnn-landscape bp.h5 --data iris.h5 --on model.h5 --points 3 -o landscape.h5");
    run(s, "pnn-eval bp.h5 --data iris.h5 --device 'exec:pnn-device chips.h5'");
    for (const char* file : {"chips.h5", "model.h5", "bp.h5", "transfer.h5"})
      run(s, std::string("pnn-info ") + file);
  }
}

TEST_CASE("a key or a value that a platform does not have is refused in one sentence, with status 2") {
  for (const platform::Platform* platform : platform::registry()) {
    Shell s;
    const std::string layer = platform->examples(4).front();
    CHECK(s.run("pnn-fabricate --inputs 4 --layer " + layer + ",nonsense=1 -o chips.h5") == 2);
    CHECK_THAT(s.err(), Catch::Matchers::Contains("has no key \"nonsense\""));
    CHECK(s.run("pnn-fabricate --inputs 4 --layer " + layer + " --set " + platform->word() +
                ".nonsense=1 -o chips.h5") == 2);
    CHECK_THAT(s.err(), Catch::Matchers::Contains("unknown process value"));
    CHECK_FALSE(s.exists("chips.h5"));
  }
}
