// Cost of a step of a free-space layer: the light of a misalignment, the matrix, its pullback, beside the
// three products of a dense layer of the same size (forward, back to weights, back to inputs).
//
//   bench-freespace --benchmark_min_time=0.2
//
// The layer is the SAT paper's first: 784 × 144 on 96 × 240 px, twelve pictures, two exposures. One thread.
// "moved" has a new misalignment each step (light, matrix, pullback), "still" the same (matrix, pullback),
// "slopes" adds the gradient by the misalignment, "device" builds the light with a blur of 0.5 px.
#include <benchmark/benchmark.h>

#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/plan.hpp"

using namespace pnn;

namespace {

struct Layer {
  explicit Layer(double blur_px = 0) {
    set_threads(1);
    platforms::freespace::Physics physics;
    physics.blur_px = blur_px;
    map = platforms::freespace::make_freespace<float>(plan, physics, {});
    controls.assign(std::size_t(plan.control_count()), 0.3F);
    by_control.resize(controls.size());
    weights.resize(plan.out, plan.in());
    gradient = Matrix<float>::Constant(plan.out, plan.in(), 0.1F);
  }
  void evaluate(const platform::System& system) { map->evaluate({controls, {}, system}, view(weights)); }
  void pull(const platform::System& system, bool slopes) {
    platform::Pullback<float> out{by_control, {}, {}, slopes};
    map->pullback({controls, {}, system}, view(std::as_const(gradient)), out);
    benchmark::DoNotOptimize(out.system);
  }
  /// Another misalignment each time, within a fraction of a degree and of a pixel.
  platform::System next() {
    ++step;
    platform::System system;
    system.rotation_rad = 1e-4 * double(step % 100);
    system.shift_x_px = 0.01 * double(step % 90);
    return system;
  }

  platforms::freespace::Plan plan{
      "freespace1", 144, 28, 28, 1, 2, 2, 1, 3, 4, platforms::freespace::Signs::exposures};
  std::unique_ptr<platforms::freespace::Freespace<float>> map;
  std::vector<float> controls, by_control;
  Matrix<float> weights, gradient;
  int step = 0;
};

void still(benchmark::State& state) {
  Layer layer;
  const platform::System system = layer.next();
  for (auto _ : state) {
    layer.evaluate(system);
    layer.pull(system, false);
  }
}

void moved(benchmark::State& state) {
  Layer layer;
  for (auto _ : state) {
    const platform::System system = layer.next();
    layer.evaluate(system);
    layer.pull(system, false);
  }
}

void slopes(benchmark::State& state) {
  Layer layer;
  for (auto _ : state) {
    const platform::System system = layer.next();
    layer.evaluate(system);
    layer.pull(system, true);
  }
}

void device(benchmark::State& state) {
  Layer layer(0.5);
  for (auto _ : state) layer.evaluate(layer.next());
}

void products(benchmark::State& state) {
  const Layer layer;
  const Index batch = state.range(0);
  const Matrix<float> x = Matrix<float>::Constant(batch, 784, 0.2F);
  Matrix<float> y(batch, 144), dw(144, 784), dx(batch, 784);
  for (auto _ : state) {
    y.noalias() = x * layer.gradient.transpose();
    dw.noalias() = y.transpose() * x;
    dx.noalias() = y * layer.gradient;
    benchmark::DoNotOptimize(dw.data());
    benchmark::DoNotOptimize(dx.data());
  }
}

BENCHMARK(still)->Unit(benchmark::kMicrosecond);
BENCHMARK(moved)->Unit(benchmark::kMicrosecond);
BENCHMARK(slopes)->Unit(benchmark::kMicrosecond);
BENCHMARK(device)->Unit(benchmark::kMicrosecond);
BENCHMARK(products)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
