// No control leaves what was measured, what the owner of a chip allows, or the value at which it is held.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using test::Shell;

namespace {

constexpr double measured_to = 4.3;  // mA
const std::string layers = "--inputs 4 --layer mrr:out=8 --layer batchnorm --layer relu --layer mrr:out=3 ";

/// Iris, two chips, curves of the first that end at 4.3 mA, and the model that is fitted to them.
void prepare(Shell& s) {
  REQUIRE(s.run("pnn-data iris -q -o iris.h5 && pnn-fabricate " + layers + "--count 2 -q -o chips.h5") == 0);
  REQUIRE(s.run("pnn-characterize chips.h5 --limits 0:4.3 --points 21 --averages 1 -q -o curves.h5") == 0);
  REQUIRE(s.run("pnn-fit curves.h5 --model airy -q -o model.h5") == 0);
  REQUIRE(s.run("pnn-fit --model nominal " + layers + "-q -o nominal.h5") == 0);
}

float largest(const Shell& s, const std::string& file) {
  float most = 0;
  for (const train::Tensor& t : io::read_params(s.path(file)).value.controls)
    for (const float control : t.values.data) most = std::max(most, control);
  return most;
}

}  // namespace

TEST_CASE("a network trained on curves that end at 4.3 mA sends no control beyond them, by any method") {
  Shell s;
  prepare(s);
  const auto model = io::read_model(s.path("model.h5")).value.model;
  for (const platform::ChipModel& chip : model.chips) {
    REQUIRE(chip.measured.shape == std::vector<std::size_t>{1, chip.elements.size(), 2});
    std::size_t without = 0;  // rings that carry no weight are not measured
    for (std::size_t k = 0; k < chip.elements.size(); ++k) {
      if (std::isnan(chip.measured.data[2 * k])) {
        ++without;
        continue;
      }
      CHECK(chip.measured.data[2 * k] == Approx(0).margin(1e-6));
      CHECK(chip.measured.data[2 * k + 1] == Approx(measured_to).epsilon(1e-6));
    }
    CHECK(without == 128 - 44);
  }
  const std::string train = "pnn-train model.h5 --data iris.h5 --batch 16 --lr 0.3 -q -o p.h5 ";
  for (const std::string method :
       {"bp", "noise --sigma 0.2", "slope", "sam --rho 0.3", "process", "sat --rho 0.3",
        "drawn-sat --rho 0.3", "pat --device chips.h5", "dat --device chips.h5", "spsa --device chips.h5",
        "differences --steps 3 --device chips.h5"}) {
    INFO(method);
    REQUIRE(s.run(train + (method.find("--steps") == std::string::npos ? "--epochs 3 " : "") + "--method " +
                  method) == 0);
    CHECK(largest(s, "p.h5") <= float(measured_to));
    REQUIRE(s.run("pnn-info p.h5") == 0);
    CHECK_THAT(s.out(), Contains("bounds of mrr1"));
  }
  // steps as large as these reach the end of the range, wherever it is
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --batch 16 --lr 0.3 --epochs 3 --extrapolate -o far.h5") ==
          0);
  CHECK_THAT(s.err(), Contains("--extrapolate: controls may leave the range"));
  CHECK(largest(s, "far.h5") > 4.5F);
  REQUIRE(s.run("pnn-info far.h5") == 0);
  CHECK_THAT(s.out(), Contains("extrapolate=true"));
  REQUIRE(s.run("pnn-export far.h5 -q -o far.csv") == 0);
  CHECK_THAT(s.err(), Contains("far.h5: trained with --extrapolate"));
  REQUIRE(
      s.run("pnn-train model.h5 --data iris.h5 --batch 16 --lr 0.3 --epochs 3 --limits 0.5:3 -q -o p.h5") ==
      0);
  CHECK(largest(s, "p.h5") <= 3.0F);
}

