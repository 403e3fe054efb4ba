#include "pnn/core/errors.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mzi/cases.hpp"
#include "tests/taylor.hpp"

using namespace pnn;
using platform::OperatingPoint;
using platforms::mzi::Mesh;

namespace {

double quadratic(std::span<const double> linear, const Matrix<double>& values) {
  double sum = 0;
  for (Index k = 0; k < values.size(); ++k) {
    sum += linear[std::size_t(k)] * values.data()[k] + values.data()[k] * values.data()[k] / 2;
  }
  return sum;
}

Matrix<double> quadratic_gradient(std::span<const double> linear, const Matrix<double>& values) {
  Matrix<double> g = values;
  for (Index k = 0; k < g.size(); ++k) g.data()[k] += linear[std::size_t(k)];
  return g;
}

/// A mesh at a point, with a random loss Σ g v + ½ Σ v² of its weights or of its outputs.
struct Probe {
  explicit Probe(const test::MeshCase& c, Index batch = 21)
      : mesh(c.plan, c.physics, c.errors),
        controls(c.controls()),
        offsets(c.offsets()),
        inputs(test::uniform_numbers(batch * 2 * c.plan.in, -1, 1, 11)),
        linear(test::uniform_numbers(2 * c.plan.out * std::max(c.plan.in, batch), -1, 1, 12)),
        weights(mesh.rows(), mesh.cols()),
        outputs(batch, 2 * c.plan.out) {
    // wrapping jumps at whole turns; the test's steps stay clear of them
    for (double& x : controls) {
      if (std::abs(std::remainder(x, 2 * std::numbers::pi)) < 0.05) x += 0.1;
    }
  }

  [[nodiscard]] OperatingPoint<double> point() const { return {controls, offsets, temperature}; }
  [[nodiscard]] ConstMatrixView<double> signals(std::span<const double> x) const {
    return {x.data(), outputs.rows(), Index(x.size()) / outputs.rows()};
  }
  double weight_loss(const OperatingPoint<double>& at) {
    mesh.evaluate(at, view(weights));
    return quadratic(linear, weights);
  }
  double output_loss(const OperatingPoint<double>& at, std::span<const double> x) {
    mesh.propagate(at, signals(x), view(outputs));
    return quadratic(linear, outputs);
  }

  Mesh<double> mesh;
  std::vector<double> controls, offsets, inputs, linear;
  Matrix<double> weights, outputs;
  double temperature = 0.3;
};

using Loss = std::function<double(const OperatingPoint<double>&)>;

void check_phase_gradients(Probe& probe, const platform::Pullback<double>& pulled, const Loss& loss) {
  const auto of_controls = [&](std::span<const double> x) {
    return loss({x, probe.offsets, probe.temperature});
  };
  CHECK(test::taylor_order(of_controls, probe.controls, pulled.controls, 0.02) > 1.8);
  const auto of_offsets = [&](std::span<const double> x) {
    return loss({probe.controls, x, probe.temperature});
  };
  CHECK(test::taylor_order(of_offsets, probe.offsets, pulled.response_offset, 0.02) > 1.8);
  const auto of_temperature = [&](std::span<const double> x) {
    return loss({probe.controls, probe.offsets, x[0]});
  };
  const std::vector<double> at{probe.temperature}, slope{pulled.system.temperature_k};
  CHECK(test::taylor_order(of_temperature, at, slope, 2) > 1.8);
}

}  // namespace

TEST_CASE("the pullback of every mesh predicts the change of a loss") {
  for (const test::MeshCase& c : test::mesh_cases()) {
    INFO(c.name);
    Probe probe(c);
    probe.weight_loss(probe.point());
    const Matrix<double> g = quadratic_gradient(probe.linear, probe.weights);
    std::vector<double> by_control(probe.controls.size()), by_offset(probe.controls.size());
    platform::Pullback<double> pulled{by_control, by_offset, 0};
    probe.mesh.pullback(probe.point(), view(g), pulled);
    check_phase_gradients(probe, pulled, [&](const auto& at) { return probe.weight_loss(at); });
  }
}

