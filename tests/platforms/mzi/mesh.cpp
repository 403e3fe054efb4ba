#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mzi/crosstalk.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mzi/cases.hpp"

using namespace pnn;
using platforms::mzi::Mesh;
using test::ComplexMatrix;

namespace {

double distance(const ComplexMatrix& a, const ComplexMatrix& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

double deviation_from_unitary(const ComplexMatrix& u) {
  return distance(u.adjoint() * u, ComplexMatrix::Identity(u.cols(), u.cols()));
}

}  // namespace

TEST_CASE("a lossless mesh is unitary, whatever its splitters and phases") {
  platforms::mzi::Process process;
  process.split_sigma_rad = process.phase_sigma_rad = 0.3;
  process.loss_db = 0;
  for (const Index modes : {1, 2, 3, 4, 7, 16, 64}) {
    INFO(modes << " modes");
    test::MeshCase c{"", test::square_mesh(modes), full_physics(process), {}};
    c.errors = draw_errors(process, c.plan, 1, int(Purpose::test), 0, 0, 0);
    CHECK(deviation_from_unitary(test::evaluate<double>(c, c.controls(), c.offsets(), 0.5)) < 1e-12);
  }
}

TEST_CASE("an interferometer without phase crosses over, and one with half a turn goes straight") {
  const test::MeshCase c{"", test::square_mesh(2), {}, no_errors(test::square_mesh(2))};
  const ComplexMatrix crossed = test::evaluate<double>(c, {0, 0, 0, 0}, {0, 0, 0, 0}, 0);
  CHECK(std::abs(crossed(0, 1)) == Approx(1));
  CHECK(std::abs(crossed(0, 0)) < 1e-15);
  const ComplexMatrix straight = test::evaluate<double>(c, {std::numbers::pi, 0, 0, 0}, {0, 0, 0, 0}, 0);
  CHECK(std::abs(straight(0, 0)) == Approx(1));
  CHECK(std::abs(straight(0, 1)) < 1e-15);
}

TEST_CASE("every mesh equals the formulas written out") {
  for (const test::MeshCase& c : test::mesh_cases()) {
    INFO(c.name);
    const auto controls = c.controls(), offsets = c.offsets();
    const ComplexMatrix expected = test::literal_weights(c, controls, offsets, -0.7);
    CHECK(distance(test::evaluate<double>(c, controls, offsets, -0.7), expected) < 1e-13);
    // A float phase of up to 14 rad is known to 5e-7; 17 columns of two phases add up to some sqrt(34) of
    // them.
    CHECK(distance(test::evaluate<float>(c, controls, offsets, -0.7), expected) < 1e-5);
  }
}

TEST_CASE("loss takes its share in every interferometer, and only there") {
  test::MeshCase c{"", test::square_mesh(6), {}, no_errors(test::square_mesh(6))};
  const std::vector<double> none(c.errors.phase.size(), 0.0);
  c.physics.loss_db = 1;
  // All cross: light of mode 0 goes down one mode a column and meets an MZI in 5 + 1 columns; of mode 5 it
  // goes up, and passes by one column at the edge.
  const ComplexMatrix u = test::evaluate<double>(c, none, none, 0);
  const auto power_db = [&](Index from) { return -10 * std::log10(u.col(from).squaredNorm()); };
  CHECK(power_db(0) == Approx(5));
  CHECK(power_db(5) == Approx(5));
  CHECK(power_db(2) == Approx(5));
  const std::vector<double> straight = [&] {
    std::vector<double> phases = none;
    for (Index k = 0; k < c.plan.mzis(); ++k) phases[std::size_t(k)] = std::numbers::pi;
    return phases;
  }();
  const ComplexMatrix s = test::evaluate<double>(c, straight, none, 0);
  CHECK(-20 * std::log10(std::abs(s(0, 0))) == Approx(3));  // mode 0 is in every other column
  CHECK(-20 * std::log10(std::abs(s(1, 1))) == Approx(6));
}

TEST_CASE("crosstalk carried along a column is the product with its matrix") {
  const auto x = test::uniform_numbers(9, 0, 6, 3);
  const Matrix<double> matrix = platforms::mzi::column_crosstalk(9, 0.02, 1.3);
  CHECK(matrix(2, 3) == Approx(0.02));
  CHECK(matrix(6, 4) == Approx(0.02 * std::exp(-1 / 1.3)));
  CHECK(matrix(4, 4) == 0);
  CHECK(matrix == matrix.transpose());
  std::vector<double> sums(9, 1.0);
  platforms::mzi::add_crosstalk(x.data(), Index(9), 0.02, std::exp(-1 / 1.3), sums.data());
  const Vector<double> expected = matrix * ConstVectorView<double>(x.data(), 9);
  for (Index k = 0; k < 9; ++k) CHECK(sums[std::size_t(k)] == Approx(1 + expected[k]).epsilon(1e-14));
}

TEST_CASE("heat follows the phase as driven: a turn more changes nothing, unless it is not wrapped") {
  for (const bool wrap : {true, false}) {
    test::MeshCase c{"", test::square_mesh(6), {}, no_errors(test::square_mesh(6))};
    c.physics.crosstalk = 0.05;
    c.physics.wrap = wrap;
    const std::vector<double> none(c.errors.phase.size(), 0.0);
    std::vector<double> controls = c.controls();
    const ComplexMatrix before = test::evaluate<double>(c, controls, none, 0);
    controls[1] += 2 * std::numbers::pi;
    const double change = distance(test::evaluate<double>(c, controls, none, 0), before);
    CHECK((wrap ? change < 1e-13 : change > 1e-2));
  }
}

TEST_CASE("a wrapped phase lies in its turn") {
  const double turn = 2 * std::numbers::pi;
  CHECK(wrap_phase(0.0) == 0);
  CHECK(wrap_phase(1.0) == 1);
  CHECK(wrap_phase(-1.0) == Approx(turn - 1));
  CHECK(wrap_phase(turn) == 0);
  CHECK(wrap_phase(5 * turn + 2) == Approx(2));
  for (const float x : {-1e-9F, -1e-30F, 6.2831855F, 12.566371F, -6.2831855F, 100.5310F}) {
    CHECK((wrap_phase(x) >= 0 && wrap_phase(x) < 6.2831855F));
  }
}

TEST_CASE("phasors are points of the unit circle to the last place") {
  double worst = 0, worst_float = 0;
  for (const double x : test::uniform_numbers(10000, -40, 40, 4)) {
    const auto p = phasor(x);
    worst = std::max({worst, std::abs(p.re - std::cos(x)), std::abs(p.im - std::sin(x))});
    const float f = float(x) / 6;
    const auto q = phasor(f);
    worst_float = std::max({worst_float, std::abs(double(q.re) - std::cos(double(f))),
                            std::abs(double(q.im) - std::sin(double(f)))});
  }
  CHECK(worst < 8e-15);         // 40 rad are known to 3.6e-15 after division by a rounded 2π
  CHECK(worst_float < 1.2e-6);  // and 7 rad of float to 6e-7
}

TEST_CASE("the direct route gives what the matrix gives") {
  for (const test::MeshCase& c : test::mesh_cases()) {
    for (const Index batch : {1, 16, 77}) {
      INFO(c.name << ", batch " << batch);
      Mesh<double> mesh(c.plan, c.physics, c.errors);
      const auto controls = c.controls();
      const ComplexMatrix w = test::literal_weights(c, controls, std::vector<double>(controls.size()), 0.2);
      const auto numbers = test::uniform_numbers(batch * 2 * c.plan.in, -1, 1, 7);
      const ConstMatrixView<double> x(numbers.data(), batch, 2 * c.plan.in);
      Matrix<double> y(batch, 2 * c.plan.out);
      mesh.propagate({controls, {}, 0.2}, x, view(y));
      const ComplexMatrix signals =
          (x.leftCols(c.plan.in) + test::Complex(0, 1) * x.rightCols(c.plan.in)).transpose();
      const ComplexMatrix expected = (w * signals).transpose();
      CHECK((y.leftCols(c.plan.out) - expected.real()).cwiseAbs().maxCoeff() < 1e-13);
      CHECK((y.rightCols(c.plan.out) - expected.imag()).cwiseAbs().maxCoeff() < 1e-13);
    }
  }
}

namespace {

struct Outcome {
  Matrix<float> weights, outputs, by_input;
  std::vector<float> by_control, by_offset, by_control_direct;
  double temperature = 0, temperature_direct = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(int thread_count, const platforms::mzi::MeshPlan& plan, Index batch) {
  set_threads(thread_count);
  const platforms::mzi::Process process;
  Mesh<float> mesh(plan, full_physics(process), draw_errors(process, plan, 1, int(Purpose::test), 0, 0, 0));
  const auto start = test::uniform_numbers(plan.control_count(), 0, 6, 8);
  const std::vector<float> controls(start.begin(), start.end());
  const platform::OperatingPoint<float> at{controls, {}, 0.1};
  Outcome out;
  out.weights.resize(mesh.rows(), mesh.cols());
  mesh.evaluate(at, view(out.weights));
  out.by_control.resize(controls.size());
  out.by_offset.resize(controls.size());
  out.by_control_direct.resize(controls.size());
  platform::Pullback<float> pulled{out.by_control, out.by_offset, 0};
  mesh.pullback(at, view(std::as_const(out.weights)), pulled);
  out.temperature = pulled.system.temperature_k;

  std::vector<float> numbers(std::size_t(batch * 2 * plan.in));
  fill_symmetric({6, Purpose::test}, numbers);
  const ConstMatrixView<float> x(numbers.data(), batch, 2 * plan.in);
  out.outputs.resize(batch, 2 * plan.out);
  out.by_input.resize(batch, 2 * plan.in);
  mesh.propagate(at, x, view(out.outputs));
  platform::Pullback<float> direct{out.by_control_direct, {}, 0};
  mesh.pull_signals(at, x, view(std::as_const(out.outputs)), view(std::as_const(out.outputs)), direct,
                    view(out.by_input));
  out.temperature_direct = direct.system.temperature_k;
  set_threads(0);
  return out;
}

}  // namespace

TEST_CASE("meshes give the same bytes for any number of threads") {
  // several chunks of lanes, the last one ragged; of cells; and of columns
  const platforms::mzi::MeshPlan plans[] = {test::square_mesh(150),
                                            {"", 20, 130, platforms::mzi::MeshLayout::svd}};
  for (const platforms::mzi::MeshPlan& plan : plans) {
    const Outcome one = outcome(1, plan, 700);
    CHECK(one == outcome(2, plan, 700));
    CHECK(one == outcome(5, plan, 700));
  }
}

TEST_CASE("a mesh that cannot be is refused with its name and its sizes") {
  const auto message = [](const platforms::mzi::MeshPlan& plan, const platforms::mzi::MeshErrors& errors) {
    try {
      Mesh<float> mesh(plan, {}, errors);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const platforms::mzi::MeshPlan square = test::square_mesh(4);
  CHECK(message({"mzi1", 3, 4, platforms::mzi::MeshLayout::unitary}, {}).find("mzi1: one mesh alone") == 0);
  CHECK(message({"mzi1", 0, 4, platforms::mzi::MeshLayout::svd}, {}).find("mzi1: expected at least one") ==
        0);
  platforms::mzi::MeshErrors errors = no_errors(square);
  CHECK(message(square, errors) == "no error");
  errors.beta2.pop_back();
  CHECK(message(square, errors) == "mzi1: expected 6 values of beta2, one an MZI, found 5");
}
