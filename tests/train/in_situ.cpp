// Training on a device: what a perfect device must give, what differences give on average, what is refused.
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "pnn/train/differences.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/process.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

namespace {

/// A device that is what the nominal model says: no spread, no crosstalk, no loss, no rounding, no noise.
platform::Process perfect() {
  platform::Process process;
  process = scale_spreads(process, 0);
  test::edit<platforms::mzi::Process>(process)->crosstalk = 0;
  test::edit<platforms::mzi::Process>(process)->loss_db = 0;
  test::edit<platforms::mzi::Process>(process)->dac_bits = 0;
  test::edit<platforms::mzi::Process>(process)->readout_noise = 0;
  test::edit<platforms::mrr::Process>(process)->beta_per_ma2 = 0;
  test::edit<platforms::mrr::Process>(process)->crosstalk = 0;
  test::edit<platforms::mrr::Process>(process)->reach = 0;
  test::edit<platforms::mrr::Process>(process)->dac_bits = 0;
  test::edit<platforms::mrr::Process>(process)->readout_noise = 0;
  return process;
}

struct Setting {
  network::Resolved net;
  platform::Process process;
  model::Model model;
  device::DeviceSet set;
  network::Dataset data = test::clusters(6, 120, 60, 0.2F, 0.8F);
  train::TrainSettings settings;
  explicit Setting(const std::vector<std::string>& layers, platform::Process p = perfect())
      : net(network::resolve({"6", layers}, {})),
        process(std::move(p)),
        model(model::nominal_model(net.plans(), process)),
        set(device::fabricate(net.plans(), process, 1, 7)) {
    settings.updates.batch = 30;
    settings.length.epochs = 2;
    settings.updates.lr = 1e-2;
  }
  train::Params train(const train::Params* resume = nullptr, Progress* progress = nullptr,
                      train::Params* saved = nullptr) {
    const auto chip = device::make_virtual_device(set, 0);
    device::Conditions conditions;
    conditions.environment = device::Environment::controller;
    train::TrainInput input{net, model, 0, data, settings, 1, nullptr, resume};
    if (settings.on_device()) input.device = chip.get();
    input.conditions = conditions;
    return test::run_training(input, progress, saved);
  }
};

/// What a gradient at the start of a training needs, with the first 30 samples.
struct FirstBatch {
  train::Objective<float> objective;
  train::Start start;
  Matrix<float> x;
  train::Batch<float> batch;
  explicit FirstBatch(const Setting& s)
      : objective(s.net, model::make_maps<float>(s.model, 0), network::Task::classify, 30),
        start(train::random_start(s.net, objective, s.process, s.settings, 1)),
        x(s.data.train.x.topRows(30)),
        batch{view(std::as_const(x)), std::span<const std::int32_t>(s.data.train.y).subspan(0, 30)} {}
  /// The gradient at the start by the model's derivative, into what has the sizes of the parameters.
  void exact_gradient(std::span<float> state, std::span<float> controls, std::span<float> digital) {
    train::PointGradient<float> gradient{controls, {}, {}, digital, {}};
    train::Point<float> point;
    point.controls = start.controls, point.digital = start.digital;
    objective.gradient(batch, point, network::Statistics::batch, state, gradient);
  }
};

double distance(const train::Params& a, const train::Params& b) {
  double largest = 0;
  for (std::size_t layer = 0; layer < a.controls.size(); ++layer) {
    for (std::size_t k = 0; k < a.controls[layer].values.size(); ++k) {
      largest = std::max(largest, std::abs(double(a.controls[layer].values.data[k]) -
                                           double(b.controls[layer].values.data[k])));
    }
  }
  return largest;
}

const std::vector<std::string> meshes = {"mzi:modes=6,detect=modulus", "mzi:modes=6,keep=3"};

}  // namespace

