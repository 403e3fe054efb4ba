// Measurements of cells and what is fitted to them, against what the device hides.
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/import.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/platforms/pcm/lab/levels_fit.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/fit.hpp"
#include "pnn/study/predicted.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/pcm/cases.hpp"

using namespace pnn;
using platforms::pcm::Plan;
using platforms::pcm::Process;
using platforms::pcm::Signs;

namespace {

study::CharacterizeSettings settings_for(double noise, int points = 34, int averages = 4) {
  study::CharacterizeSettings settings;
  settings.points = points;
  settings.averages = averages;
  settings.impose = true;
  settings.conditions.environment = device::Environment::exact;
  settings.conditions.readout_noise = noise;
  return settings;
}

model::Curves measure(const device::DeviceSet& set, const study::CharacterizeSettings& settings) {
  Progress progress;
  return study::characterize(*device::make_virtual_device(set, 0), settings, progress);
}

model::Model fitted(const device::DeviceSet& set, const model::Curves& curves,
                    const std::string& kind = "levels") {
  study::FitSettings settings;
  settings.kind = kind;
  Progress progress;
  return study::fit(curves, set.process, set.plans, settings, progress);
}

/// Weights of the device, without noise and rounding, at levels that are drawn.
Matrix<double> truth(const device::DeviceSet& set, const std::vector<double>& levels) {
  const auto map = platform::make_device_map<double>(*set.plans[0], set.process, set.chips[0].of(0));
  Matrix<double> weights(map->rows(), map->cols());
  map->evaluate({levels, {}, {}}, view(weights));
  return weights;
}

std::vector<double> random_levels(Index count) {
  std::vector<double> levels(std::size_t(count), 0.0);
  fill_symmetric({9, Purpose::test, 122}, levels);
  for (double& level : levels) level = 0.5 + 0.5 * level;
  return levels;
}

double worst_miss(const device::DeviceSet& set, const model::Model& known) {
  const auto map = std::move(model::make_maps<double>(known, 0).front());
  const std::vector<double> levels = random_levels(map->control_count());
  Matrix<double> weights(map->rows(), map->cols());
  map->evaluate({levels, {}, {}}, view(weights));
  return (weights - truth(set, levels)).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("a model that is fitted to the cells of a device without programming errors is that device") {
  for (const Signs signs : {Signs::differential, Signs::reference}) {
    Process process;
    process.programming_sigma = 0;
    const Plan plan{"pcm1", 3, 5, 4, 4, signs};
    const device::DeviceSet set = device::fabricate({plan}, process, 1, 4);
    study::CharacterizeSettings settings = settings_for(0);
    settings.process = process;
    const model::Curves curves = measure(set, settings);
    REQUIRE(curves.chips.size() == 1);
    CHECK(curves.chips[0].response.size() == std::size_t(plan.control_count()) * 34);
    const model::Model known = fitted(set, curves);
    CHECK(known.chips[0].kind == "levels");
    for (const std::string& remark : known.chips[0].remarks) CHECK(remark.empty());
    // a device answers in float
    CHECK(worst_miss(set, known) < 1e-5);
    CHECK(worst_miss(set, fitted(set, curves, "nominal")) > 0.02);
  }
}

TEST_CASE("curves that were taken long after programming become a model of age 0") {
  for (const Signs signs : {Signs::differential, Signs::reference}) {
    Process process;
    process.programming_sigma = process.drift_sigma = 0;
    process.drift = 0.02;
    // reference columns have no curve of their own, and their drift is taken as designed
    if (signs == Signs::reference)
      process.amorphous_sigma = process.crystalline_sigma = process.bend_sigma = process.split_sigma =
          process.split_die_sigma = 0;
    const Plan plan{"pcm1", 3, 5, 4, 4, signs};
    const device::DeviceSet set = device::fabricate({plan}, process, 1, 4);
    study::CharacterizeSettings settings = settings_for(0);
    settings.process = process;
    const double age = 1e6;  // s: six decades, over which an amorphous part grows by 12 % of the contrast
    platform::system_parameter("age").at(settings.conditions.system) =
        platform::system_parameter("age").to_system(age);
    model::Curves curves = measure(set, settings);
    REQUIRE(curves.chips[0].conditions.size() == 1);
    CHECK(curves.chips[0].conditions[0].name == "age");
    CHECK(curves.chips[0].conditions[0].value == Approx(age).epsilon(1e-9));
    CHECK(worst_miss(set, fitted(set, curves)) < 1e-5);
    const model::Model design = fitted(set, curves, "nominal");
    if (signs == Signs::reference)
      for (const double rms : design.chips[0].rms_residual.data) CHECK(rms < 1e-5);
    CHECK_THROWS_AS(study::predicted_curves(design, curves, 3), UsageError);
    curves.chips[0].conditions.clear();  // read as curves of age 0
    CHECK(worst_miss(set, fitted(set, curves)) > 0.05);
    curves.chips[0].conditions = {{"transmission", "1", 0.01}};
    CHECK_THROWS_AS(fitted(set, curves), UsageError);
  }
}

TEST_CASE("programming errors are what no fit takes away, and what its residuals say") {
  Process process;
  process.programming_sigma = 0.01;
  const Plan plan{"pcm1", 8, 12, 16, 16, Signs::differential};
  const device::DeviceSet set = device::fabricate({plan}, process, 1, 4);
  study::CharacterizeSettings settings = settings_for(0);
  settings.process = process;
  const model::Model known = fitted(set, measure(set, settings));
  double squares = 0;
  for (const double rms : known.chips[0].rms_residual.data) squares += rms * rms;
  const double rms = std::sqrt(squares / double(known.chips[0].rms_residual.size()));
  CHECK(rms > 0.004);
  CHECK(rms < 0.012);
}

TEST_CASE("standard errors of a cell's curve are those of its noise") {
  // 400 curves of one cell, whose parameters are known
  const platforms::pcm::lab::CellCurve curve{0.05, 0.9, 0.4};
  double pulls[3] = {};
  constexpr int trials = 400;
  for (int trial = 0; trial < trials; ++trial) {
    model::Samples samples;
    std::vector<double> z(34);
    fill_normal({3, Purpose::test, 123, std::uint32_t(trial)}, std::span<double>(z));
    for (std::size_t k = 0; k < z.size(); ++k) {
      const double level = double(k) / 33;
      samples.control.push_back(level);
      samples.response.push_back(curve.at(level) + 0.02 * z[k]);
      samples.sweep.push_back(0);
    }
    const platforms::pcm::lab::CellFit fit = platforms::pcm::lab::fit_cell(samples);
    REQUIRE(fit.identified);
    const double found[] = {fit.curve.low, fit.curve.swing, fit.curve.bend},
                 known[] = {curve.low, curve.swing, curve.bend};
    for (int k = 0; k < 3; ++k) pulls[k] += std::pow(found[k] - known[k], 2) / fit.covariance(k, k) / trials;
  }
  // the mean of squared pulls of 31 degrees of freedom is 31/29, with a standard error of √2/√400 = 0.07
  for (const double pull : pulls) CHECK(std::abs(pull - 31.0 / 29) < 5 * 0.075);
}

TEST_CASE("a dead cell is called so, keeps the design's bend, and its neighbours are fitted as ever") {
  Process process;
  process.programming_sigma = 0;
  const Plan plan{"pcm1", 2, 2, 16, 16, Signs::differential};
  device::DeviceSet set = device::fabricate({plan}, process, 1, 4);
  set.chips[0].fields[0].data[3] = set.chips[0].fields[1].data[3];  // amorphous as crystalline
  study::CharacterizeSettings settings = settings_for(1e-4);
  settings.process = process;
  const model::Model known = fitted(set, measure(set, settings));
  const model::ChipModel& chip = known.chips[0];
  CHECK(chip.elements[3] == "output 1 input 1 plus");
  CHECK(chip.remarks[3].rfind("dead: ", 0) == 0);
  CHECK(chip.dead.data == std::vector<double>{0, 0, 0, 1, 0, 0, 0, 0});
  CHECK(chip.values.data[3 * 3 + 2] == process.bend);
  CHECK(std::abs(chip.values.data[3 * 3 + 1]) < 0.01);
  for (std::size_t k = 0; k < 8; ++k)
    if (k != 3) CHECK(chip.remarks[k].empty());
}

TEST_CASE(
    "predicted curves of cells are those of their formula, and imported ones are fitted as transmissions") {
  model::CurveTable table;
  for (int k = 0; k < 20; ++k) {
    const double level = k / 19.0;
    table.element.emplace_back("cell A"), table.control.push_back(level);
    table.response.push_back(0.3 + 0.5 * (level - 0.2 * level * (1 - level)));
    table.element.emplace_back("cell B"), table.control.push_back(100 * level);
    table.response.push_back(0.3 + 0.5 * level);
  }
  const model::Curves curves = model::import_curves(table, {22}, "table.csv");
  study::FitSettings settings;
  settings.kind = "levels";
  Progress progress;
  const model::Model known = study::fit(curves, {}, {}, settings, progress);
  const model::ChipModel& chip = known.chips.at(0);
  CHECK(chip.values.data[0] == Approx(0.3).epsilon(1e-9));
  CHECK(chip.values.data[1] == Approx(0.5).epsilon(1e-9));
  CHECK(chip.values.data[2] == Approx(0.2).epsilon(1e-9));
  CHECK(chip.remarks[0].empty());
  CHECK(chip.remarks[1].find("controls from 0 to 100, where levels are 0 to 1") == 0);
  const model::Curves expected = study::predicted_curves(known, curves, 3);
  const model::ChipCurves& one = expected.chips.at(0);
  CHECK(one.control.data[1] == Approx(0.5).epsilon(1e-12));
  CHECK(one.response.data[1] == Approx(0.3 + 0.5 * (0.5 - 0.2 * 0.25)).epsilon(1e-9));
}

TEST_CASE("crossbars that cannot be are refused in a sentence") {
  const auto refused = [](const std::string& layer) -> std::string {
    try {
      static_cast<void>(network::resolve({"4", {layer}}, {}));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(refused("pcm:out=3,array=4x1").find("expected 2 or more columns") != std::string::npos);
  CHECK(refused("pcm:out=0").find("expected an integer from 1") != std::string::npos);
  CHECK(refused("pcm:out=3,signed=both").find("expected differential or reference, found \"both\"") !=
        std::string::npos);
  CHECK(refused("pcm:out=3,array=16").find("expected ROWSxCOLUMNS") != std::string::npos);
  CHECK(refused("pcm:out=3,levels=34").find("levels") != std::string::npos);
  CHECK(refused("pcm:out=3") == "accepted");
  CHECK(refused("pcm-conv:out=3,kernel=2") != "accepted");  // a vector is no picture
}
