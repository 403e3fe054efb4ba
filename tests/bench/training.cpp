// One training step beside the matrix products that it contains: the ratio is the figure to bring down.
// bench-training --benchmark_repetitions=5; divide step/… by products/… of the same run.
#include <benchmark/benchmark.h>

#include <utility>

#include "pnn/core/product.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/optimizer.hpp"

namespace {

using namespace pnn;

const std::vector<std::string> lenet5 = {"mrr-conv:out=6,kernel=5,pad=2",
                                         "batchnorm",
                                         "relu",
                                         "maxpool:2",
                                         "mrr-conv:out=16,kernel=5",
                                         "batchnorm",
                                         "relu",
                                         "maxpool:2",
                                         "mrr:out=120",
                                         "batchnorm",
                                         "relu",
                                         "mrr:out=84",
                                         "batchnorm",
                                         "relu",
                                         "mrr:out=10"};
const std::vector<std::string> perceptron = {"mrr:out=64", "relu", "mrr:out=10"};
const std::vector<std::string> own_chips = {"mrr:out=64,reuse=space", "relu", "mrr:out=10,reuse=space"};

// the published layout of free space, as the preset freespace-784-144-10 has it
const std::vector<std::string> display = {
    "freespace:out=144,grid=3x4,block=1x2,guard=2x1,signed=exposures", "sigmoid",
    "freespace:out=10,grid=3x4,image=12x12,block=2x4,guard=2x1,signed=exposures"};

struct Case {
  network::Resolved net;
  Index batch;
};
Case make_case(int which) {
  if (which == 0) return {network::resolve({"784", perceptron}, {}), 128};
  if (which == 3) return {network::resolve({"784", own_chips}, {}), 128};
  return {network::resolve({"1x28x28", which == 1 ? lenet5 : display}, {}), 64};
}

/// The chip that a training runs on: its model, the nominal chip with the full physics, or chips that are
/// sampled from the process, with a temperature of their own in ±2 K for each of four parts of a batch, as
/// tools/README.md recommends.
enum class Chip { model, full, sampled };

/// A whole step: gradient by `method`, both optimiser updates, projection.
void step(benchmark::State& state, train::Method method, Chip chip) {
  set_threads(int(state.range(1)));
  const Case c = make_case(int(state.range(0)));
  train::TrainSettings settings;
  settings.method = method;
  if (chip == Chip::sampled) {
    settings.perturbation.draws = 4;
    settings.system.perturb = {"temperature=2"};
  }
  if (method == train::Method::drawn_sat) {
    settings.perturbation.draw_process = true;
    settings.perturbation.sigma = 0;
    settings.perturbation.rho = 5e-4;
  }
  const platform::Process process;
  const model::Model model = model::nominal_model(c.net.plans(), process);
  auto maps = model::make_maps<float>(model, 0);
  if (chip != Chip::model) {
    maps.clear();
    for (const auto& plan : c.net.plans()) {
      maps.push_back(platform::make_device_map<float>(plan, process, plan->nominal_truth(process)));
    }
  }
  train::Objective<float> objective(c.net, std::move(maps), network::Task::classify, c.batch);
  train::Estimator estimator(settings, objective, model, 1);
  train::Start start = train::random_start(c.net, objective, process, settings, 1);
  train::Optimizer controls(train::Optimizer::Kind::adam, start.controls.size(), 0),
      digital(train::Optimizer::Kind::adam, start.digital.size(), 0);
  std::vector<float> control_gradient(start.controls.size()), digital_gradient(start.digital.size());
  Matrix<float> x(c.batch, c.net.input.size());
  fill_normal({1, Purpose::test}, std::span<float>(x.data(), std::size_t(x.size())));
  if (platforms::freespace::planes_of(c.net.plans().front()) != nullptr) x = x.cwiseAbs();  // light
  std::vector<std::int32_t> labels;
  for (Index n = 0; n < c.batch; ++n) labels.push_back(std::int32_t(n % 10));
  std::uint32_t number = 0;
  for (auto _ : state) {
    train::Cost cost;
    estimator.step({view(std::as_const(x)), labels},
                   {start.controls, start.digital, start.state, control_gradient, digital_gradient},
                   {number++}, cost);
    controls.update(0, start.controls, control_gradient, 5.2, 1e-6, number);
    digital.update(0, start.digital, digital_gradient, 1, 1e-6, number);
  }
}

/// The products of one forward and backward pass alone, by the kernel that a step uses too, each at its best
/// size (whole batch, one call), one thread.
void products(benchmark::State& state) {
  const Case c = make_case(int(state.range(0)));
  struct Product {
    Matrix<float> x, w, y, dw, dx;
    bool first;
  };
  std::vector<Product> list;
  for (const auto& layer : c.net.layers) {
    if (layer.matrix_rows == 0) continue;
    const bool conv = layer.kernel > 1;
    const Index n = c.batch * (conv ? layer.out.height * layer.out.width : 1);
    Product p;
    p.x = Matrix<float>::Random(conv ? layer.matrix_cols : n, conv ? n : layer.matrix_cols);
    p.w = Matrix<float>::Random(layer.matrix_rows, layer.matrix_cols);
    p.y.resize(conv ? layer.matrix_rows : n, conv ? n : layer.matrix_rows);
    p.dw.resize(layer.matrix_rows, layer.matrix_cols);
    p.dx.resize(p.x.rows(), p.x.cols());
    p.first = list.empty();
    list.push_back(std::move(p));
  }
  for (auto _ : state) {
    for (Product& p : list) {
      const bool conv = p.y.rows() == p.w.rows() && p.x.rows() == p.w.cols();
      if (conv) {
        multiply(p.w, p.x, p.y);
        multiply(p.y, p.x.transpose(), p.dw);
        if (!p.first) multiply(p.w.transpose(), p.y, p.dx);
      } else {
        multiply(p.x, p.w.transpose(), p.y);
        multiply(p.y.transpose(), p.x, p.dw);
        if (!p.first) multiply(p.y, p.w, p.dx);
      }
      benchmark::DoNotOptimize(p.dw.data());
      benchmark::DoNotOptimize(p.dx.data());
    }
  }
}

}  // namespace

// range 0: network (0 mrr 784-64-10 at batch 128, 1 LeNet-5 on rings at batch 64, 2 free space
// 784-144-10 at batch 64, 3 as 0 with chips for every tile); range 1: threads
BENCHMARK(products)->ArgNames({"network"})->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);
void rings(benchmark::internal::Benchmark* run) {
  run->ArgNames({"network", "threads"})->ArgsProduct({{0, 1}, {1, 2}});
  run->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime()->UseRealTime();
}
void all(benchmark::internal::Benchmark* run) {
  rings(run);
  run->ArgsProduct({{2, 3}, {1, 2}});
}
BENCHMARK_CAPTURE(step, bp, train::Method::bp, Chip::model)->Apply(all);
BENCHMARK_CAPTURE(step, sat, train::Method::sat, Chip::model)->Apply(rings);
BENCHMARK_CAPTURE(step, noise, train::Method::noise, Chip::model)->Apply(rings);
BENCHMARK_CAPTURE(step, bp_full_physics, train::Method::bp, Chip::full)->Apply(all);
BENCHMARK_CAPTURE(step, process, train::Method::process, Chip::full)->Apply(all);
BENCHMARK_CAPTURE(step, process_draws, train::Method::process, Chip::sampled)->Apply(rings);
BENCHMARK_CAPTURE(step, drawn_sat_draws, train::Method::drawn_sat, Chip::sampled)->Apply(rings);

BENCHMARK_MAIN();
