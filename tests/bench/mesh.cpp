// Cost of a step of a mesh layer: cells from phases, a batch forward, gradients of phases and inputs back.
//
//   bench-mesh --benchmark_min_time=0.2
//
// "direct" sends the batch through the columns; "matrix" builds W, multiplies the batch with its real form
// [Re W, −Im W; Im W, Re W] forward and back (three products [B, 2N]·[2N, 2N]), and pulls back; "dense" is a
// complex layer of the same size without a mesh (three products [B, N]·[N, N] of complex numbers, Eigen),
// which the matrix route can come near to and the direct one can beat. Arguments: modes, batch. One thread;
// the rate is cells (MZI × signal) a second.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <complex>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"

using namespace pnn;

namespace {

struct Layer {
  explicit Layer(const benchmark::State& state) : modes(state.range(0)), batch(state.range(1)) {
    set_threads(1);
    plan = {"mzi1", modes, modes, platforms::mzi::MeshLayout::unitary};
    const platforms::mzi::Process process;
    mesh = std::make_unique<platforms::mzi::Mesh<float>>(
        plan, full_physics(process), draw_errors(process, plan, 1, int(Purpose::fabrication), 0, 0, 0));
    controls.resize(std::size_t(plan.control_count()));
    fill_symmetric({1, Purpose::test}, controls);
    for (float& phase : controls) phase = 3.1F + 3.1F * phase;
    by_control.resize(controls.size());
    x = random(batch, 2 * modes, 1);
    gy = random(batch, 2 * modes, 2);
    y.resize(batch, 2 * modes);
    gx.resize(batch, 2 * modes);
    w.resize(2 * modes, modes);
    gw.resize(2 * modes, modes);
    real_form.resize(2 * modes, 2 * modes);
    by_real_form.resize(2 * modes, 2 * modes);
  }
  static Matrix<float> random(Index rows, Index cols, std::uint16_t stream) {
    Matrix<float> m(rows, cols);
    fill_normal({1, Purpose::test, stream}, std::span<float>(m.data(), std::size_t(m.size())));
    return m;
  }
  /// Moves the phases a little, as a step of training does: a mesh remembers its last point.
  platform::OperatingPoint<float> next() {
    controls[0] = controls[0] > 3 ? 2.9F : 3.1F;
    return {controls, {}, 0};
  }

  void direct_step() {
    const auto at = next();
    mesh->propagate(at, view(std::as_const(x)), view(y));
    platform::Pullback<float> out{by_control, {}, 0};
    mesh->pull_signals(at, view(std::as_const(x)), view(std::as_const(y)), view(std::as_const(gy)), out,
                       view(gx));
  }
  void matrix_step() {
    const auto at = next();
    mesh->evaluate(at, view(w));
    real_form << w.topRows(modes), -w.bottomRows(modes), w.bottomRows(modes), w.topRows(modes);
    y.noalias() = x * real_form.transpose();
    by_real_form.noalias() = gy.transpose() * x;
    gx.noalias() = gy * real_form;
    const Index n = modes;
    gw.topRows(n) = by_real_form.topLeftCorner(n, n) + by_real_form.bottomRightCorner(n, n);
    gw.bottomRows(n) = by_real_form.bottomLeftCorner(n, n) - by_real_form.topRightCorner(n, n);
    platform::Pullback<float> out{by_control, {}, 0};
    mesh->pullback(at, view(std::as_const(gw)), out);
  }