TEST_CASE("gradients of the direct route predict the change of a loss") {
  for (const test::MeshCase& c : test::mesh_cases()) {
    INFO(c.name);
    Probe probe(c);
    probe.output_loss(probe.point(), probe.inputs);
    const Matrix<double> y = probe.outputs, g = quadratic_gradient(probe.linear, y);
    std::vector<double> by_control(probe.controls.size()), by_offset(probe.controls.size());
    std::vector<double> by_input(probe.inputs.size());
    platform::Pullback<double> pulled{by_control, by_offset, 0};
    probe.mesh.pull_signals(probe.point(), probe.signals(probe.inputs), view(y), view(g), pulled,
                            {by_input.data(), y.rows(), 2 * c.plan.in});
    check_phase_gradients(probe, pulled, [&](const auto& at) { return probe.output_loss(at, probe.inputs); });
    const auto of_inputs = [&](std::span<const double> x) { return probe.output_loss(probe.point(), x); };
    CHECK(test::taylor_order(of_inputs, probe.inputs, by_input, 0.1) > 1.8);
  }
}

TEST_CASE("the direct route's gradient is the matrix route's") {
  // With the unit vectors as a batch, outputs are the matrix: the two gradients are one.
  for (const test::MeshCase& c : test::mesh_cases()) {
    INFO(c.name);
    Probe probe(c, c.plan.in);
    probe.weight_loss(probe.point());
    const Matrix<double> g = quadratic_gradient(probe.linear, probe.weights);
    std::vector<double> a(probe.controls.size()), b(a.size());
    platform::Pullback<double> by_matrix{a, {}, 0}, direct{b, {}, 0};
    probe.mesh.pullback(probe.point(), view(g), by_matrix);
    Matrix<double> units = Matrix<double>::Zero(c.plan.in, 2 * c.plan.in);
    units.leftCols(c.plan.in).setIdentity();
    Matrix<double> gradient(c.plan.in, 2 * c.plan.out);
    gradient << g.topRows(c.plan.out).transpose(), g.bottomRows(c.plan.out).transpose();
    probe.mesh.propagate(probe.point(), view(std::as_const(units)), view(probe.outputs));
    probe.mesh.pull_signals(probe.point(), view(std::as_const(units)), view(std::as_const(probe.outputs)),
                            view(std::as_const(gradient)), direct, {nullptr, 0, 0});
    double largest = 0;
    for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
    CHECK(largest < 1e-13 * double(a.size() + 10));
    CHECK(by_matrix.system.temperature_k == Approx(direct.system.temperature_k).margin(1e-13));
  }
}

TEST_CASE("gradients in float are close to those in double") {
  platforms::mzi::Process process;
  const platforms::mzi::MeshPlan plan = test::square_mesh(64);
  const test::MeshCase c{"", plan, full_physics(process),
                         draw_errors(process, plan, 1, int(Purpose::test), 0, 0, 0)};
  Probe probe(c, 130);
  probe.output_loss(probe.point(), probe.inputs);
  const Matrix<double> y = probe.outputs, g = quadratic_gradient(probe.linear, y);
  std::vector<double> exact(probe.controls.size());
  platform::Pullback<double> pulled{exact, {}, 0};
  probe.mesh.pull_signals(probe.point(), probe.signals(probe.inputs), view(y), view(g), pulled,
                          {nullptr, 0, 0});

  Mesh<float> mesh(plan, c.physics, c.errors);
  const std::vector<float> controls(probe.controls.begin(), probe.controls.end());
  const std::vector<float> offsets(probe.offsets.begin(), probe.offsets.end());
  const OperatingPoint<float> at{controls, offsets, probe.temperature};
  const Matrix<float> x = probe.signals(probe.inputs).cast<float>(), gf = g.cast<float>();
  Matrix<float> yf(y.rows(), y.cols());
  mesh.propagate(at, view(x), view(yf));
  CHECK((yf.cast<double>() - y).cwiseAbs().maxCoeff() < 1e-4);
  std::vector<float> rough(exact.size());
  platform::Pullback<float> pulled_float{rough, {}, 0};
  mesh.pull_signals(at, view(x), view(std::as_const(yf)), view(gf), pulled_float, {nullptr, 0, 0});
  double error = 0, size = 0;
  for (std::size_t k = 0; k < exact.size(); ++k) {
    error += (double(rough[k]) - exact[k]) * (double(rough[k]) - exact[k]);
    size += exact[k] * exact[k];
  }
  CHECK(std::sqrt(error / size) < 2e-5);
}
