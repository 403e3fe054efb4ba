#include <cmath>
#include <utility>

#include "pnn/device/virtual_device.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"
#include "tests/catch.hpp"
#include "tests/moments.hpp"
#include "tests/platforms/pcm/cases.hpp"

using namespace pnn;
using platforms::pcm::Cells;
using platforms::pcm::Plan;
using platforms::pcm::Process;
using platforms::pcm::Signs;

namespace {

platform::DrawAddress address(std::uint32_t device, std::uint16_t chip = 0) {
  return {7, int(Purpose::test), chip, device, 0};
}

}  // namespace

TEST_CASE("drawn cells have the process's means and spreads") {
  Process p;
  p.amorphous = 0.8;  // five standard deviations and more from the bound of a transmission
  p.split_die_sigma = 0;
  constexpr Index n = 40000;
  const Cells cells = platforms::pcm::draw_cells(p, test::pairs_of_cells(n), address(0));
  // standard errors: σ/√n = σ/200 of a mean, σ/√(2n) = σ/283 of a spread; five of them are allowed
  const auto check = [](const std::vector<double>& values, double mean, double sigma) {
    const test::Moments m = test::moments(values);
    CHECK(std::abs(m.mean - mean) < 5 * sigma / 200);
    CHECK(std::abs(m.sigma - sigma) < 5 * sigma / 283);
  };
  check(cells.amorphous, 0.8, 0.02);
  check(cells.crystalline, 0.35, 0.02);
  check(cells.bend, 0.46, 0.05);
  check(cells.drift, 0.005, 0.005);
  check(cells.write_sine, 0, 0.01);
  check(cells.write_cosine, 0, 0.01);
  check(cells.row_split, 0, 0.02);
  check(cells.column_split, 0, 0.02);
}

TEST_CASE("couplers of a device have one error in common, another on each device") {
  Process p;
  p.split_sigma = 0;
  double squares = 0;
  constexpr int devices = 2000;
  for (std::uint32_t device = 0; device < devices; ++device) {
    const Cells cells = platforms::pcm::draw_cells(p, test::pairs_of_cells(4), address(device));
    CHECK(cells.row_split[0] == cells.row_split[2]);
    CHECK(cells.row_split[0] == cells.column_split[1]);
    squares += cells.row_split[0] * cells.row_split[0] / devices;
  }
  CHECK(std::abs(std::sqrt(squares) - 0.02) < 5 * 0.02 / std::sqrt(2.0 * devices));
}

TEST_CASE("a cell's draws do not depend on how many cells there are") {
  const Process p;
  const Cells few = platforms::pcm::draw_cells(p, test::pairs_of_cells(10), address(1)),
              many = platforms::pcm::draw_cells(p, test::pairs_of_cells(50), address(1));
  for (std::size_t k = 0; k < 10; ++k) {
    CHECK(few.amorphous[k] == many.amorphous[k]);
    CHECK(few.column_split[k] == many.column_split[k]);
  }
}

