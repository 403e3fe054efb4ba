#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"

#include <Eigen/QR>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/platforms/mzi/interferometer.hpp"
#include "pnn/platforms/mzi/start.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mzi/cases.hpp"

using namespace pnn;
using platforms::mzi::MeshLayout;
using platforms::mzi::MeshPlan;
using Dense = platforms::mzi::ComplexMatrix;

namespace {

Dense gaussian(Index rows, Index cols, std::uint16_t stream) {
  std::vector<double> z(std::size_t(2 * rows * cols));
  fill_normal({9, Purpose::test, stream}, z);
  Dense m(rows, cols);
  for (Index k = 0; k < m.size(); ++k) m.data()[k] = {z[std::size_t(2 * k)], z[std::size_t(2 * k + 1)]};
  return m;
}

/// A Haar-distributed unitary, not by the mesh's own law (the phases of R do not matter here).
Dense random_unitary(Index n, std::uint16_t stream) {
  return Eigen::HouseholderQR<Dense>(gaussian(n, n, stream)).householderQ() * Dense::Identity(n, n);
}

/// The matrix of a lossless mesh with phases and splitter errors, by the formulas written out.
Dense build(Index n, const std::vector<double>& phases, const std::vector<double>& beta1,
            const std::vector<double>& beta2) {
  return test::literal_mesh(n, phases, beta1.data(), beta2.data(), 0);
}
Dense build(Index n, const std::vector<double>& phases) {
  const std::vector<double> none(std::size_t(n * (n - 1) / 2), 0.0);
  return build(n, phases, none, none);
}

double distance(const Dense& a, const Dense& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("a unitary matrix decomposes into phases that rebuild it") {
  for (const Index n : {1, 2, 3, 4, 5, 8, 33, 64}) {
    INFO(n << " modes");
    const Dense u = random_unitary(n, std::uint16_t(n));
    const auto phases = platforms::mzi::decompose(u);
    CHECK(distance(build(n, phases), u) < 1e-12);
    for (const double phase : phases) CHECK((phase >= 0 && phase < 2 * std::numbers::pi));
  }
}

TEST_CASE("unitary matrices with many zeros decompose as well") {
  constexpr Index n = 6;
  Dense exchange = Dense::Zero(n, n), cycle = Dense::Zero(n, n), blocks = Dense::Identity(n, n);
  for (Index k = 0; k < n; ++k) exchange(k, n - 1 - k) = 1, cycle(k, (k + 1) % n) = test::Complex(0, 1);
  blocks.block(1, 1, 3, 3) = random_unitary(3, 50);
  for (const Dense& u : {Dense(Dense::Identity(n, n)), exchange, cycle, blocks}) {
    CHECK(distance(build(n, platforms::mzi::decompose(u)), u) < 1e-12);
  }
}

TEST_CASE("decomposing a mesh's matrix finds its phases") {
  for (const Index n : {2, 5, 12}) {
    std::vector<double> phases(std::size_t(n * n));
    platforms::mzi::start_controls<double>(test::square_mesh(n), {4, Purpose::test}, phases);
    const auto found = platforms::mzi::decompose(build(n, phases));
    double largest = 0;
    for (std::size_t k = 0; k < phases.size(); ++k) {
      largest = std::max(largest, std::abs(std::remainder(found[k] - phases[k], 2 * std::numbers::pi)));
    }
    CHECK(largest < 1e-9);  // φ of an MZI near its bar or cross state is known less well than its matrix
  }
}

TEST_CASE("any interferometer is solved by one with other splitters, if it can divide light so") {
  const auto numbers = test::uniform_numbers(4 * 200, -1, 1, 21);
  int reached = 0;
  for (std::size_t k = 0; k < numbers.size(); k += 4) {
    const Eigen::Matrix2cd wanted = test::mzi(3.2 * numbers[k], 3.2 * numbers[k + 1], 0, 0);
    const double beta1 = 0.9 * numbers[k + 2], beta2 = 0.3 * numbers[k + 3];  // |β1| may exceed π/4
    const double bar = std::norm(wanted(0, 0));
    const double one_end = std::pow(std::sin(beta1 + beta2), 2),
                 other_end = std::pow(std::cos(beta1 - beta2), 2);
    const bool can = bar >= std::min(one_end, other_end) && bar <= std::max(one_end, other_end);
    for (const auto branch :
         {platforms::mzi::ThetaBranch::up_to_half_turn, platforms::mzi::ThetaBranch::beyond_half_turn}) {
      const auto solved = platforms::mzi::solve_mzi(wanted, beta1, beta2, branch);
      CHECK(solved.reached == can);
      Eigen::Matrix2cd got = test::mzi(solved.theta, solved.phi, beta1, beta2);
      got.row(0) *= std::polar(1.0, solved.above);
      got.row(1) *= std::polar(1.0, solved.below);
      if (can) CHECK((got - wanted).cwiseAbs().maxCoeff() < 1e-12);
      // otherwise the nearer end is taken
      const double end = std::abs(bar - one_end) < std::abs(bar - other_end) ? one_end : other_end;
      if (!can) CHECK(std::norm(got(0, 0)) == Approx(end).margin(1e-12));
    }
    reached += can ? 1 : 0;
  }
  CHECK((reached > 50 && reached < 190));
}

TEST_CASE("known splitter errors are corrected exactly where every interferometer can divide as it should") {
  for (const Index n : {2, 3, 8, 17}) {
    INFO(n << " modes");
    const MeshPlan plan = test::square_mesh(n);
    platforms::mzi::Process process;
    process.split_sigma_rad = 0.05;
    const auto errors = draw_errors(process, plan, 1, int(Purpose::test), 0, 0, 0);
    // θ away from cross and bar by far more than two splitter errors, on either branch
    std::vector<double> ideal = test::uniform_numbers(n * n, 0.9, 2.2, 22);
    for (std::size_t k = 0; k < ideal.size(); k += 2) ideal[k] = 2 * std::numbers::pi - ideal[k];
    std::vector<double> corrected = ideal;
    CHECK(platforms::mzi::correct_splitters(n, errors.beta1, errors.beta2, corrected) == 0);
    CHECK(distance(build(n, corrected, errors.beta1, errors.beta2), build(n, ideal)) < 1e-12);
    CHECK(distance(build(n, ideal, errors.beta1, errors.beta2), build(n, ideal)) > 1e-2);
    // and θ stays on its branch, near to where it was: it moves in the second order of β
    for (Index k = 0; k < n * (n - 1) / 2; ++k) {
      CHECK(std::abs(corrected[std::size_t(k)] - ideal[std::size_t(k)]) < 0.1);
    }
  }
}

TEST_CASE("correction brings a Haar unitary from the first to the second order of splitter errors") {
  // Relative errors in the Frobenius norm. Uncorrected: each of N²/2 MZIs errs by 2 (β1² + β2²), which is σ
  // √(2N) for the matrix. Corrected: an MZI errs only where |m| = sin(θ/2) should be below b = |β1 + β2|, by
  // 2 (b − |m|)²; with the density 2α|m| of Haar's law that is α b⁴/3, and Σ α = N³/6 and E b⁴ = 12 σ⁴ make
  // it √(2/3) N σ² (Bandyopadhyay et al. find that scaling). Averages over ten devices, some ninety such
  // MZIs, are within a factor of 1.5.
  constexpr Index n = 16;
  constexpr int devices = 10;
  const MeshPlan plan = test::square_mesh(n);
  platforms::mzi::Process process;
  process.split_sigma_rad = 0.08;
  const Dense u = random_unitary(n, 30);
  const auto plain = platforms::mzi::decompose(u);
  double uncorrected = 0, corrected = 0;
  Index unreached = 0;
  for (std::uint32_t device = 0; device < devices; ++device) {
    const auto errors = draw_errors(process, plan, 1, int(Purpose::test), 0, device, 0);
    const auto found = platforms::mzi::program(plan, u, errors);
    const auto square = [&](const std::vector<double>& phases) {
      return (build(n, phases, errors.beta1, errors.beta2) - u).squaredNorm() / double(n);
    };
    CHECK(found.residual == Approx(std::sqrt(square(found.controls))).margin(1e-12));
    uncorrected += square(plain) / devices;
    corrected += square(found.controls) / devices;
    unreached += found.unreached;
  }
  const auto near = [](double square, double expected) {
    return std::sqrt(square) > expected / 1.5 && std::sqrt(square) < expected * 1.5;
  };
  CHECK(near(uncorrected, 0.08 * std::sqrt(2.0 * n)));
  CHECK(near(corrected, std::sqrt(2.0 / 3) * n * 0.08 * 0.08));
  CHECK((unreached > 40 && unreached < 180));
}

TEST_CASE("any matrix is programmed onto two meshes and a column of attenuators") {
  Dense deficient = gaussian(6, 2, 41) * gaussian(2, 4, 42);
  for (const Dense& target : {gaussian(5, 5, 43), gaussian(3, 9, 44), gaussian(9, 3, 45), gaussian(1, 4, 46),
                              gaussian(4, 1, 47), deficient, Dense(gaussian(40, 30, 48) * 1e-3)}) {
    const MeshPlan plan{"mzi1", target.rows(), target.cols(), MeshLayout::svd};
    const auto found = platforms::mzi::program(plan, target);
    INFO(plan.out << " x " << plan.in);
    test::MeshCase c{"", plan, {}, no_errors(plan)};
    const std::vector<double> none(found.controls.size(), 0.0);
    CHECK((found.gain * test::literal_weights(c, found.controls, none, 0) - target).norm() <
          1e-12 * target.norm());
    CHECK(found.residual < 1e-12);
    CHECK(found.unreached == 0);
    for (Index k = 0; k < plan.attenuators(); ++k) {
      const double alpha = found.controls[std::size_t(plan.first_attenuator() + k)];
      CHECK((alpha >= 0 && alpha <= std::numbers::pi / 2));
    }
  }
  const MeshPlan plan{"mzi1", 2, 3, MeshLayout::svd};
  const auto dark = platforms::mzi::program(plan, Dense::Zero(2, 3));
  CHECK(dark.gain == 0);
  CHECK(dark.residual == 0);
}

TEST_CASE("one mesh alone takes the nearest unitary, and says what is left") {
  const Dense u = random_unitary(7, 60);
  const auto exact = platforms::mzi::program(test::square_mesh(7), 0.3 * u);
  CHECK(exact.gain == Approx(0.3));
  CHECK(exact.residual < 1e-12);
  Dense stretched = Dense::Zero(2, 2);
  stretched(0, 0) = 2, stretched(1, 1) = 1;
  const auto nearest = platforms::mzi::program(test::square_mesh(2), stretched);
  CHECK(nearest.gain == Approx(1.5));
  CHECK(nearest.residual == Approx(std::sqrt(0.5 / 5)));
}

TEST_CASE("a matrix that does not fit its plan is refused") {
  const auto message = [](const MeshPlan& plan, const Dense& target) {
    try {
      platforms::mzi::program(plan, target);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const MeshPlan plan{"mzi2", 2, 3, MeshLayout::svd};
  CHECK(message(plan, Dense::Zero(3, 2)) == "mzi2: expected a matrix of 2 x 3, found 3 x 2");
  Dense broken = Dense::Ones(2, 3);
  broken(1, 2) = std::numeric_limits<double>::quiet_NaN();
  CHECK(message(plan, broken).find("in row 1, column 2") != std::string::npos);
}
