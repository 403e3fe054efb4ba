#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/hysteresis.hpp"
#include "pnn/platform/detection.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/mesh_layer.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/deployment.hpp"
#include "pnn/study/fit.hpp"
#include "tests/catch.hpp"
#include "tests/process.hpp"

using namespace pnn;
using platform::Detection;
using platforms::mzi::MeshControl;
using platforms::mzi::MeshLayout;
using study::characterize;
using study::CharacterizeSettings;

namespace {

platform::AnyPlan mesh(Index modes, MeshLayout layout = MeshLayout::unitary,
                       Detection detection = Detection::intensity, bool field = false) {
  return platforms::mzi::MeshLayer{{"mzi1", modes, modes, layout}, detection, field};
}

/// Without noise, jitter and rounding.
CharacterizeSettings quiet(int points, int averages) {
  CharacterizeSettings settings;
  settings.points = points;
  settings.averages = averages;
  settings.impose = true;
  settings.conditions.environment = device::Environment::exact;
  settings.conditions.readout_noise = 0;
  settings.conditions.dac_bits = 0;
  return settings;
}

model::Curves measure(const device::DeviceSet& set, const CharacterizeSettings& settings) {
  Progress progress;
  return characterize(*device::make_virtual_device(set, 0), settings, progress);
}

model::Model fitted(const device::DeviceSet& set, const model::Curves& curves) {
  study::FitSettings settings;
  settings.kind = "fringe";
  Progress progress;
  return study::fit(curves, set.process, set.plans, settings, progress);
}

double value(const model::ChipModel& chip, std::size_t element, std::size_t parameter) {
  return chip.values.data[element * 4 + parameter];
}
double error(const model::ChipModel& chip, std::size_t element, std::size_t parameter) {
  return std::sqrt(chip.covariance.data[(element * 4 + parameter) * 4 + parameter]);
}

/// Static phase errors that the chip hides.
const std::vector<double>& hidden_phases(const device::DeviceSet& set) {
  return set.chips[0].fields[0].data;
}

/// |W|² of a mesh with these phase errors and nothing else wrong, at random controls.
Matrix<double> powers(const platform::LayerPlan& layer, const std::vector<double>& errors) {
  const platforms::mzi::MeshPlan& plan = platforms::mzi::mesh_of(layer)->mesh;
  platforms::mzi::MeshErrors all = no_errors(plan);
  all.phase = errors;
  std::vector<double> controls(errors.size());
  fill_symmetric({6, Purpose::test, 4}, controls);
  for (double& c : controls) c *= std::numbers::pi;
  const auto map = platforms::mzi::make_mesh<double>(plan, {}, all);
  Matrix<double> weights(map->rows(), map->cols());
  map->evaluate({controls, {}, 0}, view(weights));
  return platforms::mzi::complex_matrix(view(std::as_const(weights))).cwiseAbs2();
}

std::vector<double> fitted_phases(const model::ChipModel& chip) {
  std::vector<double> out;
  for (std::size_t k = 0; k < chip.elements.size(); ++k) out.push_back(value(chip, k, 0));
  return out;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

platforms::mzi::Process perfect() {
  platforms::mzi::Process process;
  process.split_sigma_rad = 0, process.crosstalk = 0, process.loss_db = 0;
  process.dac_bits = 0, process.readout_noise = 0;
  return process;
}

}  // namespace

TEST_CASE("with perfect splitters every detector gives the static phases of a mesh") {
  platforms::mzi::Process process = perfect();
  process.phase_sigma_rad = 1e-3;  // light then leaks by 1e-6, and phases of fringes by some 1e-9 a mode
  for (const MeshLayout layout : {MeshLayout::unitary, MeshLayout::svd}) {
    for (const Detection detection :
         {Detection::intensity, Detection::modulus, Detection::coherent, Detection::field}) {
      for (const bool field : {false, true}) {
        const platform::AnyPlan plan = mesh(5, layout, detection, field);
        const device::DeviceSet set = device::fabricate({plan}, process, 1, 4);
        const model::ChipModel chip = fitted(set, measure(set, quiet(8, 2))).chips.at(0);
        INFO(platform::word_of(detection) << (layout == MeshLayout::svd ? " svd" : " unitary"));
        const std::vector<double>& truth = hidden_phases(set);
        for (Index k = 0; k < plan->controls(); ++k) {
          const platforms::mzi::ControlPlace place = platforms::mzi::mesh_of(plan)->mesh.place_of(k);
          const auto at = std::size_t(k);
          if (place.kind == MeshControl::psi) {
            CHECK(chip.remarks[at].starts_with(model::unmeasured));
            CHECK(value(chip, at, 0) == 0);
            continue;
          }
          INFO(chip.elements[at]);
          // powers are read in float, some 1e-7 of an amplitude of 1/2; φ behind ψ of another mesh hold its
          // part
          if (place.kind == MeshControl::phi && place.mesh == 1) continue;
          CHECK(value(chip, at, 0) == Approx(truth[at]).margin(3e-6));
          CHECK(value(chip, at, 1) == Approx(25).epsilon(1e-5));
          CHECK(value(chip, at, 2) == Approx(1).epsilon(1e-4));
        }
        CHECK((powers(plan, fitted_phases(chip)) - powers(plan, truth)).cwiseAbs().maxCoeff() < 3e-5);
      }
    }
  }
}

// With everything that a virtual chip has: splitter and phase errors of a good foundry, crosstalk, loss,
// jitter, rounding, read-out noise.
TEST_CASE("fits of fringes recover what a mesh hides within three of their standard errors, for 95 % of it") {
  for (const MeshLayout layout : {MeshLayout::unitary, MeshLayout::svd}) {
    const platform::AnyPlan plan = mesh(8, layout);
    const device::DeviceSet set = device::fabricate({plan}, platforms::mzi::Process{}, 1, 1);
    CharacterizeSettings settings;
    const model::ChipModel chip = fitted(set, measure(set, settings)).chips.at(0);
    const std::vector<double>& truth = hidden_phases(set);
    for (const MeshControl kind : {MeshControl::theta, MeshControl::phi, MeshControl::attenuator}) {
      int count = 0, phase_within = 0, power_within = 0;
      std::vector<double> phase_errors, power_errors;
      for (std::size_t k = 0; k < chip.elements.size(); ++k) {
        const platforms::mzi::ControlPlace place = platforms::mzi::mesh_of(plan)->mesh.place_of(Index(k));
        if (place.kind != kind || (kind == MeshControl::phi && place.mesh == 1)) continue;
        ++count;
        phase_within += std::abs(value(chip, k, 0) - truth[k]) < 3 * error(chip, k, 0) ? 1 : 0;
        power_within += std::abs(value(chip, k, 1) - 25) < 3 * error(chip, k, 1) ? 1 : 0;
        phase_errors.push_back(error(chip, k, 0));
        power_errors.push_back(error(chip, k, 1));
        INFO(chip.elements[k] << ": " << value(chip, k, 0) << " +- " << error(chip, k, 0) << ", hidden "
                              << truth[k]);
        CHECK(std::abs(value(chip, k, 0) - truth[k]) < 6 * error(chip, k, 0));
      }
      if (count == 0) continue;
      INFO("kind " << int(kind) << ": " << phase_within << " and " << power_within << " of " << count
                   << ", median standard errors " << median(phase_errors) << " rad, " << median(power_errors)
                   << " mW");
      CHECK(phase_within >= 0.95 * count);
      CHECK(power_within >= 0.95 * count);
      CHECK(median(phase_errors) < 0.05 * 0.25);  // a quarter of the spread that the model was without
      CHECK(median(power_errors) < 0.05 * 25);
    }
  }
}

TEST_CASE("fringes of the other output port are doubted, and those of scattered phases are not") {
  platforms::mzi::Process process;
  for (const double spread : {0.02, 2.0}) {
    INFO(spread);
    process.phase_sigma_rad = spread;
    const device::DeviceSet set = device::fabricate({mesh(4)}, process, 1, 1);
    model::Curves curves = measure(set, quiet(41, 1));
    const auto doubted = [&] {
      const model::Model model = fitted(set, curves);
      return std::count_if(
          model.chips[0].remarks.begin(), model.chips[0].remarks.end(),
          [](const std::string& r) { return r.find("other output port") != std::string::npos; });
    };
    CHECK(doubted() == 0);
    for (double& response : curves.chips[0].response.data) response = 1 - response;
    CHECK(doubted() == (spread < 1 ? 6 : 0));
  }
}

TEST_CASE("the light that a shifter shows is a cos² fringe of the current, and splitters dim it") {
  platforms::mzi::Process process = perfect();
  process.phase_sigma_rad = 0;
  const device::DeviceSet set = device::fabricate({mesh(2)}, process, 1, 1);
  const model::ChipCurves curves = measure(set, quiet(16, 1)).chips.at(0);
  CHECK(curves.elements[0] == "theta col 0 modes 0-1");
  for (std::size_t element : {0, 1}) {
    for (std::size_t p = 0; p < 16; ++p) {
      const double current = curves.control.data[element * 16 + p];
      CHECK(current == Approx(10 * std::sqrt(double(p) / 16)));  // equal steps of power; 10 mA are 2 pi
      CHECK(curves.response.data[element * 16 + p] ==
            Approx(std::pow(std::cos(platforms::mzi::shifter_phase(process, current) / 2), 2)).margin(1e-6));
    }
  }
  for (std::size_t psi : {2, 3}) CHECK(std::isnan(curves.response.data[psi * 16]));
}

TEST_CASE("the phase of a shifter without current is the process's, and its static error is what is fitted") {
  platforms::mzi::Process process = perfect();
  process.theta0_rad = 1.1, process.p_pi_mw = 18, process.phase_sigma_rad = 1e-3;
  const device::DeviceSet set = device::fabricate({mesh(4)}, process, 1, 2);
  CharacterizeSettings settings = quiet(16, 2);
  settings.process = process;
  const model::ChipModel chip = fitted(set, measure(set, settings)).chips.at(0);
  for (std::size_t k = 0; k < 12; ++k) {
    CHECK(value(chip, k, 0) == Approx(hidden_phases(set)[k]).margin(3e-6));
    CHECK(value(chip, k, 1) == Approx(18).epsilon(1e-5));
  }
}

TEST_CASE("fringes taken at another temperature give the phases at the reference") {
  platforms::mzi::Process process = perfect();
  process.phase_sigma_rad = 1e-3;
  const device::DeviceSet set = device::fabricate({mesh(5)}, process, 1, 3);
  CharacterizeSettings settings = quiet(16, 2);
  settings.temperatures_c = {24};  // 0.02 rad on every phase
  const model::ChipModel chip = fitted(set, measure(set, settings)).chips.at(0);
  // a drift leaks light as an error does, 1e-4 of it
  for (std::size_t k = 0; k < 20; ++k) CHECK(value(chip, k, 0) == Approx(hidden_phases(set)[k]).margin(3e-4));
}

TEST_CASE("fringes and their fits are the same bytes for any number of threads, and stop when told") {
  const device::DeviceSet set =
      device::fabricate({mesh(9, MeshLayout::svd)}, platforms::mzi::Process{}, 1, 3);
  CharacterizeSettings settings;
  settings.points = 9;
  std::vector<std::vector<double>> responses, values;
  for (const int count : {1, 3}) {
    set_threads(count);
    const model::Curves curves = measure(set, settings);
    responses.push_back(curves.chips[0].response.data);
    values.push_back(fitted(set, curves).chips[0].values.data);
  }
  set_threads(0);
  const auto same = [](const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
  };
  CHECK(same(responses[0], responses[1]));
  CHECK(values[0] == values[1]);
  struct Stopper : Progress {
    [[nodiscard]] bool stop_requested() const override { return true; }
  } stopper;
  CHECK_THROWS_AS(characterize(*device::make_virtual_device(set, 0), settings, stopper), Interrupted);
}

TEST_CASE("sweeps of a mesh go both ways, and a forecast counts the calls that a measurement takes") {
  const device::DeviceSet set = device::fabricate({mesh(4)}, platforms::mzi::Process{}, 1, 3);
  CharacterizeSettings settings;
  settings.points = 8, settings.averages = 3, settings.direction = study::SweepDirection::both;
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  const model::Curves curves = characterize(*chip, settings, progress);
  CHECK(curves.chips[0].response.shape == std::vector<std::size_t>{1, 16, 1, 16});
  CHECK(model::hysteresis(curves.chips[0]).points == 12 * 8);
  // 6 θ and 6 φ, one group each in four columns of 2, 1, 2, 1 MZIs (two of a column are read apart): 16
  // points, 3 readings, φ at two quadratures
  CHECK(chip->calls() == (6 + 2 * 6) * 16 * 3);
  const Forecast forecast = study::forecast(*device::make_virtual_device(set, 0), settings, 2, progress);
  CHECK(forecast.counts[0].number == 2 * 12 * 16);
  CHECK(forecast.counts[1].number == 2 * chip->calls());
}

TEST_CASE("settings that are of rings alone are refused on a mesh, and words of one platform on the other") {
  const device::DeviceSet set = device::fabricate({mesh(3)}, platforms::mzi::Process{}, 1, 3);
  CharacterizeSettings settings = quiet(8, 1);
  settings.temperatures_c = {21, 22};
  CHECK_THROWS_WITH(measure(set, settings), Catch::Contains("at one temperature"));
  settings.temperatures_c.clear();
  settings.crosstalk = true;
  CHECK_THROWS_WITH(measure(set, settings), Catch::Contains("pair sweeps are of rings"));
  settings.crosstalk = false;
  const model::Curves curves = measure(set, settings);
  Progress progress;
  study::FitSettings fit;
  for (const char* kind : {"airy", "lorentzian", "airy+crosstalk", "spline"}) {
    fit.kind = kind;
    CHECK_THROWS_WITH(study::fit(curves, set.process, set.plans, fit, progress),
                      Catch::Contains("take fringe or nominal"));
  }
}

TEST_CASE("a network of rings and a mesh is measured whole, and each kind fits what it can") {
  platforms::mrr::Process rings;
  rings.chip_rows = 4, rings.chip_cols = 3;
  const std::vector<platform::AnyPlan> plans = {
      platforms::mrr::BankPlan{"mrr1", 3, 3, 4, 3, platforms::mrr::Reuse::time}, mesh(3)};
  const device::DeviceSet set = device::fabricate(plans, platform::Process(rings), 2, 3);
  const model::Curves curves = measure(set, quiet(32, 2));
  REQUIRE(curves.chips.size() == 2);
  for (const char* kind : {"airy", "fringe"}) {
    study::FitSettings fit;
    fit.kind = kind;
    Progress progress;
    const model::Model both =
        study::fit(study::stack({curves, curves}), set.process, set.plans, fit, progress);
    REQUIRE(both.chips.size() == 2);
    CHECK((both.chips[0].kind == "airy") == (fit.kind == "airy"));
    CHECK((both.chips[1].kind == "fringe") == (fit.kind == "fringe"));
    CHECK(model::make_maps<float>(both, 1).size() == 2);  // the second device's, of both chips
  }
}

TEST_CASE("a model draws a badly known phase towards the design, and leaves a well known one") {
  const platform::AnyPlan plan = mesh(2);
  model::Model known = model::nominal_model({plan}, platforms::mzi::Process{});  // a spread of 0.05 rad
  model::ChipModel& chip = known.chips[0];
  chip.values.data = {0.1, 0.1, 0.1, 0};
  chip.covariance.data = {1e-12, 0.05 * 0.05, 0, 0};
  const auto map = std::move(model::make_maps<double>(known, 0)[0]);
  const std::vector<double>& phase = dynamic_cast<platforms::mzi::Mesh<double>&>(*map).errors().phase;
  CHECK(phase[0] == Approx(0.1));
  CHECK(phase[1] == Approx(0.05));
  CHECK(phase[2] == 0.1);
  CHECK(phase[3] == 0);
}

// What the fit is for: the model of one's own chip brings trained weights nearer than the design does.
TEST_CASE("weights mapped through fitted phases are nearer to the trained ones on the device itself") {
  const platform::AnyPlan plan = mesh(8);
  const device::DeviceSet set = device::fabricate({plan}, platforms::mzi::Process{}, 1, 5);
  const model::Model nominal = model::nominal_model(set.plans, set.process),
                     fringe = fitted(set, measure(set, CharacterizeSettings{}));
  train::Params params;
  params.controls.push_back({"mzi1", "rad", "", Array<float>({std::size_t(plan->controls())})});
  fill_symmetric({2, Purpose::test, 6}, std::span<float>(params.controls[0].values.data));
  for (float& c : params.controls[0].values.data) c *= 3;
  const auto map = std::move(model::make_maps<float>(nominal, 0)[0]);
  Matrix<float> weights(map->rows(), map->cols());
  map->evaluate({params.controls[0].values.data, {}, 0}, view(weights));
  params.weights.push_back({"mzi1", "1", "", Array<float>({2, 8, 8})});
  std::copy_n(weights.data(), weights.size(), params.weights[0].values.data.begin());

  // lossless, so that moduli can be compared; splitters and crosstalk stay wrong
  platform::Process lossless = set.process;
  test::edit<platforms::mzi::Process>(lossless)->loss_db = 0;
  const auto chip = platform::make_device_map<float>(plan, lossless, set.chips[0].of(0));
  const platforms::mzi::ComplexMatrix wanted = platforms::mzi::complex_matrix(view(std::as_const(weights)));
  const auto distance = [&](const model::Model& known) {
    study::Deployed deployed;
    deployed.controls.resize(std::size_t(plan->controls()));
    CHECK(study::map_weights(deployed, params, known, 0) < 1e-4);
    Matrix<float> got(weights.rows(), weights.cols());
    chip->evaluate({deployed.controls, {}, 0}, view(got));
    return (platforms::mzi::complex_matrix(view(std::as_const(got))).cwiseAbs() - wanted.cwiseAbs()).norm();
  };
  const double by_design = distance(nominal), by_fringes = distance(fringe);
  INFO("moduli off by " << by_design << " with the design's phases, " << by_fringes
                        << " with the fitted ones");
  CHECK(by_fringes < 0.9 * by_design);
}
