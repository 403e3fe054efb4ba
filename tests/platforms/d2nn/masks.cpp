#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platforms/d2nn/mask.hpp"
#include "pnn/platforms/d2nn/masks.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/d2nn/propagation.hpp"
#include "pnn/platforms/d2nn/stack.hpp"
#include "tests/catch.hpp"
#include "tests/misalignment.hpp"
#include "tests/platforms/d2nn/cases.hpp"
#include "tests/taylor.hpp"

using namespace pnn;
using platform::System;
using platforms::d2nn::AxialGradient;
using platforms::d2nn::Errors;
using platforms::d2nn::Masks;
using platforms::d2nn::PhaseMask;
using platforms::d2nn::Plan;
using platforms::d2nn::Plane;
using platforms::d2nn::Stack;

namespace {

constexpr double turn = 2 * std::numbers::pi;

System moved(double rotation_rad, double x, double y, double magnification = 0, double axial_um = 0) {
  System system = test::misalignment(rotation_rad, magnification, x, y);
  system.axial_um = axial_um;
  return system;
}

template <class Real>
std::vector<Real> random_numbers(Index count, double scale, std::uint32_t step) {
  std::vector<Real> numbers(static_cast<std::size_t>(count));
  fill_symmetric({4, Purpose::test, 122, 0, step}, numbers);
  for (Real& x : numbers) x *= Real(scale);
  return numbers;
}

/// Three masks, a plane that is no square, overlapping detectors, an input plane of its own.
Plan small_plan(Index levels = 0) {
  return test::d2nn_plan({17, 22, 2, 532, 2}, {0.2, 0.35, 0.2}, {{1, 2, 6, 5}, {9, 3, 7, 8}, {4, 5, 8, 15}},
                         0.15, levels);
}
const std::vector<System>& small_misalignment() {
  static const std::vector<System> all{moved(0.031, 0.37, -0.21, 0.013, 7),
                                       moved(-0.047, -1.43, 0.29, 0, -11),
                                       moved(0.011, 0.23, 2.61, -0.021, 5)};
  return all;
}

/// Masks and the light through them, for one sample at a time.
template <class Real>
struct Light {
  explicit Light(const Plan& p, const std::vector<System>& misalignments = {})
      : masks(p, 0.05, {{}, misalignments}),
        stack(p),
        scratch(p),
        weights(masks.rows(), masks.cols()),
        by_weights(Matrix<Real>::Zero(masks.rows(), masks.cols())),
        fields(std::size_t(stack.fields_size())),
        intensities(p.detectors.size()) {}
  void set(std::span<const Real> phases, const System& system = {}) {
    masks.evaluate({phases, {}, system}, view(weights));
    stack.set_weights(view(std::as_const(weights)));
  }
  std::vector<Real> forward(std::span<const Real> entry) {
    stack.forward(entry, fields, intensities, scratch);
    return intensities;
  }
  void pullback(std::span<const Real> entry, std::span<const Real> by_intensity, std::span<Real> by_entry,
                AxialGradient axial = AxialGradient::yes) {
    stack.pullback(entry, fields, by_intensity, view(by_weights), by_entry, axial, scratch);
  }
  System collect(std::span<const Real> phases, std::span<Real> by_phase, const System& system = {}) {
    platform::Pullback<Real> out{by_phase, {}, {}, true};
    masks.pullback({phases, {}, system}, view(std::as_const(by_weights)), out);
    return out.system;
  }

  Masks<Real> masks;
  Stack<Real> stack;
  typename Stack<Real>::Scratch scratch;
  Matrix<Real> weights, by_weights;
  std::vector<Real> fields, intensities;
};

/// Σ_r c_r I_r + ½ Σ_r I_r², over two fields, and its gradients.
struct Probe {
  explicit Probe(const Plan& p, const std::vector<System>& misalignments = small_misalignment())
      : light(p, misalignments),
        phases(random_numbers<double>(p.control_count(), 4, 0)),
        entries{random_numbers<double>(p.plane.field_size(), 0.1, 1),
                random_numbers<double>(p.plane.field_size(), 0.1, 2)} {}

