// Cost of the control → weight map, beside the matrix product that uses the weights:
//
//   bench-platform --benchmark_min_time=0.2
//
// "ideal" is the flat bank of lone rings (equal rings, or rings of their own), "full" the tiled one with
// thermal and optical crosstalk. One thread. The rate is weights a second.
#include <benchmark/benchmark.h>

#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"

using namespace pnn;

namespace {

struct Shape {
  Index out, in;
};
const std::vector<Shape> dense = {{64, 784}, {10, 64}};
const std::vector<Shape> lenet5 = {{6, 25}, {16, 150}, {120, 400}, {84, 120}, {10, 84}};

enum class Rings { equal, drawn };
enum class Physics { ideal, full };

/// The banks of a network with controls, weights and gradients.
struct Network {
  struct Layer {
    std::unique_ptr<platforms::mrr::Bank<float>> bank;
    std::vector<float> controls, others, by_control;
    Matrix<float> weights;
  };
  Network(const std::vector<Shape>& shapes, Physics physics, Rings rings) {
    set_threads(1);
    const platforms::mrr::Process process;
    for (const Shape& shape : shapes) {
      platforms::mrr::BankPlan plan;
      plan.out = shape.out;
      plan.in = shape.in;
      const auto parameters =
          rings == Rings::equal
              ? platforms::mrr::nominal_rings(process, plan.rings(), true)
              : platforms::mrr::draw_rings(process, plan.rings(), 1, int(Purpose::fabrication), 0, 0, 0);
      Layer layer;
      layer.bank = platforms::mrr::make_bank<float>(
          plan, physics == Physics::full ? full_physics(process) : ideal_physics(process), parameters);
      layer.controls.resize(std::size_t(plan.weights()));
      fill_symmetric({1, Purpose::test}, layer.controls);
      for (float& x : layer.controls) x = 2.6F + 2.6F * x;
      layer.others.assign(layer.controls.rbegin(), layer.controls.rend());
      layer.by_control.resize(layer.controls.size());
      layer.weights.resize(shape.out, shape.in);
      weights += plan.weights();
      layers.push_back(std::move(layer));
    }
  }
  /// Other controls than the last time, as in training: a bank keeps what its last controls heat.
  void evaluate() {
    for (Layer& layer : layers) {
      std::swap(layer.controls, layer.others);
      layer.bank->evaluate({layer.controls, {}, 0}, view(layer.weights));
    }
  }
  void pull() {
    for (Layer& layer : layers) {
      platform::Pullback<float> out{layer.by_control, {}, 0, false};
      layer.bank->pullback({layer.controls, {}, 0}, view(std::as_const(layer.weights)), out);
      benchmark::DoNotOptimize(out.system.temperature_k);
    }
  }
  std::vector<Layer> layers;
  Index weights = 0;
};

void evaluate(benchmark::State& state, const std::vector<Shape>& shapes, Physics physics, Rings rings) {
  Network network(shapes, physics, rings);
  for (auto _ : state) network.evaluate();
  state.SetItemsProcessed(state.iterations() * network.weights);
}

void pullback(benchmark::State& state, const std::vector<Shape>& shapes, Physics physics, Rings rings) {
  Network network(shapes, physics, rings);
  network.evaluate();
  for (auto _ : state) network.pull();
  state.SetItemsProcessed(state.iterations() * network.weights);
}

void exchange_rings(benchmark::State& state, Physics physics) {
  Network network(lenet5, physics, Rings::drawn);
  const auto rings = platforms::mrr::draw_rings({}, 128, 2, int(Purpose::process_draw), 0, 0, 0);
  for (auto _ : state) {
    for (auto& layer : network.layers) layer.bank->set_rings(rings);
  }
}

void invert(benchmark::State& state, Physics physics) {
  Network network(lenet5, physics, Rings::drawn);
  network.evaluate();
  for (auto& layer : network.layers) layer.weights *= 0.5F;
  for (auto _ : state) {
    for (auto& layer : network.layers) {
      std::vector<float> controls = layer.controls;
      benchmark::DoNotOptimize(layer.bank->invert(view(std::as_const(layer.weights)), controls));
    }
  }
}

/// The layers' products at batch 128, to set the map's cost in relation.
void products(benchmark::State& state, const std::vector<Shape>& shapes) {
  set_threads(1);
  std::vector<Matrix<float>> x, w, y;
  for (const Shape& shape : shapes) {
    x.push_back(Matrix<float>::Constant(128, shape.in, 0.5F));
    w.push_back(Matrix<float>::Constant(shape.out, shape.in, 0.25F));
    y.emplace_back(128, shape.out);
  }
  for (auto _ : state) {
    for (std::size_t k = 0; k < x.size(); ++k) y[k].noalias() = x[k] * w[k].transpose();
    benchmark::DoNotOptimize(y.back().data());
  }
}

void normals(benchmark::State& state) {
  std::vector<float> values(61000);
  Stream stream;
  for (auto _ : state) {
    ++stream.step;
    fill_normal(stream, values);
    benchmark::DoNotOptimize(values.data());
  }
  state.SetItemsProcessed(state.iterations() * Index(values.size()));
}

}  // namespace

BENCHMARK_CAPTURE(evaluate, dense_784_64_10_ideal_equal, dense, Physics::ideal, Rings::equal);
BENCHMARK_CAPTURE(evaluate, dense_784_64_10_ideal_drawn, dense, Physics::ideal, Rings::drawn);
BENCHMARK_CAPTURE(evaluate, dense_784_64_10_full, dense, Physics::full, Rings::drawn);
BENCHMARK_CAPTURE(evaluate, lenet5_full, lenet5, Physics::full, Rings::drawn);
BENCHMARK_CAPTURE(pullback, dense_784_64_10_ideal_equal, dense, Physics::ideal, Rings::equal);
BENCHMARK_CAPTURE(pullback, dense_784_64_10_ideal_drawn, dense, Physics::ideal, Rings::drawn);
BENCHMARK_CAPTURE(pullback, dense_784_64_10_full, dense, Physics::full, Rings::drawn);
BENCHMARK_CAPTURE(pullback, lenet5_full, lenet5, Physics::full, Rings::drawn);
BENCHMARK_CAPTURE(exchange_rings, lenet5_ideal, Physics::ideal);
BENCHMARK_CAPTURE(exchange_rings, lenet5_full, Physics::full);
BENCHMARK_CAPTURE(invert, lenet5_ideal, Physics::ideal);
BENCHMARK_CAPTURE(invert, lenet5_full, Physics::full);
BENCHMARK_CAPTURE(products, dense_784_64_10_batch_128, dense);
BENCHMARK_CAPTURE(products, lenet5_batch_128, lenet5);
BENCHMARK(normals);

BENCHMARK_MAIN();