TEST_CASE("no control beyond 4.3 mA leaves for a device, from trainings, weights and evaluations") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train nominal.h5 --data iris.h5 --batch 16 --lr 0.3 --epochs 3 -q -o wide.h5") == 0);
  REQUIRE(largest(s, "wide.h5") > 4.5F);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --batch 16 --lr 0.3 --epochs 3 -q -o p.h5") == 0);
  s.write("relay", "#!/bin/bash\ntee -a asked.txt | pnn-device chips.h5\n");
  REQUIRE(s.run("chmod +x relay") == 0);
  s.write("largest.py",
          "import base64, json, struct\n"
          "most = 0\n"
          "with open('asked.txt', 'rb') as questions:\n"
          "    for line in questions:\n"
          "        asked = json.loads(line)\n"
          "        array = asked.get('array', {})\n"
          "        data = questions.read(array['raw']) if 'raw' in array else "
          "base64.b64decode(array.get('base64', ''))\n"
          "        if asked['do'] == 'set':\n"
          "            most = max(most, *struct.unpack('<%df' % (len(data) // 4), data))\n"
          "print(most)\n");
  /// The largest control that the driver was asked for; what was asked before is forgotten.
  const auto asked = [&] {
    REQUIRE(s.run("/usr/bin/python3 largest.py && rm asked.txt") == 0);
    return std::stod(s.out());
  };
  const std::string bench = " --on exec:./relay -q";
  REQUIRE(s.run("pnn-eval p.h5 --data iris.h5 --set control-noise=0.2" + bench) == 0);
  CHECK(asked() <= measured_to);
  REQUIRE(s.run("pnn-eval wide.h5 --data iris.h5 --map weights --models model.h5" + bench) == 0);
  CHECK(asked() <= measured_to);
  REQUIRE(s.run("pnn-eval wide.h5 --data iris.h5" + bench) == 0);
  CHECK(asked() > 4.5);  // of these controls nobody measured anything
  REQUIRE(s.run("pnn-eval wide.h5 --data iris.h5 --limits 0:3" + bench) == 0);
  CHECK(asked() <= 3);
  REQUIRE(s.run("pnn-eval wide.h5 --data iris.h5 --on model.h5") == 0);
  CHECK_THAT(s.err(), Contains("controls that were held at an end of what was measured"));
}

TEST_CASE("controls that the process or --map weights holds at an end are counted") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train nominal.h5 --data iris.h5 --batch 16 --lr 0.1 --epochs 2 -q -o p.h5") == 0);
  REQUIRE(largest(s, "p.h5") > 4);
  const std::string transfer = "pnn-transfer p.h5 --data iris.h5 --devices chips.h5 --json -q ";
  const auto held = [&](const std::string& options) {
    INFO(options);
    REQUIRE(s.run(transfer + options) == 0);
    const std::string key = "\"held_controls\": ", out = s.out();
    const std::size_t at = out.find(key);
    REQUIRE(at != std::string::npos);
    const int count = std::stoi(out.substr(at + key.size()));
    CHECK((s.err().find("controls that were held at an end") != std::string::npos) == (count > 0));
    return count;
  };
  CHECK(held("") == 0);
  const int narrow = held("--vary mrr.current.max=3.5,3.5");
  CHECK(narrow > 0);
  CHECK(held("--vary mrr.current.max=3.5,5.2") == narrow / 2);
  const std::string map = "--map weights --models nominal.h5 ";
  CHECK(held(map) == 0);
  CHECK(held(map + "--limits 0:3.5") > 0);
  CHECK(s.run(transfer + "--vary mrr.current.max=3,5.2 --fix mrr1[0]=4") == 2);
  CHECK_THAT(s.err(), Contains("outside the range"));
}