  double loss_of(const std::vector<double>& entry) {
    light.forward(entry);
    double sum = 0;
    for (std::size_t r = 0; r < 3; ++r) sum += light.intensities[r] * (linear[r] + light.intensities[r] / 2);
    return sum;
  }
  double loss() {
    light.set(phases, system);
    return loss_of(entries[0]) + loss_of(entries[1]);
  }
  void differentiate(AxialGradient axial = AxialGradient::yes) {
    light.set(phases, system);
    light.by_weights.setZero();
    for (std::size_t k = 0; k < 2; ++k) {
      static_cast<void>(loss_of(entries[k]));
      std::vector<double> by_intensity(3);
      for (std::size_t r = 0; r < 3; ++r) by_intensity[r] = linear[r] + light.intensities[r];
      by_entry[k].resize(entries[k].size());
      light.pullback(entries[k], by_intensity, by_entry[k], axial);
    }
    by_phase.resize(phases.size());
    by_system = light.collect(phases, by_phase, system);
  }

  Light<double> light;
  std::vector<double> phases;
  System system;
  std::vector<double> entries[2];
  std::vector<double> linear{0.7, -1.1, 0.4};
  std::vector<double> by_phase, by_entry[2];
  System by_system;
};

/// A beam whose phase front and width at its window are those of the complex parameter q (µm):
/// u = exp(i k r² / 2q).
std::vector<double> beam(const Plane& plane, std::complex<double> q, double x_um = 0) {
  std::vector<double> field(std::size_t(plane.field_size()));
  const double k = turn / (plane.wavelength_nm * 1e-3);
  for (Index y = 0; y < plane.height; ++y) {
    for (Index x = 0; x < plane.width; ++x) {
      const double dx = (double(x) - double(plane.width - 1) / 2) * plane.pixel_um - x_um;
      const double dy = (double(y) - double(plane.height - 1) / 2) * plane.pixel_um;
      const std::complex<double> u = std::exp(std::complex<double>(0, k / 2 * (dx * dx + dy * dy)) / q);
      field[std::size_t(y * plane.width + x)] = u.real();
      field[std::size_t(plane.pixels() + y * plane.width + x)] = u.imag();
    }
  }
  return field;
}
std::complex<double> waist(const Plane& plane, double waist_um) {
  return {0, -std::numbers::pi * waist_um * waist_um / (plane.wavelength_nm * 1e-3)};
}

/// Phases of a thin lens: −k r² / 2f.
std::vector<double> lens(const Plane& plane, double focal_um) {
  std::vector<double> phases;
  for (Index y = 0; y < plane.height; ++y) {
    for (Index x = 0; x < plane.width; ++x) {
      const double dx = (double(x) - double(plane.width - 1) / 2) * plane.pixel_um;
      const double dy = (double(y) - double(plane.height - 1) / 2) * plane.pixel_um;
      phases.push_back(-turn / (plane.wavelength_nm * 1e-3) * (dx * dx + dy * dy) / (2 * focal_um));
    }
  }
  return phases;
}

}  // namespace

TEST_CASE("a stack's gradient by phases predicts the change of a loss, with all masks misaligned") {
  Probe probe(small_plan());
  probe.differentiate();
  const std::vector<double> at = probe.phases;
  const auto f = [&](std::span<const double> x) {
    probe.phases.assign(x.begin(), x.end());
    return probe.loss();
  };
  CHECK(test::taylor_order(f, at, probe.by_phase, 0.1) > 1.8);
  // which a gradient of the aligned stack does not
  Probe aligned(small_plan(), {});
  aligned.differentiate();
  CHECK(test::taylor_order(f, at, aligned.by_phase, 0.1) < 1.5);
}

TEST_CASE("a stack's gradient by the entering field predicts the change of a loss") {
  Probe probe(small_plan());
  probe.differentiate();
  for (std::size_t k = 0; k < 2; ++k) {
    const std::vector<double> at = probe.entries[k];
    const auto f = [&](std::span<const double> x) {
      probe.entries[k].assign(x.begin(), x.end());
      return probe.loss();
    };
    CHECK(test::taylor_order(f, at, probe.by_entry[k], 0.05) > 1.8);
    probe.entries[k] = at;
  }
}