TEST_CASE("on a perfect device without noise a step of pat, and one of dat, is a step of bp to rounding") {
  for (const auto& layers :
       {meshes, std::vector<std::string>{"mrr:out=5", "batchnorm", "relu", "mrr:out=3"}}) {
    Setting s(layers);
    test::edit<platforms::mzi::Process>(s.process)->jitter_k = 0;
    test::edit<platforms::mrr::Process>(s.process)->jitter_k = 0;
    s.model = model::nominal_model(s.net.plans(), s.process);
    s.set = device::fabricate(s.net.plans(), s.process, 1, 7);
    s.settings.length.budget = 1;
    const train::Params bp = s.train();
    for (const train::Method method : {Method::pat, Method::dat}) {
      s.settings.method = method;
      const train::Params in_situ = s.train();
      // one Adam step moves every control by the learning rate times its range, 0.05; float gradients that
      // are next to nothing may turn, so the bound is a hundredth of the step
      INFO(word_of(method) << " on " << layers.front());
      CHECK(distance(bp, in_situ) < 5e-4);
      CHECK(in_situ.optimizer.device_calls > 0);
    }
    s.settings.method = Method::pat;
    s.settings.in_situ.pat_output = true;
    CHECK(distance(bp, s.train()) < 5e-4);
  }
}

TEST_CASE("the mean of simultaneous perturbations is the gradient") {
  Setting s({"mzi:modes=6,keep=3"});
  FirstBatch f(s);
  auto& [objective, start, x, batch] = f;
  const std::size_t controls = start.controls.size(), digital = start.digital.size();
  std::vector<float> state(start.state), control(controls), by_digital(digital);
  train::PointGradient<float> exact{control, {}, {}, by_digital, {}};
  train::Point<float> point;
  point.controls = start.controls, point.digital = start.digital;
  objective.gradient(batch, point, network::Statistics::batch, state, exact);

  train::Differences differences(objective, 1e-3);
  std::vector<float> estimate(controls), other(digital);
  std::vector<double> mean(controls, 0), square(controls, 0);
  constexpr int draws = 4000;
  for (int k = 0; k < draws; ++k) {
    train::Cost cost;
    differences.simultaneous(batch, {start.controls, start.digital, state, estimate, other},
                             {3, Purpose::probe_direction, 0, 0, std::uint32_t(k)}, cost);
    CHECK(cost.evaluations == 2);
    for (std::size_t i = 0; i < controls; ++i) {
      mean[i] += double(estimate[i]) / draws;
      square[i] += double(estimate[i]) * double(estimate[i]) / draws;
    }
  }
  // five standard errors for each of the 36 controls: all within, but for one in 50 000 such tests
  for (std::size_t i = 0; i < controls; ++i) {
    const double error = std::sqrt((square[i] - mean[i] * mean[i]) / draws);
    CHECK(std::abs(mean[i] - double(control[i])) < 5 * error);
  }
}

TEST_CASE("on a quadratic a simultaneous perturbation is the derivative along its signs, times each sign") {
  // a dense layer that reconstructs its input has a loss that is quadratic in its parameters θ, so that
  // L(θ + cΔ) − L(θ − cΔ) = 2c Δᵀg whatever c, and the estimate is (Δᵀg)/Δ_k = (Δᵀg) Δ_k
  Setting s({"dense:out=6"});
  train::Objective<float> objective(s.net, model::make_maps<float>(s.model, 0), network::Task::reconstruct,
                                    30);
  const Matrix<float> x = s.data.train.x.topRows(30);
  const train::Batch<float> batch{view(x), {}};
  std::vector<float> digital(std::size_t(objective.digital_count())), exact(digital.size()),
      estimate(digital.size()), signs(digital.size()), state;
  fill_symmetric({1, Purpose::test}, digital);
  train::Point<float> point;
  point.digital = digital;
  train::PointGradient<float> gradient{{}, {}, {}, exact, {}};
  objective.gradient(batch, point, network::Statistics::batch, state, gradient);
  const Stream stream{3, Purpose::probe_direction};
  fill_symmetric(stream, signs);
  double along = 0;
  for (std::size_t k = 0; k < signs.size(); ++k) {
    signs[k] = signs[k] < 0 ? -1.0F : 1.0F;
    along += double(signs[k]) * double(exact[k]);
  }
  REQUIRE(std::abs(along) > 0.1);
  for (const double probe : {0.5, 0.1}) {
    train::Cost cost;
    train::Differences(objective, probe)
        .simultaneous(batch, {{}, digital, state, {}, estimate}, stream, cost);
    for (std::size_t k = 0; k < signs.size(); ++k)
      CHECK(double(estimate[k]) == Approx(along * double(signs[k])).epsilon(1e-4));
  }
}

