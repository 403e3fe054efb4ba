#include "pnn/study/characterize.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/hysteresis.hpp"
#include "pnn/study/fit.hpp"
#include "tests/catch.hpp"
#include "tests/hidden.hpp"

using namespace pnn;
using study::characterize;
using study::CharacterizeSettings;

namespace {

platforms::mrr::BankPlan plan(const char* name, Index out, Index in, int rows, int cols,
                              platforms::mrr::Reuse reuse = platforms::mrr::Reuse::time) {
  return {name, out, in, rows, cols, reuse};
}

platforms::mrr::Process process_of(int rows, int cols) {
  platforms::mrr::Process process;
  process.chip_rows = rows, process.chip_cols = cols;
  return process;
}

/// Conditions without noise, jitter or rounding: what is measured is the physics.
CharacterizeSettings quiet(int points) {
  CharacterizeSettings settings;
  settings.points = points;
  settings.averages = 1;
  settings.impose = true;
  settings.conditions.environment = device::Environment::exact;
  settings.conditions.readout_noise = 0;
  settings.conditions.dac_bits = 0;
  return settings;
}

/// Weight of ring `local` of a lone tile of the truth's chip, driven alone.
double expected_weight(const device::DeviceSet& set, const device::ChipTruth& chip, Index first_ring,
                       Index local, Index lit_columns, double control) {
  platforms::mrr::RingParameters rings;
  const Index rows = Index(set.process.as<platforms::mrr::Process>().chip_rows),
              cols = Index(set.process.as<platforms::mrr::Process>().chip_cols);
  const auto part = [&](const char* name) {
    const auto begin = test::hidden(chip, name).data.begin() + std::ptrdiff_t(first_ring);
    return std::vector<double>(begin, begin + std::ptrdiff_t(rows * cols));
  };
  rings.delta_nm = part("delta"), rings.eta_nm_per_mw = part("eta");
  rings.resistance_ohm = part("resistance"), rings.beta_per_ma2 = part("beta");
  rings.r = part("r"), rings.a = part("a");
  const platforms::mrr::BankPlan lone = plan("lone", rows, lit_columns, int(rows), int(cols));
  const auto bank =
      platforms::mrr::make_bank<double>(lone, full_physics(set.process.as<platforms::mrr::Process>()), rings);
  std::vector<double> controls(std::size_t(rows * lit_columns), 0.0);
  const Index at = local / cols * lit_columns + local % cols;
  controls[std::size_t(at)] = control;
  Matrix<double> weights(rows, lit_columns);
  bank->evaluate({controls, {}, 0}, view(weights));
  return weights.data()[at];
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Stopper : Progress {
  [[nodiscard]] bool stop_requested() const override { return true; }
};

}  // namespace

TEST_CASE("a chip shared in time gives every ring's own curve, whatever tile it was read through") {
  const platforms::mrr::Process process = process_of(4, 3);
  // 2·3 tiles, ragged at the right and below
  const device::DeviceSet set = device::fabricate({plan("mrr1", 7, 8, 4, 3)}, process, 1, 11);
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  const model::Curves curves = characterize(*chip, quiet(9), progress);
  REQUIRE(curves.chips.size() == 1);
  const model::ChipCurves& c = curves.chips[0];
  REQUIRE(c.response.shape == std::vector<std::size_t>{1, 12, 1, 9});
  CHECK(c.temperature_c[0] == Approx(22));
  for (std::size_t ring = 0; ring < 12; ++ring) {
    for (std::size_t p = 0; p < 9; ++p) {
      const double control = c.control.data[ring * 9 + p];
      const double expected = expected_weight(set, set.chips[0], 0, Index(ring), 3, control);
      // the device computes in float: weights of order one to some 1e-6
      CHECK(c.response.data[ring * 9 + p] == Approx(expected).margin(2e-5));
    }
  }
  // equal steps of power from end to end
  CHECK(c.control.data[0] == 0);
  CHECK(c.control.data[4] == Approx(5.2 / std::sqrt(2.0)));
  CHECK(c.control.data[8] == Approx(5.2));
  // 12 rings of 9 points, 2 tiles as large as the first (the ragged ones are left out): 54 calls
  CHECK(chip->calls() == 54);
}

TEST_CASE(
    "a spatial bank gives the curves of all its chips, ragged tiles included, and NaN where no ring is "
    "used") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set =
      device::fabricate({plan("mrr1", 6, 5, 4, 3, platforms::mrr::Reuse::space)}, process, 1, 12);
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  const model::Curves curves = characterize(*chip, quiet(8), progress);
  const model::ChipCurves& c = curves.chips.at(0);
  REQUIRE(c.elements.size() == 4 * 12);
  CHECK(c.elements[12 + 3 + 1] == "tile 1 row 1 col 1");
  int measured = 0;
  for (Index tile = 0; tile < 4; ++tile) {
    for (Index local = 0; local < 12; ++local) {
      const Index row = tile / 2 * 4 + local / 3, col = tile % 2 * 3 + local % 3;
      const std::size_t at = std::size_t(tile * 12 + local) * 8 + 6;
      if (row >= 6 || col >= 5) {
        CHECK(std::isnan(c.response.data[at]));
        CHECK(std::isnan(c.control.data[at]));
        continue;
      }
      ++measured;
      const double expected =
          expected_weight(set, set.chips[0], tile * 12, local, tile % 2 == 0 ? 3 : 2, c.control.data[at]);
      CHECK(c.response.data[at] == Approx(expected).margin(2e-5));
    }
  }
  CHECK(measured == 30);
  // the fullest tile has 12 rings, and all tiles work at once
  CHECK(chip->calls() == 12 * 8);
}