TEST_CASE("cells of a device deviate together by the shares of the process, and 0 leaves all", "[spread]") {
  // outputs 0 and 1 of arrays of 2x4 cells, two stacks and two groups of them: cells on a grid of 4x8
  const Plan plan{"pcm1", 4, 4, 2, 4, Signs::differential};
  Process p;
  p.amorphous = 0.5, p.split_die_sigma = 0;
  p.amorphous_die = 0.5, p.amorphous_smooth = 0.3, p.split_smooth = 0.8, p.correlation_length = 2;
  constexpr std::uint32_t devices = 4000;
  const double five = 5 * std::sqrt(2.0 / devices);
  struct Place {
    Index group, stack, row, col;
  };
  const auto cell = [&](const Place& at) {
    return std::size_t(plan.cell_at(at.group, at.stack, at.row, at.col));
  };
  std::vector<Cells> drawn;
  for (std::uint32_t device = 0; device < devices; ++device)
    drawn.push_back(platforms::pcm::draw_cells(p, plan, address(device)));
  const auto correlation = [&](const auto& a, const auto& b) {
    double sum = 0;
    for (const Cells& cells : drawn) sum += a(cells) * b(cells) / devices;
    return sum;
  };
  const auto amorphous = [&](const Place& at) {
    return [&, k = cell(at)](const Cells& cells) { return (cells.amorphous[k] - 0.5) / p.amorphous_sigma; };
  };
  const auto split = [&](const Place& at, bool row) {
    return [&, k = cell(at), row](const Cells& cells) {
      return (row ? cells.row_split[k] : cells.column_split[k]) / p.split_sigma;
    };
  };
  const Place first{0, 0, 0, 0}, beside{0, 0, 0, 1}, below{0, 0, 1, 0}, next_stack{0, 1, 0, 0},
      next_group{1, 0, 0, 0};
  CHECK(std::abs(correlation(amorphous(first), amorphous(first)) - 1) < five);
  for (const auto& [other, distance] :
       {std::pair{beside, 1.0}, {below, 1.0}, {next_stack, 2.0}, {next_group, 4.0}})
    CHECK(std::abs(correlation(amorphous(first), amorphous(other)) -
                   (0.5 + 0.3 * std::exp(-distance * distance / 4))) < five);
  CHECK(std::abs(correlation(split(first, true), split(first, true)) - 1) < five);
  CHECK(std::abs(correlation(split(first, true), split(first, false)) - 0.8) < five);
  CHECK(std::abs(correlation(split(first, true), split(next_stack, true)) - 0.8 * std::exp(-1.0)) < five);
  CHECK(std::abs(correlation(split(first, true), amorphous(first))) < five);

  Process alone;
  const Cells before = platforms::pcm::draw_cells(alone, plan, address(3));
  alone.correlation_length = 3;
  CHECK(platforms::pcm::draw_cells(alone, plan, address(3)).amorphous == before.amorphous);
  alone.bend_die = 1;
  const Cells after = platforms::pcm::draw_cells(alone, plan, address(3));
  CHECK(after.bend.front() == after.bend.back());
  CHECK(after.bend.front() != before.bend.front());
  CHECK(after.drift == before.drift);
  CHECK(after.write_sine == before.write_sine);
  alone.bend_smooth = 0.2;
  CHECK(conflicts_of(alone).size() == 1);
}

TEST_CASE("cells take the nearest of their levels, and read-out noise is what detectors and losses make it") {
  Process process;
  process.split_sigma = process.split_die_sigma = process.amorphous_sigma = process.crystalline_sigma = 0;
  process.bend_sigma = process.programming_sigma = 0;
  const Plan plan{"pcm1", 4, 20, 8, 6, Signs::differential};
  const platform::AnyPlan any = plan;
  const device::DeviceSet set = device::fabricate({any}, process, 1, 1);
  const auto device = device::make_virtual_device(set, 0);
  device::Conditions quiet;
  quiet.readout_noise = 0;
  device->impose(quiet);
  std::vector<float> levels(std::size_t(plan.control_count()), 0.0F);
  levels[0] = 0.5F;
  device->set_controls(0, levels);
  Matrix<float> x = Matrix<float>::Zero(1, 20), y(1, 4);
  x(0, 0) = 1;
  device->run(0, view(std::as_const(x)), view(y));
  const double level = 17.0 / 33;  // 16.5/33 lies between two, of which the even one would be 16
  const double even = 16.0 / 33;
  const auto weight = [&](double c) { return c - process.bend * c * (1 - c); };
  CHECK(
      (std::abs(double(y(0, 0)) - weight(level)) < 1e-5 || std::abs(double(y(0, 0)) - weight(even)) < 1e-5));
  quiet.dac_bits = 0;
  device->impose(quiet);
  device->run(0, view(std::as_const(x)), view(y));
  CHECK(double(y(0, 0)) == Approx(weight(0.5)).epsilon(1e-5));

  // three arrays of 8 inputs are added, on the longest way light passes 7 + 5 crossings of 0.04 dB, and
  // detectors are set for 8 inputs on cells of 0.9, of which a weight is 0.55; inputs of both signs take two
  // read-outs
  const auto map = platform::make_device_map<float>(*any, process, any->nominal_truth(process));
  Matrix<float> inputs = Matrix<float>::Constant(2, 20, 0.5F), sigma(2, 4);
  inputs(1, 3) = -0.25F;
  const platform::Call call{*map, {levels, {}, {}}, view(std::as_const(inputs)), any->full_scale(*map)};
  REQUIRE(any->readout_sigma(process, {}, call, view(sigma)));
  const double one = 0.002 * 8 * 0.9 / 0.55 * std::pow(10, 0.048);
  CHECK(double(sigma(0, 0)) == Approx(one * 0.5 * std::sqrt(3.0)).epsilon(1e-5));
  CHECK(double(sigma(1, 2)) == Approx(one * 0.5 * std::sqrt(6.0)).epsilon(1e-5));
  CHECK(any->readouts(false) == 1);
  CHECK(any->readouts(true) == 2);
}