TEST_CASE("a stack's gradient by each mask's misalignment predicts the change of a loss") {
  const std::vector<std::vector<Index>> choices{{0}, {1}, {2}, {1, 2}};
  for (const std::vector<Index>& moving : choices) {
    Plan plan = small_plan();
    plan.moving = moving;
    Probe probe(plan);
    probe.system = moved(0.003, 0.05, -0.04, 0.002, 3);
    probe.differentiate();
    for (const platform::SystemParameter& p : platform::system_parameters()) {
      INFO("mask " << moving.front() << ", " << p.name);
      const std::vector<double> at{p.at(probe.system)}, slope{p.at(probe.by_system)};
      const auto f = [&](std::span<const double> x) {
        p.at(probe.system) = x[0];
        return probe.loss();
      };
      // steps small enough that no sample passes a pixel's centre, where the derivative jumps
      CHECK(test::taylor_order(f, at, slope, p.shared == &System::axial_um ? 0.05 : 2e-5) > 1.8);
      CHECK((slope[0] != 0) == platform::acts_on(p, platform::AnyPlan(plan)));
      p.at(probe.system) = at[0];
    }
  }
}

TEST_CASE("a gradient without that by places is the same, and costs none of it") {
  Probe with(small_plan()), without(small_plan());
  with.differentiate();
  without.differentiate(AxialGradient::no);
  CHECK(with.by_phase == without.by_phase);
  CHECK(with.by_entry[0] == without.by_entry[0]);
  CHECK(without.light.by_weights.rightCols(1).isZero(0));
  CHECK(!with.light.by_weights.rightCols(1).isZero(1e-9));
}

TEST_CASE("a mask that stands aside along the light changes the gaps about it, and nothing else") {
  Plan plan = small_plan(), other = plan;
  const auto phases = random_numbers<double>(plan.control_count(), 4, 10);
  const auto entry = random_numbers<double>(plan.plane.field_size(), 1, 11);
  Light<double> moved_on(plan, {System{}, moved(0, 0, 0, 0, 20), System{}});
  moved_on.set(phases);
  other.gaps_mm = {0.2 + 0.02, 0.35 - 0.02, 0.2};
  Light<double> built(other);
  built.set(phases);
  const std::vector<double> first = moved_on.forward(entry), second = built.forward(entry);
  for (std::size_t r = 0; r < 3; ++r) CHECK(first[r] == Approx(second[r]).epsilon(1e-12));
  plan.moving = {0, 1, 2};  // all of them: the input's gap grows, the detectors' shrinks
  Light<double> all(plan);
  all.set(phases, moved(0, 0, 0, 0, -30));
  other.entry_mm = 0.15 - 0.03;
  other.gaps_mm = {0.2, 0.35, 0.2 + 0.03};
  Light<double> whole(other);
  whole.set(phases);
  const std::vector<double> third = all.forward(entry), fourth = whole.forward(entry);
  for (std::size_t r = 0; r < 3; ++r) CHECK(third[r] == Approx(fourth[r]).epsilon(1e-12));
  // and back: free space is made anew
  all.set(phases);
  Light<double> straight(small_plan());
  straight.set(phases);
  CHECK(all.forward(entry) == straight.forward(entry));
}