  Index modes, batch;
  platforms::mzi::MeshPlan plan;
  std::unique_ptr<platforms::mzi::Mesh<float>> mesh;
  std::vector<float> controls, by_control;
  Matrix<float> x, y, gy, gx, w, gw, real_form, by_real_form;
};

void count(benchmark::State& state, const Layer& layer) {
  state.SetItemsProcessed(state.iterations() * layer.plan.mzis() * layer.batch);
}

void direct(benchmark::State& state) {
  Layer layer(state);
  for (auto _ : state) layer.direct_step();
  count(state, layer);
}

void direct_forward(benchmark::State& state) {
  Layer layer(state);
  for (auto _ : state) layer.mesh->propagate(layer.next(), view(std::as_const(layer.x)), view(layer.y));
  count(state, layer);
}

void matrix(benchmark::State& state) {
  Layer layer(state);
  for (auto _ : state) layer.matrix_step();
  count(state, layer);
}

/// The part of the matrix route that does not depend on the batch.
void build_and_pull(benchmark::State& state) {
  Layer layer(state);
  layer.gw.setConstant(0.1F);
  for (auto _ : state) {
    const auto at = layer.next();
    layer.mesh->evaluate(at, view(layer.w));
    platform::Pullback<float> out{layer.by_control, {}, 0};
    layer.mesh->pullback(at, view(std::as_const(layer.gw)), out);
  }
  state.SetItemsProcessed(state.iterations() * layer.plan.mzis() * layer.modes);
}

void cells(benchmark::State& state) {
  Layer layer(state);
  for (auto _ : state) benchmark::DoNotOptimize(layer.mesh->phases(layer.next()).data());
  state.SetItemsProcessed(state.iterations() * layer.plan.mzis());
}

void exchange_errors(benchmark::State& state) {
  Layer layer(state);
  const platforms::mzi::Process process;
  platforms::mzi::MeshErrors errors = no_errors(layer.plan);
  std::uint32_t step = 0;
  for (auto _ : state) {
    draw_errors(process, layer.plan, 1, int(Purpose::process_draw), 0, 0, ++step, errors);
    layer.mesh->set_errors(errors);
  }
  state.SetItemsProcessed(state.iterations() * layer.plan.mzis());
}

void dense(benchmark::State& state) {
  using Dense = Eigen::Matrix<std::complex<float>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Layer layer(state);
  const Index n = layer.modes;
  const std::complex<float> i(0, 1);
  const auto complex = [&](const Matrix<float>& m) -> Dense {
    return m.leftCols(n).cast<std::complex<float>>() + i * m.rightCols(n).cast<std::complex<float>>();
  };
  const Dense x = complex(layer.x), gy = complex(layer.gy), w = Dense::Random(n, n);
  Dense y(layer.batch, n), gx(layer.batch, n), gw(n, n);
  for (auto _ : state) {
    y.noalias() = x * w.transpose();
    gw.noalias() = gy.transpose() * x.conjugate();
    gx.noalias() = gy * w.conjugate();
    benchmark::ClobberMemory();
  }
  count(state, layer);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({{16, 32, 64, 128}, {128, 6000}})->Unit(benchmark::kMicrosecond);
}
/// Batches of half to twice the number of modes: where Mesh::largest_direct_batch switches.
void around_the_switch(benchmark::internal::Benchmark* benchmark) {
  for (const int modes : {16, 32, 64, 128}) {
    for (const int halves : {1, 2, 3, 4}) benchmark->Args({modes, modes * halves / 2});
  }
  benchmark->Unit(benchmark::kMicrosecond);
}
void modes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({{16, 32, 64, 128}, {1}})->Unit(benchmark::kMicrosecond);
}

}  // namespace

BENCHMARK(direct)->Apply(sizes);
BENCHMARK(matrix)->Apply(sizes);
BENCHMARK(dense)->Apply(sizes);
BENCHMARK(direct)->Name("switch/direct")->Apply(around_the_switch);
BENCHMARK(matrix)->Name("switch/matrix")->Apply(around_the_switch);
BENCHMARK(direct_forward)->Args({64, 128})->Unit(benchmark::kMicrosecond);
BENCHMARK(build_and_pull)->Apply(modes);
BENCHMARK(cells)->Apply(modes);
BENCHMARK(exchange_errors)->Apply(modes);

BENCHMARK_MAIN();