TEST_CASE("rings are measured through the layer that adds the least noise, and unreachable ones hold NaN") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set =
      device::fabricate({plan("mrr1", 3, 9, 4, 3), plan("mrr2", 2, 3, 4, 3)}, process, 1, 13);
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  CharacterizeSettings settings = quiet(40);
  settings.averages = 8;
  settings.conditions.readout_noise = 0.005;
  const model::Curves curves = characterize(*chip, settings, progress);
  REQUIRE(curves.chips.size() == 1);
  const model::ChipCurves& c = curves.chips[0];
  CHECK(c.layers == std::vector<std::string>{"mrr1", "mrr2"});
  std::vector<double> one_tile, three_tiles;
  for (std::size_t k = 0; k < 6 * 40; ++k) one_tile.push_back(c.sigma.data[k]);
  for (std::size_t k = 6 * 40; k < 9 * 40; ++k) three_tiles.push_back(c.sigma.data[k]);
  for (std::size_t k = 9 * 40; k < 12 * 40; ++k) CHECK(std::isnan(c.response.data[k]));
  // one read: 0.005 · 3 columns; the mean of 8: that over √8; its estimate has a median 0.95 of it (7 degrees
  // of freedom) and scatters by 1/√14 = 27 % a point, 2 % over 240 points and 2.5 % over 120
  const double sigma = 0.015 / std::sqrt(8.0) * 0.952;
  CHECK(median(one_tile) == Approx(sigma).epsilon(0.08));
  CHECK(median(three_tiles) == Approx(sigma * std::sqrt(3.0)).epsilon(0.10));

  study::FitSettings fit;
  const model::Model fitted = study::fit(curves, process, set.plans, fit, progress);
  CHECK(fitted.chips[0].remarks[11] == "not measured (no layer uses this ring): design values taken");
  CHECK(fitted.chips[0].values.data[11 * 5] == process.delta_nm);
  CHECK(fitted.chips[0].remarks[0].empty());
}