TEST_CASE("a misalignment of zero is an aligned stack, to the bit") {
  Plan plan = test::d2nn_plan({}, {1, 2}, platforms::d2nn::detector_grid({}, 2, 5, 12));
  plan.moving = {0, 1};
  const auto run = [&](const System& system) {
    Light<float> light(plan);
    const auto phases = random_numbers<float>(plan.control_count(), 4, 3);
    light.set(phases, moved(0.1, 1, 2, 0, 30));  // must leave no trace
    light.set(phases, system);
    const auto entry = random_numbers<float>(plan.plane.field_size(), 1, 4);
    std::vector<float> result = light.forward(entry), by_phase(std::size_t(plan.control_count()));
    light.pullback(entry, std::vector<float>(10, 0.5F), {});
    light.collect(phases, by_phase, system);
    result.insert(result.end(), by_phase.begin(), by_phase.end());
    return result;
  };
  const std::vector<float> aligned = run({});
  // masks do not mind a temperature, but are sampled where any parameter is not 0
  CHECK(run(System(1.0)) == aligned);
  CHECK(run(moved(0, 1e-3, 0)) != aligned);
  CHECK(run(moved(0, 0, 0, 0, 1)) != aligned);
}

TEST_CASE("a mask shifts and turns as its misalignment says, and is opaque beyond its border") {
  constexpr Index side = 5;
  const std::vector<double> phases = random_numbers<double>(side * side, 3, 5);
  PhaseMask<double> mask(side, side, 0);
  mask.set_phases(phases);
  const auto value = [&](Index x, Index y) {
    const auto p = std::size_t(y * side + x);
    return std::complex<double>(mask.transmission()[p], mask.transmission()[side * side + p]);
  };
  const auto own = [&](Index x, Index y) { return std::polar(1.0, phases[std::size_t(y * side + x)]); };
  mask.align(moved(0, 2, -1));
  for (Index y = 0; y < side; ++y) {
    for (Index x = 0; x < side; ++x) {
      const bool inside = x >= 2 && y + 1 < side;
      CHECK(std::abs(value(x, y) - (inside ? own(x - 2, y + 1) : 0.0)) < 1e-14);
    }
  }
  mask.align(moved(0, 0.25, 0));
  CHECK(std::abs(value(3, 2) - (0.75 * own(3, 2) + 0.25 * own(2, 2))) < 1e-14);
  mask.align(moved(std::numbers::pi / 2, 0, 0));  // from x towards y: what lay right of the centre is below
  for (Index y = 1; y < side - 1; ++y) {
    for (Index x = 1; x < side - 1; ++x) CHECK(std::abs(value(x, y) - own(y, side - 1 - x)) < 1e-12);
  }
}

TEST_CASE("a quantised mask shows the nearest level of phase, whatever the turn") {
  for (const Index levels : {1, 2, 3, 16, 256}) {
    INFO(levels);
    PhaseMask<double> mask(40, 50, levels);
    const std::vector<double> phases = random_numbers<double>(40 * 50, 20, 6);
    mask.set_phases(phases);
    double furthest = 0, off_level = 0;
    for (std::size_t p = 0; p < phases.size(); ++p) {
      const std::complex<double> t(mask.transmission()[p], mask.transmission()[phases.size() + p]);
      const double n = std::arg(t) * double(levels) / turn;
      off_level = std::max({off_level, std::abs(n - std::round(n)), std::abs(std::abs(t) - 1)});
      furthest = std::max(furthest, std::abs(std::arg(t * std::polar(1.0, -phases[p]))));
    }
    CHECK(off_level < 1e-12);
    CHECK(furthest < turn / 2 / double(levels) + 1e-9);
    CHECK(furthest > 0.95 * turn / 2 / double(levels));
  }
}

TEST_CASE("gradients pass levels straight through, at the phases that are shown") {
  Probe coarse(small_plan(8)), exact(small_plan());
  coarse.differentiate();
  for (double& phase : exact.phases) phase = std::round(phase * 8 / turn) * turn / 8;
  exact.differentiate();
  double difference = 0, size = 0;
  for (std::size_t k = 0; k < exact.by_phase.size(); ++k) {
    difference = std::max(difference, std::abs(coarse.by_phase[k] - exact.by_phase[k]));
    size = std::max(size, std::abs(exact.by_phase[k]));
  }
  CHECK(difference < 1e-12 * size);
  CHECK(size > 0);
}

