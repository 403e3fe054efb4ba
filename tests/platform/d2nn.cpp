#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/d2nn_stack.hpp"
#include "tests/catch.hpp"
#include "tests/misalignment.hpp"
#include "tests/taylor.hpp"

using namespace pnn;
using platform::D2nnPlan;
using platform::D2nnPlane;
using platform::D2nnStack;
using platform::PhaseMask;
using platform::System;

namespace {

constexpr double turn = 2 * std::numbers::pi;

System moved(double rotation_rad, double x, double y, double magnification = 0) {
  return test::misalignment(rotation_rad, magnification, x, y);
}

template <class Real>
std::vector<Real> random_numbers(Index count, double scale, std::uint32_t step) {
  std::vector<Real> numbers(static_cast<std::size_t>(count));
  fill_symmetric({4, Purpose::test, 122, 0, step}, numbers);
  for (Real& x : numbers) x *= Real(scale);
  return numbers;
}

/// Three masks, a plane that is no square, overlapping detectors.
D2nnPlan small_plan(Index levels = 0) {
  return {{17, 22, 2, 532, 2}, {0.2, 0.35, 0.2}, levels, {{1, 2, 6, 5}, {9, 3, 7, 8}, {4, 5, 8, 15}}};
}
const std::vector<System>& small_misalignment() {
  static const std::vector<System> all{moved(0.031, 0.37, -0.21, 0.013), moved(-0.047, -1.43, 0.29),
                                       moved(0.011, 0.23, 2.61, -0.021)};
  return all;
}

/// Σ_r c_r I_r + ½ Σ_r I_r² of a stack, over two fields, and its gradients.
struct Probe {
  explicit Probe(const D2nnPlan& p)
      : plan(p),
        stack(p),
        work(p),
        phases(random_numbers<double>(p.control_count(), 4, 0)),
        misalignments(small_misalignment()),
        entries{random_numbers<double>(p.plane.field_size(), 0.1, 1),
                random_numbers<double>(p.plane.field_size(), 0.1, 2)} {}

  double loss_of(const std::vector<double>& entry) {
    stack.forward(entry, work, intensities);
    double sum = 0;
    for (std::size_t r = 0; r < 3; ++r) sum += intensities[r] * (linear[r] + intensities[r] / 2);
    return sum;
  }
  double loss() {
    stack.align(misalignments);
    stack.set_phases(phases);
    return loss_of(entries[0]) + loss_of(entries[1]);
  }
  void differentiate() {
    stack.align(misalignments);
    stack.set_phases(phases);
    for (std::size_t k = 0; k < 2; ++k) {
      static_cast<void>(loss_of(entries[k]));
      std::vector<double> by_intensity(3);
      for (std::size_t r = 0; r < 3; ++r) by_intensity[r] = linear[r] + intensities[r];
      by_entry[k].resize(entries[k].size());
      stack.pullback(by_intensity, work, by_entry[k]);
    }
    by_phase.assign(phases.size(), 0);
    by_misalignment.assign(misalignments.size(), {});
    stack.collect(work, by_phase, by_misalignment);
  }