TEST_CASE("controls that are held keep their value in training, transfer and evaluation") {
  Shell s;
  prepare(s);
  const std::string fix = "--fix mrr1[0,1]=1.25 --fix 2[23]=0 ";
  const auto held = [&](const std::string& file) {
    const train::Params p = io::read_params(s.path(file)).value;
    return p.controls[0].values.data[1] == 1.25F && p.controls[1].values.data[23] == 0.0F;
  };
  const std::string train = "pnn-train nominal.h5 --data iris.h5 --batch 16 --lr 0.1 --epochs 2 -q ";
  for (const std::string method : {"bp", "noise", "sat", "process", "drawn-sat", "spsa --device chips.h5"}) {
    INFO(method);
    REQUIRE(s.run(train + fix + "-o p.h5 --method " + method) == 0);
    CHECK(held("p.h5"));
  }
  REQUIRE(s.run("pnn-info p.h5") == 0);
  CHECK_THAT(s.out(), Contains("fixed controls: mrr1[0,1]=1.25, 2[23]=0"));
  REQUIRE(s.run(train + "-o free.h5") == 0);
  CHECK_FALSE(held("free.h5"));
  // on a model the held value is the one that acts: as if the file had it
  REQUIRE(s.run("pnn-eval free.h5 --data iris.h5 --on nominal.h5 --json " + fix) == 0);
  const std::string with = s.out();
  REQUIRE(s.run("pnn-eval free.h5 --data iris.h5 --on nominal.h5 --json") == 0);
  CHECK(with != s.out());
  REQUIRE(
      s.run("pnn-transfer free.h5 --data iris.h5 --devices chips.h5 --map weights --models nominal.h5 -q " +
            fix) == 0);
  const std::string on = "pnn-eval free.h5 --data iris.h5 --on chips.h5 -q ";
  for (const auto& [asked, sentence] :
       {std::pair("mrr1[0,1]=6", "outside the range"), std::pair("mrr3[0]=1", "no layer \"mrr3\""),
        std::pair("mrr1[32]=1", "32 controls, numbered from 0"), std::pair("mrr1[0,4]=1", "4 along in"),
        std::pair("mrr1[0,1,2]=1", "each of its 2 axes"), std::pair("mrr1=1", "expected LAYER[INDEX]=VALUE"),
        std::pair("mrr1[0]=nan", "--fix")}) {
    INFO(asked);
    CHECK(s.run(on + "--fix " + asked) == 2);
    CHECK_THAT(s.err(), Contains(sentence));
  }
  CHECK(s.run(on + "--fix mrr1[0]=1 --fix mrr1[0,0]=2") == 2);
  CHECK_THAT(s.err(), Contains("was fixed before"));
}

TEST_CASE(
    "limits beyond the range of the controls, and heaters that are held for one of their controls, are "
    "told") {
  Shell s;
  prepare(s);
  const std::string train = "pnn-train nominal.h5 --data iris.h5 --batch 16 --lr 0.1 --epochs 1 -q -o p.h5 ";
  REQUIRE(s.run(train) == 0);
  for (const std::string& command : {train, std::string("pnn-eval p.h5 --data iris.h5 -q --on chips.h5 ")}) {
    INFO(command);
    REQUIRE(s.run(command + "--limits 0:9") == 0);
    CHECK_THAT(s.err(),
               Contains("--limits 0:9: reaches beyond the range in which controls of layer mrr1 may be, "
                        "0 to 5.2 mA"));
    REQUIRE(s.run(command + "--limits mrr1=0:4 --limits mrr2=0:5.2") == 0);
    CHECK_THAT(s.err(), !Contains("reaches beyond"));
    REQUIRE(s.run(command + "--fix mrr1[0]=1") == 0);
    CHECK_THAT(s.err(), Contains("--fix: row 0 col 0 takes 2 controls in turn, of which mrr2[0] is free"));
    REQUIRE(s.run(command + "--fix mrr1[0]=1 --fix mrr2[0]=1") == 0);
    CHECK_THAT(s.err(), !Contains("in turn"));
  }
}