TEST_CASE("two lenses guide a Gaussian beam as its complex parameter says") {
  // 1/q' = 1/q − 1/f at a lens, q' = q + d behind it (A. E. Siegman, Lasers, chapter 20)
  const Plane plane;
  constexpr double focal[] = {6000, 4000}, gap[] = {2000, 1500};
  const Plan plan =
      test::d2nn_plan(plane, {gap[0] / 1e3, gap[1] / 1e3}, platforms::d2nn::detector_grid(plane, 8, 8, 16));
  std::complex<double> q = waist(plane, 34);
  const std::vector<double> entry = beam(plane, q, 7);
  std::complex<double> amplitude = 1;
  std::vector<double> phases;
  for (std::size_t k = 0; k < 2; ++k) {
    const std::vector<double> mask = lens(plane, focal[k]);
    phases.insert(phases.end(), mask.begin(), mask.end());
    q = 1.0 / (1.0 / q - 1.0 / focal[k]);
    amplitude *= q / (q + gap[k]);
    q += gap[k];
  }
  // rays: (x, slope) through both lenses
  double x = 7, slope = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    slope -= x / focal[k];
    x += slope * gap[k];
  }
  std::vector<double> expected(64), found(64);
  const std::vector<double> last = beam(plane, q, x);
  for (std::size_t r = 0; r < 64; ++r) {
    const platforms::d2nn::DetectorRegion& region = plan.detectors[r];
    REQUIRE(region.x == Index(r % 8) * 16);
    REQUIRE(region.y == Index(r / 8) * 16);
    for (Index row = region.y; row < region.y + 16; ++row) {
      for (Index column = region.x; column < region.x + 16; ++column) {
        const auto p = std::size_t(row * plane.width + column);
        const std::complex<double> u(last[p], last[std::size_t(plane.pixels()) + p]);
        expected[r] += std::norm(amplitude * u);
      }
    }
  }
  Light<double> light(plan);
  light.set(phases);
  found = light.forward(entry);
  const double total = platforms::d2nn::field_power(std::span<const double>(entry));
  for (std::size_t r = 0; r < 64; ++r) CHECK(std::abs(found[r] - expected[r]) < 1e-3 * total);
  CHECK(*std::max_element(expected.begin(), expected.end()) > 0.2 * total);
  // and nothing is lost on the way
  CHECK(std::abs(std::accumulate(found.begin(), found.end(), 0.0) / total - 1) < 1e-6);
}

TEST_CASE("what detectors over the whole plane do not see is reported as lost, mask by mask") {
  Plan plan = small_plan();
  plan.detectors = {{0, 0, plan.plane.width, plan.plane.height}};
  const std::vector<double> phases = random_numbers<double>(plan.control_count(), 4, 7);
  const std::vector<double> entry = random_numbers<double>(plan.plane.field_size(), 1, 8);
  for (const bool aligned : {true, false}) {
    Light<double> light(plan, aligned ? std::vector<System>{} : small_misalignment());
    light.set(phases);
    const double seen = light.forward(entry)[0];
    const double entered = platforms::d2nn::field_power(
        std::span<const double>(light.fields).first(std::size_t(plan.plane.field_size())));
    CHECK(entered < 0.99 * platforms::d2nn::field_power(std::span<const double>(entry)));
    double lost = 0;
    for (const platforms::d2nn::Losses& loss : light.stack.losses(entry, light.fields, light.scratch)) {
      if (aligned) CHECK(std::abs(loss.mask) < 1e-12);
      if (!aligned) CHECK(loss.mask > 5e-3);
      CHECK(loss.band >= -1e-12);
      CHECK(loss.window > 1e-3);
      lost += loss.mask + loss.band + loss.window;
    }
    CHECK(lost == Approx(1 - seen / entered));
    const std::vector<double> dark(entry.size());
    for (const platforms::d2nn::Losses& loss : light.stack.losses(dark, light.fields, light.scratch))
      CHECK(loss.mask + loss.band + loss.window == 0);
  }
}