  D2nnPlan plan;
  D2nnStack<double> stack;
  D2nnStack<double>::Work work;
  std::vector<double> phases;
  std::vector<System> misalignments;
  std::vector<double> entries[2];
  std::vector<double> linear{0.7, -1.1, 0.4}, intensities = std::vector<double>(3);
  std::vector<double> by_phase, by_entry[2];
  std::vector<System> by_misalignment;
};

/// A beam whose phase front and width at its window are those of the complex parameter q (µm):
/// u = exp(i k r² / 2q).
std::vector<double> beam(const D2nnPlane& plane, std::complex<double> q, double x_um = 0) {
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
std::complex<double> waist(const D2nnPlane& plane, double waist_um) {
  return {0, -std::numbers::pi * waist_um * waist_um / (plane.wavelength_nm * 1e-3)};
}

/// Phases of a thin lens: −k r² / 2f.
std::vector<double> lens(const D2nnPlane& plane, double focal_um) {
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
  Probe aligned(small_plan());
  aligned.misalignments.assign(3, {});
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
  Probe probe(small_plan());
  probe.differentiate();
  for (std::size_t mask = 0; mask < 3; ++mask) {
    for (const platform::SystemParameter& p : platform::system_parameters()) {
      INFO("mask " << mask << ", " << p.name);
      const std::vector<double> at{probe.misalignments[mask].*p.value};
      const std::vector<double> slope{probe.by_misalignment[mask].*p.value};
      const auto f = [&](std::span<const double> x) {
        probe.misalignments[mask].*p.value = x[0];
        return probe.loss();
      };
      // steps small enough that no sample passes a pixel's centre, where the derivative jumps
      CHECK(test::taylor_order(f, at, slope, 2e-5) > 1.8);
      CHECK((slope[0] == 0) == (p.value == &System::temperature_k));
      probe.misalignments[mask].*p.value = at[0];
    }
  }
}

TEST_CASE("a gradient by phases alone is the same, and collecting forgets") {
  Probe probe(small_plan());
  probe.differentiate();
  std::vector<double> alone(probe.phases.size()), nothing(alone.size());
  for (const auto& entry : probe.entries) {
    static_cast<void>(probe.loss_of(entry));
    std::vector<double> by_intensity(3);
    for (std::size_t r = 0; r < 3; ++r) by_intensity[r] = probe.linear[r] + probe.intensities[r];
    probe.stack.pullback(by_intensity, probe.work, {});
  }
  probe.stack.collect(probe.work, alone, {});
  CHECK(alone == probe.by_phase);
  probe.stack.collect(probe.work, nothing, {});
  CHECK(nothing == std::vector<double>(alone.size()));
}

TEST_CASE("a misalignment of zero is an aligned stack, to the bit") {
  const D2nnPlan plan{{}, {1, 2}, 0, platform::detector_grid({}, 2, 5, 12)};
  const auto run = [&](const std::vector<System>& misalignments) {
    D2nnStack<float> stack(plan);
    D2nnStack<float>::Work work(plan);
    stack.align(std::vector<System>(2, moved(0.1, 1, 2)));  // must leave no trace
    stack.set_phases(random_numbers<float>(plan.control_count(), 4, 3));
    stack.align(misalignments);
    std::vector<float> result(10), by_phase(std::size_t(plan.control_count()));
    const auto entry = random_numbers<float>(plan.plane.field_size(), 1, 4);
    stack.forward(entry, work, result);
    stack.pullback(std::vector<float>(10, 0.5F), work, {});
    stack.collect(work, by_phase, {});
    result.insert(result.end(), by_phase.begin(), by_phase.end());
    return result;
  };
  const std::vector<float> aligned = run({});
  CHECK(run({System{}, System{}}) == aligned);
  // masks do not mind a temperature, but are sampled where any parameter is not 0
  CHECK(run({System(1.0), System(1.0)}) == aligned);
  CHECK(run({System{}, moved(0, 1e-3, 0)}) != aligned);
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
  const D2nnPlane plane;
  constexpr double focal[] = {6000, 4000}, gap[] = {2000, 1500};
  const D2nnPlan plan{plane, {gap[0] / 1e3, gap[1] / 1e3}, 0, platform::detector_grid(plane, 8, 8, 16)};
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
    const platform::DetectorRegion& region = plan.detectors[r];
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
  D2nnStack<double> stack(plan);
  D2nnStack<double>::Work work(plan);
  stack.set_phases(phases);
  stack.forward(entry, work, found);
  const double total = platform::field_power(std::span<const double>(entry));
  for (std::size_t r = 0; r < 64; ++r) CHECK(std::abs(found[r] - expected[r]) < 1e-3 * total);
  CHECK(*std::max_element(expected.begin(), expected.end()) > 0.2 * total);
  // and nothing is lost on the way
  CHECK(std::abs(std::accumulate(found.begin(), found.end(), 0.0) / total - 1) < 1e-6);
}

TEST_CASE("what detectors over the whole plane do not see is reported as lost, mask by mask") {
  D2nnPlan plan = small_plan();
  plan.detectors = {{0, 0, plan.plane.width, plan.plane.height}};
  D2nnStack<double> stack(plan);
  D2nnStack<double>::Work work(plan);
  stack.set_phases(random_numbers<double>(plan.control_count(), 4, 7));
  const std::vector<double> entry = random_numbers<double>(plan.plane.field_size(), 1, 8);
  std::vector<double> seen(1);
  for (const bool aligned : {true, false}) {
    stack.align(aligned ? std::vector<System>{} : small_misalignment());
    stack.forward(entry, work, seen);
    double lost = 0;
    for (const platform::D2nnLosses& loss : stack.losses(entry, work)) {
      if (aligned) CHECK(std::abs(loss.mask) < 1e-12);
      if (!aligned) CHECK(loss.mask > 0.01);
      CHECK(loss.band >= -1e-12);
      CHECK(loss.window > 1e-3);
      lost += loss.mask + loss.band + loss.window;
    }
    CHECK(lost == Approx(1 - seen[0] / platform::field_power(std::span<const double>(entry))));
  }
  for (const platform::D2nnLosses& loss : stack.losses(std::vector<double>(entry.size()), work))
    CHECK(loss.mask + loss.band + loss.window == 0);
}

TEST_CASE("a stack in float agrees with one in double") {
  const D2nnPlan plan{{}, {2, 2}, 0, platform::detector_grid({}, 2, 5, 12)};
  const std::vector<double> entry = beam(plan.plane, waist(plan.plane, 60));
  const std::vector<double> phases = random_numbers<double>(plan.control_count(), 3, 9);
  const auto run = [&]<class Real>(Real) {
    D2nnStack<Real> stack(plan);
    typename D2nnStack<Real>::Work work(plan);
    stack.align(std::vector<System>{moved(0.02, 0.3, -0.4), moved(-0.01, 0.2, 0.6)});
    stack.set_phases(std::vector<Real>(phases.begin(), phases.end()));
    std::vector<Real> found(10), by_phase(phases.size());
    stack.forward(std::vector<Real>(entry.begin(), entry.end()), work, found);
    stack.pullback(std::vector<Real>(10, Real(1)), work, {});
    stack.collect(work, by_phase, {});
    found.insert(found.end(), by_phase.begin(), by_phase.end());
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
  CHECK(distance(10, wide.size()) < 1e-5);
}

TEST_CASE("a diffractive network that cannot be is refused, with all that is wrong") {
  CHECK(platform::check_plan(small_plan()).empty());
  D2nnPlan plan = small_plan();
  plan.plane.padding = 1;
  plan.gaps_mm[1] = -1;
  plan.levels = 70000;
  plan.detectors[0].x = 12;  // 12 + 6 > 17
  plan.detectors[2].height = 0;
  CHECK(platform::check_plan(plan).size() == 5);
  CHECK_THROWS_AS(D2nnStack<float>(plan), UsageError);
  CHECK(platform::check_plan({{}, {}, 0, {}}).size() == 2);
  PhaseMask<float> mask(3, 3, 0);
  CHECK_THROWS_AS(mask.align(moved(0, 0, 0, -1)), UsageError);
  CHECK_THROWS_AS(PhaseMask<float>(3, 3, -1), UsageError);
}
