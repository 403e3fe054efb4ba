// Cost of a batch through a diffractive network, forward and backward, beside the transforms alone that it
// does.
//
//   bench-d2nn --benchmark_min_time=0.5
//
// Planes of 64 to 1024 pixels a side, without padding and padded to twice the side. Five masks, up to 512
// pictures of 28 × 28, one thread, float. "transforms" does as many transforms of sixteen rows or columns as
// one pass there and one back have: rows there and back, columns there and back, six gaps each way but the
// one before the first mask, which light passes only forwards. "batch" counts from phases to their gradients:
// masks, light, detectors, and back.
#include <benchmark/benchmark.h>

#include <algorithm>
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

platforms::d2nn::Plan five_masks(Index side, Index padding) {
  platforms::d2nn::Plan plan;
  plan.plane.padding = padding;
  plan.plane.width = plan.plane.height = side;
  plan.gaps_mm.assign(5, 2);
  plan.entry_mm = 2;
  plan.input = {28, 28, side / 28};
  plan.detectors = platforms::d2nn::detector_grid(plan.plane, 2, 5, side / 10);
  return plan;
}

void batch(benchmark::State& state) {
  set_threads(1);
  const Index pictures = state.range(2);
  const platforms::d2nn::Plan plan = five_masks(state.range(0), state.range(1));
  platforms::d2nn::Masks<float> masks(plan, 0.05, {});
  platforms::d2nn::Batch<float> light(plan, pictures,
                                      platforms::d2nn::Batch<float>::worth_keeping(plan, pictures));
  std::vector<float> phases(std::size_t(plan.control_count())), by_phase(phases.size());
  fill_normal({1, Purpose::test, 1}, phases);
  Matrix<float> weights(masks.rows(), masks.cols()), by_weights = weights;
  Matrix<float> x = Matrix<float>::Constant(pictures, 784, 0.3F), y(pictures, 10);
  const Matrix<float> by_y = Matrix<float>::Constant(pictures, 10, 0.1F);
  const auto step = [&] {
    masks.evaluate({phases, {}, {}}, view(weights));
    light.forward(view(std::as_const(weights)), view(std::as_const(x)), view(y));
    light.pullback(view(std::as_const(weights)), view(std::as_const(x)), view(by_y), view(by_weights),
                   MatrixView<float>(nullptr, 0, 0), platforms::d2nn::AxialGradient::no);
    platform::Pullback<float> out{by_phase, {}, {}, false};
    masks.pullback({phases, {}, {}}, view(std::as_const(by_weights)), out);
    benchmark::DoNotOptimize(by_phase.data());
  };
  step();  // memory that was never used would cost page faults
  for (auto _ : state) step();
}

void transforms(benchmark::State& state) {
  const platforms::d2nn::Plane plane = five_masks(state.range(0), state.range(1)).plane;
  const Index parts = plane.padding;
  const platforms::d2nn::Fourier<float> rows(plane.padded_width() / parts, 0, parts),
      columns(plane.padded_height() / parts, 0, parts);
  std::vector<float> tile(std::size_t(std::max(rows.tile_size(), columns.tile_size()))), spectra(tile.size()),
      scratch(tile.size());
  fill_normal({1, Purpose::test, 2}, tile);
  const Index of_rows = parts * ((plane.height + lane_block - 1) / lane_block),
              of_columns = parts * ((plane.padded_width() + lane_block - 1) / lane_block);
  const auto both_ways = [&](const platforms::d2nn::Fourier<float>& along, Index count) {
    const auto signals = [&](std::vector<float>& v) {
      return platforms::d2nn::Signals<float>{v.data(), v.data() + along.tile_size() / 2};
    };
    for (Index k = 0; k < count; ++k) {
      along.forward(signals(tile), signals(spectra), scratch.data());
      along.backward(signals(spectra), signals(tile), scratch.data());
      for (float& x : tile) x *= 1 / float(along.length());  // or numbers would grow
    }
  };
  for (auto _ : state) {
    for (Index propagation = 0; propagation < state.range(2) * 11; ++propagation) {
      both_ways(rows, of_rows);
      both_ways(columns, of_columns);
    }
    benchmark::DoNotOptimize(tile.data());
  }
}

void cases(benchmark::internal::Benchmark* run) {
  run->ArgNames({"side", "padding", "pictures"})->Unit(benchmark::kMillisecond);
  run->ArgsProduct({{128, 200, 512}, {1, 2}, {32}});
}
/// Sides and numbers of pictures, to see how the cost grows with either.
void growth(benchmark::internal::Benchmark* run) {
  run->ArgsProduct({{64, 128, 256, 512, 1024}, {2}, {8}});
  run->ArgsProduct({{128}, {2}, {1, 4, 16, 64, 256, 512}});
}
BENCHMARK(batch)->Apply(cases)->Apply(growth);
BENCHMARK(transforms)->Apply(cases);

}  // namespace

BENCHMARK_MAIN();