TEST_CASE("what was held stays held in a training that starts from it, and what moves is told") {
  Shell s;
  prepare(s);
  const std::string train = "pnn-train nominal.h5 --data iris.h5 --batch 16 --lr 0.1 --epochs 2 -q ";
  REQUIRE(s.run(train + "--fix mrr1[0,1]=1.25 -o held.h5") == 0);
  REQUIRE(s.run(train + "--init held.h5 -o more.h5") == 0);
  const train::Params more = io::read_params(s.path("more.h5")).value;
  CHECK(more.controls[0].values.data[1] == 1.25F);
  CHECK(more.fixed == std::vector<std::string>{"mrr1[0,1]=1.25"});
  CHECK_THAT(s.err(), !Contains("controls of --init"));
  REQUIRE(s.run(train + "--init held.h5 --fix mrr1[0,1]=2 -o other.h5") == 0);
  CHECK(io::read_params(s.path("other.h5")).value.controls[0].values.data[1] == 2.0F);
  CHECK_THAT(s.err(), Contains("controls of --init that start at an end") && Contains("--fix: 1"));
  REQUIRE(s.run(train + "--init held.h5 --limits 0:2 -o narrow.h5") == 0);
  CHECK_THAT(s.err(), Contains("controls of --init that start at an end"));
  CHECK(largest(s, "narrow.h5") <= 2.0F);
  REQUIRE(s.run("pnn-landscape held.h5 --data iris.h5 --on nominal.h5 --limits 0:2 --images 10 -q --json") ==
          0);
  CHECK_THAT(s.err(), Contains("controls that were held at an end"));
  CHECK_THAT(s.out(), Contains("\"held_controls\""));
}

TEST_CASE("heaters that are dead do not answer, and are as many as the process says") {
  Shell s;
  REQUIRE(s.run("pnn-fabricate --inputs 8 --layer mrr:out=16,chip=16x8 --set mrr.dead=0.25 -q -o chips.h5 && "
                "pnn-characterize chips.h5 --points 9 --averages 1 -q -o curves.h5") == 0);
  const model::ChipCurves chip = io::read_curves(s.path("curves.h5")).value.curves.chips.at(0);
  std::size_t dead = 0;
  const std::size_t points = chip.response.dim(3);
  for (std::size_t k = 0; k < chip.elements.size(); ++k) {
    const auto [least, most] =
        std::minmax_element(chip.response.data.begin() + std::ptrdiff_t(k * points),
                            chip.response.data.begin() + std::ptrdiff_t((k + 1) * points));
    dead += *most - *least < 0.3 ? 1 : 0;
  }
  // 128 rings: 32 are expected, with a standard deviation of 4.9
  CHECK(dead > 12);
  CHECK(dead < 52);
}

TEST_CASE("what curves at one temperature do not determine is called assumed wherever it is leant on") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-info model.h5") == 0);
  CHECK_THAT(s.out(), Contains("assumed: mrr.kappa (nm/K), mrr.eta (nm/mW)"));
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 1 -q -o p.h5") == 0);
  const std::string perturb = "pnn-perturb p.h5 --data iris.h5 -q -o r.h5 --devices ";
  REQUIRE(s.run(perturb + "model.h5 --vary temperature=21:23:1") == 0);
  CHECK_THAT(s.err(), Contains("lean on assumed values") && Contains("mrr.kappa"));
  REQUIRE(s.run(perturb + "model.h5 --vary dac-bits=4,8") == 0);
  CHECK_THAT(s.err(), !Contains("assumed"));
  REQUIRE(
      s.run("pnn-train model.h5 --data iris.h5 --epochs 1 --method sat --perturb temperature=1 -q -o p.h5") ==
      0);
  CHECK_THAT(s.err(), Contains("lean on assumed values"));
  REQUIRE(s.run("pnn-characterize chips.h5 --points 21 --averages 1 --temperatures 21,23 -q -o two.h5 && "
                "pnn-fit two.h5 "
                "--model airy -q -o two-m.h5 && pnn-info two-m.h5") == 0);
  CHECK_THAT(s.out(), Contains("assumed: mrr.resistance (ohm): the curves") && !Contains("mrr.kappa (nm/K)"));
  REQUIRE(
      s.run("pnn-train two-m.h5 --data iris.h5 --epochs 1 -q -o p.h5 && pnn-perturb p.h5 --data iris.h5 -q "
            "-o r.h5 --devices two-m.h5 --vary temperature=21:23:1") == 0);
  CHECK_THAT(s.err(), !Contains("assumed"));
}