TEST_CASE("a stack in float agrees with one in double") {
  const Plan plan = test::d2nn_plan({}, {2, 2}, platforms::d2nn::detector_grid({}, 2, 5, 12));
  const std::vector<double> entry = beam(plan.plane, waist(plan.plane, 60));
  const std::vector<double> phases = random_numbers<double>(plan.control_count(), 3, 9);
  const auto run = [&]<class Real>(Real) {
    Light<Real> light(plan, {moved(0.02, 0.3, -0.4, 0, 3), moved(-0.01, 0.2, 0.6)});
    const std::vector<Real> own_phases(phases.begin(), phases.end()), own_entry(entry.begin(), entry.end());
    light.set(own_phases);
    std::vector<Real> found = light.forward(own_entry), by_phase(phases.size());
    light.pullback(own_entry, std::vector<Real>(10, Real(1)), {});
    light.collect(own_phases, by_phase);
    found.insert(found.end(), by_phase.begin(), by_phase.end());
    for (Index k = 0; k < 2; ++k) found.push_back(light.by_weights(k, light.by_weights.cols() - 1));
    return std::vector<double>(found.begin(), found.end());
  };
  const std::vector<double> narrow = run(float{}), wide = run(double{});
  const auto distance = [&](std::size_t first, std::size_t last) {
    double difference = 0, size = 0;
    for (std::size_t k = first; k < last; ++k) {
      difference += std::pow(narrow[k] - wide[k], 2);
      size += std::pow(wide[k], 2);
    }
    return std::sqrt(difference / size);
  };
  CHECK(distance(0, 10) < 1e-5);
  CHECK(distance(10, wide.size() - 2) < 1e-5);
  CHECK(distance(wide.size() - 2, wide.size()) < 1e-4);
}

TEST_CASE("phases come back from the transmissions that they make, on the turn where they were") {
  Plan plan = small_plan();
  plan.moving = {1};
  Masks<double> masks(plan, 0.05, {});
  const std::vector<double> phases = random_numbers<double>(plan.control_count(), 20, 12);
  Matrix<double> weights(masks.rows(), masks.cols());
  masks.evaluate({phases, {}, {}}, view(weights));
  std::vector<double> found = phases;
  for (double& phase : found) phase += 1;
  CHECK(masks.invert(view(std::as_const(weights)), found) < 1e-12);
  for (std::size_t k = 0; k < phases.size(); ++k) CHECK(std::abs(found[k] - phases[k]) < 1e-12);
}

TEST_CASE("a device's own errors and offsets add to its phases, and only moving masks follow the system") {
  Plan plan = small_plan();
  plan.moving = {2};
  const std::vector<double> phases = random_numbers<double>(plan.control_count(), 4, 13);
  const std::vector<double> error = random_numbers<double>(plan.control_count(), 0.1, 14);
  const std::vector<double> offset = random_numbers<double>(plan.control_count(), 0.1, 15);
  std::vector<double> sum = phases;
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += error[k] + offset[k];
  Masks<double> plain(plan, 0.05, {}), own(plan, 0.05, {error, {}});
  Matrix<double> expected(plain.rows(), plain.cols()), found = expected, still = expected;
  plain.evaluate({sum, {}, {}}, view(expected));
  own.evaluate({phases, offset, {}}, view(found));
  CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-13);
  own.evaluate({phases, offset, moved(0.02, 0.3, 0, 0, 4)}, view(still));
  CHECK(still.topRows(2) == found.topRows(2));
  CHECK(still.row(2) != found.row(2));
  CHECK(still(2, still.cols() - 1) == 4);
}

