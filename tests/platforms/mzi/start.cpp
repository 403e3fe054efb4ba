#include "pnn/platforms/mzi/start.hpp"
#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/platforms/mzi/cases.hpp"

using namespace pnn;

namespace {

/// Mean of a quantity over seeds, and the standard error of that mean.
struct Average {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double x) { sum += x, squares += x * x, ++count; }
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double error() const { return std::sqrt((squares / count - mean() * mean()) / count); }
  [[nodiscard]] double distance(double expected) const { return std::abs(mean() - expected) / error(); }
};

}  // namespace

TEST_CASE("the exponents of Haar's law are those of the mesh's light cones") {
  const auto exponents = [](Index modes) {
    std::vector<Index> out;
    for (Index mzi = 0; mzi < modes * (modes - 1) / 2; ++mzi) {
      out.push_back(platforms::mzi::haar_exponent({modes}, mzi));
    }
    return out;
  };
  CHECK(exponents(2) == std::vector<Index>{1});
  CHECK(exponents(3) == std::vector<Index>{1, 2, 1});
  // N − k MZIs have the exponent k: dimensions of the spheres that build up a unitary group
  for (const Index modes : {5, 8, 13}) {
    const auto found = exponents(modes);
    for (Index k = 1; k < modes; ++k) CHECK(std::count(found.begin(), found.end(), k) == modes - k);
  }
}

TEST_CASE("a mesh starts as a Haar-distributed unitary") {
  // Moments of Haar's measure: E|U_ij|² = 1/N, E|U_ij|⁴ = 2/(N(N+1)), E|U_ij U_kl|² = 1/(N² − 1) for
  // different rows and columns, and E U = 0. Five standard errors are allowed: over all of these numbers
  // chance exceeds that once in 20 000 runs, and the seeds are fixed.
  for (const Index modes : {2, 3, 4, 5}) {
    constexpr int seeds = 3000;
    const platforms::mzi::MeshPlan plan = test::square_mesh(modes);
    platforms::mzi::Mesh<double> mesh(plan, {}, no_errors(plan));
    std::vector<double> controls(std::size_t(plan.control_count()));
    Matrix<double> w(2 * modes, modes);
    const double n = double(modes);
    std::vector<Average> power(std::size_t(modes * modes)), square(power.size()), real(power.size());
    Average pair;
    for (int seed = 0; seed < seeds; ++seed) {
      platforms::mzi::start_controls<double>(plan, {std::uint64_t(seed), Purpose::test}, controls);
      mesh.evaluate({controls, {}, 0}, view(w));
      const test::ComplexMatrix u = test::complex_of(w);
      for (std::size_t k = 0; k < power.size(); ++k) {
        const test::Complex entry = u(Index(k) / modes, Index(k) % modes);
        power[k].add(std::norm(entry));
        square[k].add(std::norm(entry) * std::norm(entry));
        real[k].add(entry.real());
      }
      pair.add(std::norm(u(0, 0) * u(1, 1)));
    }
    INFO(modes << " modes");
    for (std::size_t k = 0; k < power.size(); ++k) {
      INFO("entry " << k);
      CHECK(power[k].distance(1 / n) < 5);
      CHECK(square[k].distance(2 / (n * (n + 1))) < 5);
      CHECK(real[k].distance(0) < 5);
    }
    CHECK(pair.distance(1 / (n * n - 1)) < 5);
  }
}

TEST_CASE("controls start in their turn, attenuators in a quarter of it") {
  const platforms::mzi::MeshPlan plan{"mzi1", 5, 7, platforms::mzi::MeshLayout::svd};
  std::vector<float> start(std::size_t(plan.control_count()));
  platforms::mzi::start_controls<float>(plan, {1, Purpose::test, 0}, start);
  for (std::size_t k = 0; k < start.size(); ++k) {
    const bool attenuator = plan.place_of(Index(k)).kind == platforms::mzi::MeshControl::attenuator;
    CHECK((start[k] >= 0 && double(start[k]) < (attenuator ? 1.5708 : 2 * std::numbers::pi + 1e-6)));
  }
}