TEST_CASE("a heater that is dead is named by the fit, held by the training, and no control is asked of it") {
  Shell s;
  REQUIRE(
      s.run(
          "pnn-data iris -q -o iris.h5 && pnn-fabricate " + layers +
          "--set mrr.dead=0.2 --count 1 -q -o chips.h5 && pnn-characterize chips.h5 --points 41 --averages 4 "
          "-q -o curves.h5") == 0);
  for (const char* kind : {"airy", "lorentzian", "spline"}) {
    INFO(kind);
    REQUIRE(s.run(std::string("pnn-fit curves.h5 -o model.h5 --model ") + kind) == 0);
    CHECK_THAT(s.out(),
               Contains("do not respond to their control") && Contains("does not respond to its heater"));
    const auto model = io::read_model(s.path("model.h5")).value.model;
    const platform::ChipModel& chip = model.chips.at(0);
    REQUIRE(chip.dead.data.size() == chip.elements.size());
    CHECK(std::count(chip.dead.data.begin(), chip.dead.data.end(), 1.0) >= 3);
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --epochs 2 -q -o p.h5") == 0);
    const train::Params params = io::read_params(s.path("p.h5")).value;
    std::size_t held = 0;
    for (std::size_t layer = 0; layer < model.plans.size(); ++layer) {
      std::unique_ptr<platform::TransferMap<float>> map;
      model.plans[layer]->make_model_map(model.process, chip, 0, map);
      const auto elements = map->element_of_control();
      for (std::size_t k = 0; k < elements.size(); ++k) {
        if (chip.dead.data[elements[k]] == 0) continue;
        CHECK(params.controls[layer].values.data[k] == 0);
        ++held;
      }
    }
    CHECK(held > 3);
    REQUIRE(s.run("pnn-info model.h5") == 0);
    CHECK_THAT(s.out(), Contains("elements do not respond to their control") && Contains("chi-square"));
  }
}

TEST_CASE("heater power is that of the controls that were set, at the values of the chips that took them") {
  Shell s;
  prepare(s);
  REQUIRE(s.run("pnn-train nominal.h5 --data iris.h5 --batch 16 --epochs 3 -q -o p.h5") == 0);
  const auto evaluated = [&](const std::string& options) {
    std::remove(s.path("r.h5").c_str());
    REQUIRE(s.run("pnn-perturb p.h5 --data iris.h5 --device chips.h5 --images 10 -q -o r.h5 " + options) ==
            0);
    return io::read_result(s.path("r.h5")).value;
  };
  const study::Result plain = evaluated("--vary temperature=21:23:2");
  REQUIRE(plain.power_mean_mw.shape == plain.loss.shape);
  const double whole = plain.power_mean_mw.data[0];
  CHECK(whole > 0);
  for (const double mw : plain.power_mean_mw.data) CHECK(mw == whole);
  // every current at 1 mA: 500 ohm, 1 + 0.004 of self-heating, 44 rings, of which layers take turns
  const study::Result held = evaluated("--vary temperature=22:22:1 --limits 1:1");
  const double one_ma = 1e-3 * 500 * 1.004;
  CHECK(held.energy_uj.data[0] < plain.energy_uj.data[0]);
  CHECK(std::fmod(held.power_largest_mw.data[0] / one_ma + 1e-9, 1.0) == Approx(0).margin(1e-6));
  // the power of a given current grows with the resistance
  const study::Result drawn = evaluated("--vary mrr.resistance=500:1000:500");
  REQUIRE(drawn.power_mean_mw.shape == drawn.loss.shape);
  const std::size_t at_1000 = drawn.power_mean_mw.size() - 1;
  CHECK(drawn.power_mean_mw.data[0] == Approx(whole));
  CHECK(drawn.power_mean_mw.data[at_1000] == Approx(2 * whole));
}
