// The whole chain as processes on every registered platform, whichever it is: fabricate, characterize, fit,
// train in silico and in situ, transfer, perturb, look at the landscape.
#include "pnn/platform/platform.hpp"

#include <algorithm>

#include "pnn/network/spec.hpp"
#include "pnn/study/lab.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
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
        if (kind.of_spectra) continue;
        const std::string pairs = kind.name.find("crosstalk") == std::string::npos ? "" : "--crosstalk ";
        if (!pairs.empty())
          run(s, "pnn-characterize chips.h5 --index 1 --points 21 --temperatures 21,22 " + pairs +
                     "-o curves.h5");
        run(s, "pnn-fit curves.h5 --model " + kind.name + " -o fitted.h5");
        CHECK_THAT(s.out(), Contains(platform->elements()));
      }
      run(s, "pnn-fit curves.h5 --model nominal -o rated.h5");
      run(s, "pnn-train fitted.h5 --data iris.h5 --epochs 2 --batch 30 -o of-fitted.h5");
      CHECK_THAT(s.err(), !Contains("sampled around"));
      run(s, "pnn-train fitted.h5 --data iris.h5 --method process --epochs 2 --batch 30 -q -o around.h5");
      const std::string around =
          "sampled around design values, not the fit (" + lab.kinds().back().name + ")";
      CHECK_THAT(s.err(), Contains("warning: chips are " + around + " in fitted.h5"));
      run(s, "pnn-info around.h5");
      CHECK_THAT(s.out(), Contains("chips sampled around: design values, not the fit"));
    }
    const std::string training = " --data iris.h5 --epochs 2 --batch 30 ";
    for (const std::string method : {"bp", "noise", "sat", "drawn-sat", "process", "sam"})
      run(s, "pnn-train model.h5 --method " + method + training + "-o " + method + ".h5");
    run(s, "pnn-train model.h5 --method bp --draw-process" + training + "-o drawn.h5");
    CHECK_THAT(s.err(), !Contains("sampled around"));  // of a model of design values there is nothing to tell
    run(s, "pnn-info drawn.h5");
    CHECK_THAT(s.out(), Contains("chips sampled around: design values\n"));
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
    CHECK_THAT(s.err(), Contains("has no key \"nonsense\""));
    CHECK(s.run("pnn-fabricate --inputs 4 --layer " + layer + " --set " + platform->word() +
                ".nonsense=1 -o chips.h5") == 2);
    CHECK_THAT(s.err(), Contains("unknown process value"));
    CHECK_FALSE(s.exists("chips.h5"));
  }
}

TEST_CASE("imported curves, and what is fitted to them, have the process of their platform alone") {
  std::string table = "element,control,response\n";
  for (int k = 0; k < 16; ++k)
    table += "one," + std::to_string(k / 15.0) + "," + std::to_string(0.2 + 0.5 * (k / 15.0)) + "\n";
  for (const study::PlatformLab* lab : study::labs()) {
    if (!lab->imports()) continue;
    const std::string word = lab->platform().word();
    INFO(word);
    Shell s;
    s.write("table.csv", table);
    const std::string polarity = lab->polarities().empty() ? "" : " --polarity " + lab->polarities().front();
    run(s, "pnn-characterize --import table.csv --platform " + word + polarity +
               " --unit control=" + lab->control_unit() + " -o curves.h5");
    run(s, "pnn-fit curves.h5 --model " + lab->kinds().front().name + " -o model.h5");
    for (const std::string file : {"curves.h5", "model.h5"}) {
      run(s, "pnn-info --validate " + file);
      run(s, "pnn-info --json " + file);
      for (const platform::Platform* platform : platform::registry()) {
        const std::string number = "\"path\":\"/process/" + platform->quantities().front().name + "\"";
        CHECK((s.out().find(number) != std::string::npos) == (platform->word() == word));
      }
    }
    // curves that say what they are of are not fitted as others
    for (const study::PlatformLab* other : study::labs()) {
      if (other == lab || other->kinds().empty()) continue;
      CHECK(s.run("pnn-fit curves.h5 --model " + other->kinds().front().name + " -o wrong.h5") == 2);
      CHECK_THAT(s.err(), Contains("is not for curves of " + lab->platform().elements()));
    }
    for (const platform::Platform* platform : platform::registry()) {
      if (platform->word() == word) continue;
      CHECK(s.run("pnn-fit curves.h5 --model " + lab->kinds().front().name + " --inputs 4 --layer " +
                  platform->examples(4).front() + " -o wrong.h5") == 2);
      CHECK_THAT(s.err(), Contains("no layer of the network runs on them; name a layer " + word));
    }
  }
}

TEST_CASE("curves that were taken under a condition say it, and what no fit takes into account is refused") {
  for (const platform::Platform* platform : platform::registry()) {
    const study::PlatformLab& lab = study::lab_of(*platform);
    const std::string layer = platform->examples(4).front();
    const platform::AnyPlan plan = network::resolve({"4", {layer}}, {}).plans().front();
    if (lab.kinds().empty()) continue;
    INFO(layer);
    Shell s;
    run(s, "pnn-fabricate --inputs 4 --layer " + layer + " -o chips.h5");
    std::vector<std::pair<std::string, double>> conditions;
    for (const std::string& name : plan->followed()) {
      const platform::SystemParameter& p = platform::system_parameter(name);
      if (name != "temperature")
        conditions.emplace_back(name, p.one_sided() ? 60 : p.nominal + 0.0001 * (p.max - p.nominal));
    }
    if (platform->response() != nullptr) conditions.emplace_back(platform->response()->common.name, 0.01);
    for (const auto& [name, value] : conditions) {
      const std::string set = name + "=" + std::to_string(value);
      run(s, "pnn-characterize chips.h5 --points 9 --averages 1 --set " + set + " -o curves.h5");
      run(s, "pnn-info curves.h5");
      CHECK_THAT(s.out(), Contains("taken under " + name + ": "));
      const std::vector<std::string> known = lab.fits_under();
      const bool takes = std::find(known.begin(), known.end(), name) != known.end();
      CHECK(s.run("pnn-fit curves.h5 --model " + lab.kinds().front().name + " -o model.h5") ==
            (takes ? 0 : 2));
      if (!takes) CHECK_THAT(s.err(), Contains("taken under " + name + " = "));
    }
    run(s, "pnn-characterize chips.h5 --points 9 --averages 1 --set readout-noise=0 -o curves.h5");
    run(s, "pnn-info curves.h5");
    CHECK_THAT(s.out(), !Contains("taken under"));
  }
}