TEST_CASE("differences at an end of a control's range are divided by the way that the control really went") {
  Setting s({"mrr:out=3"});
  FirstBatch f(s);
  auto& [objective, start, x, batch] = f;
  const auto upper = float(objective.map(0).upper());
  start.controls[0] = upper;
  start.controls[4] = 0.999F * upper;
  std::vector<float> state(start.state), exact(start.controls.size()), exact_digital(start.digital.size()),
      found(exact.size()), found_digital(exact_digital.size());
  f.exact_gradient(state, exact, exact_digital);
  constexpr double probe = 2e-3;
  train::Cost cost;
  train::Differences(objective, probe)
      .coordinates(batch, {start.controls, start.digital, state, found, found_digital}, cost);
  for (const std::size_t k : {0U, 4U}) {
    REQUIRE(std::abs(exact[k]) > 1e-4);
    CHECK(found[k] == Approx(exact[k]).epsilon(0.1));  // divided by twice the probe it would be a half, 3/4
  }
  // what is simultaneous stays within the range as well: the two losses differ by Σ_j g_j (x₊ − x₋)_j, to
  // second order, of which each estimate is the quotient with its own way
  const Stream stream{3, Purpose::probe_direction};
  std::vector<float> signs(exact.size() + exact_digital.size());
  fill_symmetric(stream, signs);
  train::Differences(objective, probe)
      .simultaneous(batch, {start.controls, start.digital, state, found, found_digital}, stream, cost);
  CHECK(std::abs(found[0]) == Approx(2 * std::abs(found[1])).epsilon(1e-3));
}

TEST_CASE("differences of losses give the gradient of every parameter") {
  Setting s({"mzi:modes=6,keep=3"});
  FirstBatch f(s);
  auto& [objective, start, x, batch] = f;
  std::vector<float> state(start.state), exact(start.controls.size()), exact_digital(start.digital.size()),
      found(exact.size()), found_digital(exact_digital.size());
  f.exact_gradient(state, exact, exact_digital);
  train::Cost cost;
  train::Differences(objective, 1e-3)
      .coordinates(batch, {start.controls, start.digital, state, found, found_digital}, cost);
  CHECK(cost.evaluations == 1 + 2 * (exact.size() + exact_digital.size()));
  // losses of about 1 are known to 1e-7, steps are 2 · 6e-3 rad: 2e-5, and the third derivative less
  for (std::size_t k = 0; k < exact.size(); ++k) CHECK(found[k] == Approx(exact[k]).margin(2e-4));
  for (std::size_t k = 0; k < exact_digital.size(); ++k)
    CHECK(found_digital[k] == Approx(exact_digital[k]).margin(2e-3));
}

TEST_CASE("training on a device repeats, and resumes to the same numbers, noise and residual maps included") {
  for (const train::Method method : {Method::pat, Method::dat, Method::spsa}) {
    Setting s(meshes, platform::Process());
    s.settings.method = method;
    s.settings.updates.lr = 1e-3;
    const train::Params whole = s.train();
    train::Params half;
    test::StopAfter stop(4);
    CHECK_THROWS_AS(s.train(nullptr, &stop, &half), Interrupted);
    const train::Params resumed = s.train(&half);
    INFO(word_of(method));
    CHECK(distance(whole, resumed) == 0);
    CHECK(whole.digital[0].values.data == resumed.digital[0].values.data);
    CHECK(whole.optimizer.device_calls == resumed.optimizer.device_calls);
    CHECK(whole.history.test_score == resumed.history.test_score);
  }
}

TEST_CASE("what a lab cannot set is not perturbed in situ") {
  train::TrainSettings settings;
  settings.method = Method::sat;
  settings.in_situ.enabled = true;
  CHECK_NOTHROW(settings.check());
  settings.system.perturb = {"temperature=1"};
  CHECK_THROWS_AS(settings.check(), UsageError);
  settings.system.perturb.clear();
  settings.perturbation.scale = train::Scale::response;
  CHECK_THROWS_AS(settings.check(), UsageError);
  settings.perturbation.scale = train::Scale::range;
  settings.method = Method::process;
  CHECK_THROWS_AS(settings.check(), UsageError);
}