// With everything that a virtual chip has: jitter, rounding, read-out noise, optical and thermal crosstalk. R
// and η enter as a product, so that with two temperatures or more it is the product that is recovered.
TEST_CASE("fits recover what a chip hides within three of their own standard errors, for 95 % of its rings") {
  const platforms::mrr::Process process;
  const device::DeviceSet set = device::fabricate({plan("mrr1", 16, 8, 16, 8)}, process, 1, 1);
  const device::ChipTruth& truth = set.chips[0];
  CharacterizeSettings settings;
  settings.temperatures_c = {21, 22, 23};
  settings.crosstalk = true;
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  const model::Curves curves = characterize(*chip, settings, progress);
  for (const std::string kind : {"airy", "airy+crosstalk"}) {
    study::FitSettings fit;
    fit.kind = kind;
    const model::Model fitted = study::fit(curves, process, set.plans, fit, progress);
    const model::ChipModel& c = fitted.chips.at(0);
    const std::size_t count = c.parameters.size();
    for (std::size_t k = 0; k < count; ++k) {
      const std::string& name = c.parameters[k];
      if (name == "gain" || name == "offset") continue;  // neighbours' light: no parameter of the chip
      int within = 0;
      std::vector<double> relative;
      for (std::size_t ring = 0; ring < 128; ++ring) {
        const double product = test::hidden(truth, "eta").data[ring] *
                               test::hidden(truth, "resistance").data[ring] / process.resistance_ohm;
        double expected = test::hidden(truth, "delta").data[ring];
        if (name == "r") expected = test::hidden(truth, "r").data[ring];
        if (name == "beta_per_ma2") expected = test::hidden(truth, "beta").data[ring];
        if (name == "eta_nm_per_mw") expected = product;
        const double value = c.values.data[ring * count + k];
        const double error = std::sqrt(c.covariance.data[((ring * count) + k) * count + k]);
        within += std::abs(value - expected) < 3 * error ? 1 : 0;
        relative.push_back(error / std::abs(value));
      }
      INFO(kind << " " << name << ": " << within << " of 128 within 3 standard errors, median relative error "
                << median(relative));
      CHECK(within >= 122);  // 95 % of 128
      // β changes the heater power by 7 % at resonance, so that 5 % of β would be 0.35 % of the power
      CHECK(median(relative) < (name == "beta_per_ma2" ? 0.20 : 0.05));
    }
    if (kind == "airy+crosstalk") {
      INFO("crosstalk " << c.more.at("crosstalk").data[0] << " ± " << c.more.at("crosstalk_sigma").data[0]
                        << ", length " << c.more.at("crosstalk").data[1] << " ± "
                        << c.more.at("crosstalk_sigma").data[1]);
      CHECK(std::abs(c.more.at("crosstalk").data[0] - process.crosstalk) <
            3 * c.more.at("crosstalk_sigma").data[0]);
      CHECK(std::abs(c.more.at("crosstalk").data[1] - process.crosstalk_length) <
            3 * c.more.at("crosstalk_sigma").data[1]);
      CHECK(c.more.at("crosstalk_sigma").data[0] < 0.1 * process.crosstalk);
    }
  }
}

TEST_CASE("curves and fits are the same bytes for any number of threads") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set = device::fabricate({plan("mrr1", 8, 9, 4, 3)}, process, 1, 3);
  CharacterizeSettings settings;
  settings.crosstalk = true;
  settings.temperatures_c = {21.5, 22.5};
  std::vector<std::vector<double>> responses, values;
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    Progress progress;
    const auto chip = device::make_virtual_device(set, 0);
    const model::Curves curves = characterize(*chip, settings, progress);
    responses.push_back(curves.chips[0].response.data);
    study::FitSettings fit;
    fit.kind = "airy+crosstalk";
    values.push_back(study::fit(curves, process, set.plans, fit, progress).chips[0].values.data);
  }
  set_threads(0);
  for (std::size_t k = 1; k < 3; ++k) {
    CHECK(responses[k] == responses[0]);
    CHECK(values[k] == values[0]);
  }
}

TEST_CASE("sweeps at several temperatures do not share their noise") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set = device::fabricate({plan("mrr1", 4, 3, 4, 3)}, process, 1, 3);
  CharacterizeSettings settings;
  settings.points = 8;
  settings.temperatures_c = {22, 22};  // equal on purpose
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  const model::Curves curves = characterize(*chip, settings, progress);
  const std::vector<double>& response = curves.chips[0].response.data;
  for (std::size_t p = 0; p < 8; ++p) CHECK(response[p] != response[8 + p]);
}

TEST_CASE("a sweep goes up, down or both ways, and a device without hysteresis answers alike") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set = device::fabricate({plan("mrr1", 8, 6, 4, 3)}, process, 1, 11);
  const auto swept = [&](study::SweepDirection direction, bool noisy) {
    CharacterizeSettings settings = quiet(9);
    settings.direction = direction;
    settings.crosstalk = !noisy;
    if (noisy) settings.averages = 8, settings.conditions.readout_noise = 0.002;
    Progress progress;
    return characterize(*device::make_virtual_device(set, 0), settings, progress).chips.at(0);
  };
  const model::ChipCurves up = swept(study::SweepDirection::up, false),
                          down = swept(study::SweepDirection::down, false),
                          both = swept(study::SweepDirection::both, false);
  CHECK(up.direction == std::vector<int>(9, 1));
  CHECK(down.direction == std::vector<int>(9, -1));
  REQUIRE(both.response.shape == std::vector<std::size_t>{1, 12, 1, 18});
  for (std::size_t ring = 0; ring < 12; ++ring) {
    for (std::size_t p = 0; p < 9; ++p) {
      CHECK(down.control.data[ring * 9 + 8 - p] == up.control.data[ring * 9 + p]);
      CHECK(down.response.data[ring * 9 + 8 - p] == up.response.data[ring * 9 + p]);
      CHECK(both.response.data[ring * 18 + p] == up.response.data[ring * 9 + p]);
      CHECK(both.response.data[ring * 18 + 9 + p] == down.response.data[ring * 9 + p]);
    }
  }
  CHECK(down.pair_victim_control.data == up.pair_victim_control.data);
  CHECK(model::hysteresis(up).points == 0);
  CHECK(model::hysteresis(both).points == 12 * 9);
  CHECK(model::hysteresis(both).rms == 0);
  // 108 differences of means whose errors have 7 degrees of freedom each: the ratio of both estimates is 1
  // within √(1/2/108 + 1/2/(2·7·108)) = 7 %; four of that
  const model::Hysteresis noise = model::hysteresis(swept(study::SweepDirection::both, true));
  CHECK(noise.noise > 0);
  CHECK(noise.rms == Approx(noise.noise).epsilon(0.28));
}

