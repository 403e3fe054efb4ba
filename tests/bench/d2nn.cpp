// Cost of a batch through a diffractive network, forward and backward, beside the transforms alone that it
// does.
//
//   bench-d2nn --benchmark_min_time=0.5
//
// Five masks, 32 pictures of 28 × 28, one thread, float. "transforms" does as many transforms of sixteen rows
// or columns as one pass there and one back have: rows there and back, columns there and back, six gaps each
// way but the one before the first mask, which light passes only forwards. "batch" counts from phases to
// their gradients: masks, light, detectors, and back.
#include <benchmark/benchmark.h>

#include <utility>

#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/d2nn/batch.hpp"
#include "pnn/platforms/d2nn/fourier.hpp"
#include "pnn/platforms/d2nn/masks.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/stack.hpp"

using namespace pnn;

namespace {

constexpr Index pictures = 32;

platforms::d2nn::Plan five_masks(Index side) {
  platforms::d2nn::Plan plan;
  plan.plane.width = plan.plane.height = side;
  plan.gaps_mm.assign(5, 2);
  plan.entry_mm = 2;
  plan.input = {28, 28, side / 28};
  plan.detectors = platforms::d2nn::detector_grid(plan.plane, 2, 5, side / 10);
  return plan;
}

void batch(benchmark::State& state) {
  set_threads(1);
  const platforms::d2nn::Plan plan = five_masks(state.range(0));
  platforms::d2nn::Masks<float> masks(plan, 0.05, {});
  platforms::d2nn::Batch<float> light(plan, pictures,
                                      platforms::d2nn::Batch<float>::worth_keeping(plan, pictures));
  std::vector<float> phases(std::size_t(plan.control_count())), by_phase(phases.size());
  fill_normal({1, Purpose::test, 1}, phases);
  Matrix<float> weights(masks.rows(), masks.cols()), by_weights = weights;
  Matrix<float> x = Matrix<float>::Constant(pictures, 784, 0.3F), y(pictures, 10);
  const Matrix<float> by_y = Matrix<float>::Constant(pictures, 10, 0.1F);
  for (auto _ : state) {
    masks.evaluate({phases, {}, {}}, view(weights));
    light.forward(view(std::as_const(weights)), view(std::as_const(x)), view(y));
    light.pullback(view(std::as_const(weights)), view(std::as_const(x)), view(by_y), view(by_weights),
                   MatrixView<float>(nullptr, 0, 0), platforms::d2nn::AxialGradient::no);
    platform::Pullback<float> out{by_phase, {}, {}, false};
    masks.pullback({phases, {}, {}}, view(std::as_const(by_weights)), out);
    benchmark::DoNotOptimize(by_phase.data());
  }
}

void transforms(benchmark::State& state) {
  const platforms::d2nn::Plane plane = five_masks(state.range(0)).plane;
  const platforms::d2nn::Fourier<float> rows(plane.padded_width()), columns(plane.padded_height());
  std::vector<float> tile(std::size_t(rows.tile_size())), scratch(tile.size());
  fill_normal({1, Purpose::test, 2}, tile);
  const Index of_rows = (plane.height + lane_block - 1) / lane_block,
              of_columns = plane.padded_width() / lane_block;
  const auto both_ways = [&](const platforms::d2nn::Fourier<float>& along, Index count) {
    for (Index k = 0; k < count; ++k) {
      along.forward(tile.data(), scratch.data());
      along.backward(tile.data(), scratch.data());
      for (std::size_t p = 0; p < tile.size(); p += 64) tile[p] = 1e-3F;  // or numbers would grow
    }
  };
  for (auto _ : state) {
    for (Index propagation = 0; propagation < pictures * 11; ++propagation) {
      both_ways(rows, of_rows);
      both_ways(columns, of_columns);
    }
    benchmark::DoNotOptimize(tile.data());
  }
}

BENCHMARK(batch)->Arg(128)->Arg(200)->Arg(512)->Unit(benchmark::kMillisecond);
BENCHMARK(transforms)->Arg(128)->Arg(200)->Arg(512)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