TEST_CASE("drawn masks have the process's spreads") {
  platforms::d2nn::Process process;
  process.phase_sigma_rad = 0.3;
  process.rotation_sigma_rad = 0.02;
  process.shift_sigma_px = 1.5;
  process.axial_sigma_um = 12;
  const Plan plan = small_plan();
  constexpr std::uint32_t devices = 1000;
  std::vector<double> phase, rotation, x, y, axial;
  for (std::uint32_t device = 0; device < devices; ++device) {
    const Errors errors = draw_errors(process, plan, 1, int(Purpose::test), 0, device, 0);
    REQUIRE(errors.phase.size() == std::size_t(plan.control_count()));
    REQUIRE(errors.misalignments.size() == 3);
    for (const System& m : errors.misalignments) {
      rotation.push_back(m.rotation_rad), x.push_back(m.shift_x_px), y.push_back(m.shift_y_px);
      axial.push_back(m.axial_um);
      CHECK(m.temperature_k == 0);
    }
    phase.insert(phase.end(), {errors.phase.front(), errors.phase[200], errors.phase.back()});
  }
  // standard errors: σ/√n of a mean, σ/√(2n) of a spread; five of them are allowed
  const auto check = [](const std::vector<double>& values, double sigma) {
    double mean = 0, square = 0;
    for (const double v : values) mean += v / double(values.size());
    for (const double v : values) square += v * v / double(values.size());
    CHECK(std::abs(mean) < 5 * sigma / std::sqrt(double(values.size())));
    CHECK(std::abs(std::sqrt(square) - sigma) < 5 * sigma / std::sqrt(2.0 * double(values.size())));
  };
  check(phase, 0.3);
  check(rotation, 0.02);
  check(x, 1.5);
  check(y, 1.5);
  check(axial, 12);
}

TEST_CASE("pixels of a mask deviate together by the smooth share of the process, and 0 leaves all",
          "[spread]") {
  const Plan plan = small_plan();
  platforms::d2nn::Process process;
  process.phase_smooth = 0.7, process.correlation_length_px = 3;
  const auto width = std::size_t(plan.plane.width), pixels = std::size_t(plan.plane.pixels());
  constexpr std::uint32_t devices = 4000;
  const auto drawn = [&](std::uint32_t device) {
    return platforms::d2nn::draw_errors(process, plan, 1, int(Purpose::test), 0, device, 0);
  };
  struct Sum {
    double itself = 0, beside = 0, below = 0, far = 0, next_mask = 0;
  } sum;
  for (std::uint32_t device = 0; device < devices; ++device) {
    const std::vector<double> phase = drawn(device).phase;
    const double unit = phase[0] / (process.phase_sigma_rad * process.phase_sigma_rad * devices);
    sum.itself += unit * phase[0], sum.beside += unit * phase[1], sum.below += unit * phase[width];
    sum.far += unit * phase[3 * width + 4], sum.next_mask += unit * phase[pixels];
  }
  const double five = 5 * std::sqrt(2.0 / devices);
  CHECK(std::abs(sum.itself - 1) < five);
  CHECK(std::abs(sum.beside - 0.7 * std::exp(-1 / 9.0)) < five);
  CHECK(std::abs(sum.below - 0.7 * std::exp(-1 / 9.0)) < five);
  CHECK(std::abs(sum.far - 0.7 * std::exp(-25 / 9.0)) < five);
  CHECK(std::abs(sum.next_mask) < five);

  const std::vector<double> smooth = drawn(0).phase;
  process.phase_smooth = 0;
  const std::vector<double> independent = drawn(0).phase;
  process.correlation_length_px = 20;
  CHECK(drawn(0).phase == independent);
  CHECK(smooth != independent);
}

TEST_CASE("a diffractive network that cannot be is refused, with all that is wrong") {
  CHECK(check_plan(small_plan()).empty());
  Plan plan = small_plan();
  plan.plane.padding = 0;
  plan.gaps_mm[1] = -1;
  plan.levels = 70000;
  plan.entry_mm = -1;
  plan.input = {5, 9, 2};  // 18 of 17 columns
  plan.moving = {3};
  plan.detectors[0].x = 12;  // 12 + 6 > 17
  plan.detectors[2].height = 0;
  CHECK(check_plan(plan).size() == 8);
  CHECK_THROWS_AS(Stack<float>(plan), UsageError);
  CHECK(check_plan(test::d2nn_plan({}, {}, {})).size() == 2);
  PhaseMask<float> mask(3, 3, 0);
  CHECK_THROWS_AS(mask.align(moved(0, 0, 0, -1)), UsageError);
  CHECK_THROWS_AS(PhaseMask<float>(3, 3, -1), UsageError);
}