TEST_CASE("heaters settle before each reading, on the device's clock") {
  const device::DeviceSet set = device::fabricate({plan("mrr1", 4, 3, 4, 3)}, process_of(4, 3), 1, 11);
  CharacterizeSettings settings = quiet(8);
  settings.settle_s = 9;
  settings.conditions.environment = device::Environment::trace;
  settings.conditions.trace_time_s = {0, 10000};
  settings.conditions.trace_offset_k = {0, 1};
  Progress progress;
  const auto chip = device::make_virtual_device(set, 0);
  const model::Curves curves = characterize(*chip, settings, progress);
  CHECK(curves.settle_s == 9);
  REQUIRE(chip->calls() == 96);
  // 96 calls of 1 s and as many waits of 9 s at 0.0001 K/s
  CHECK(chip->read("temperature") == Approx(22 + 0.096));
  CHECK(curves.chips[0].temperature_c[0] == Approx(22 + 0.048));
  settings.settle_s = -1;
  CHECK_THROWS_AS(characterize(*chip, settings, progress), UsageError);
}

TEST_CASE("pairs stand at several distances in other rows, the victim on its flank") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set = device::fabricate({plan("mrr1", 4, 3, 4, 3)}, process, 1, 3);
  CharacterizeSettings settings = quiet(61);
  settings.crosstalk = true;
  const auto chip = device::make_virtual_device(set, 0);
  Progress progress;
  const model::Curves curves = characterize(*chip, settings, progress);
  const model::ChipCurves& c = curves.chips[0];
  std::set<int> squares;
  for (std::size_t q = 0; q < c.pair_victim.size(); ++q) {
    const int rows = c.pair_victim[q] / 3 - c.pair_aggressor[q] / 3,
              cols = c.pair_victim[q] % 3 - c.pair_aggressor[q] % 3;
    CHECK(rows != 0);
    squares.insert(rows * rows + cols * cols);
    // half way up a curve from −0.75 to 0.9, in 61 steps: the nearest point lies within 0.15 of the middle
    CHECK(std::abs(c.pair_response.data[q * 9]) < 0.3);
    CHECK(c.pair_victim_control.data[q] < 4.2);
    // heat moves the victim to the red, towards its channel from below
    CHECK(c.pair_response.data[q * 9 + 8] > c.pair_response.data[q * 9]);
  }
  CHECK(squares == std::set<int>{1, 2, 4, 5});
}

TEST_CASE("devices stack along the first axis, and only with equal options") {
  const platforms::mrr::Process process = process_of(4, 3);
  const device::DeviceSet set = device::fabricate({plan("mrr1", 4, 3, 4, 3)}, process, 2, 3);
  Progress progress;
  std::vector<model::Curves> parts;
  for (std::size_t k = 0; k < 2; ++k) {
    parts.push_back(characterize(*device::make_virtual_device(set, k), quiet(8), progress));
  }
  const model::Curves both = study::stack(parts);
  REQUIRE(both.chips[0].response.shape == std::vector<std::size_t>{2, 12, 1, 8});
  CHECK(std::equal(parts[1].chips[0].response.data.begin(), parts[1].chips[0].response.data.end(),
                   both.chips[0].response.slice(1).begin()));
  parts[1] = characterize(*device::make_virtual_device(set, 1), quiet(9), progress);
  CHECK_THROWS_AS(study::stack(parts), InputError);
}

TEST_CASE("a characterisation that is asked to stop says so") {
  const device::DeviceSet set = device::fabricate({plan("mrr1", 4, 3, 4, 3)}, process_of(4, 3), 1, 3);
  Stopper stopper;
  CHECK_THROWS_AS(characterize(*device::make_virtual_device(set, 0), quiet(8), stopper), Interrupted);
}
