// Regression on networks of rings: against least squares where the target is linear, beyond it where it is
// not, in silico and on a device.
#include <cmath>
#include <utility>

#include <Eigen/QR>

#include "pnn/core/threads.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using train::Method;

namespace {

constexpr Index wavelengths = 8;

void scale(network::Dataset& data) {
  for (std::size_t k = 0; k < data.targets.size(); ++k) {
    const Vector<double> own = data.train.targets.col(Index(k)).cast<double>();
    const double mean = own.mean(), deviation = std::sqrt((own.array() - mean).square().mean());
    for (network::Split* split : {&data.train, &data.test})
      for (Index n = 0; n < split->size(); ++n)
        split->targets(n, Index(k)) = float((double(split->targets(n, Index(k))) - mean) / deviation);
    data.targets[k].mean = mean;
    data.targets[k].scale = deviation;
  }
}

/// The drop port of rings at eight wavelengths around 1550 nm: T = A/(1 + (2 (λ − δ)/w)²) with detuning δ
/// within ±60 pm, width w of 20 to 50 pm, an unknown power A of 0.5 to 1, and read-out noise of 0.01. The
/// targets are δ and w; how they go into T is not linear.
network::Dataset ring_spectra(Index samples, Index tests) {
  network::Dataset data;
  data.name = "spectra";
  data.shape = {wavelengths, 1, 1};
  data.targets = {{"detuning (pm)"}, {"width (pm)"}};
  const auto fill = [](network::Split& split, Index n, std::uint16_t stream) {
    split.x.resize(n, wavelengths);
    split.targets.resize(n, 2);
    Matrix<float> drawn(n, 3), noise(n, wavelengths);
    fill_symmetric({5, Purpose::test, stream}, std::span<float>(drawn.data(), std::size_t(drawn.size())));
    fill_normal({6, Purpose::test, stream}, std::span<float>(noise.data(), std::size_t(noise.size())));
    for (Index k = 0; k < n; ++k) {
      const double detuning = 60 * double(drawn(k, 0)), width = 35 + 15 * double(drawn(k, 1)),
                   power = 0.75 + 0.25 * double(drawn(k, 2));
      for (Index l = 0; l < wavelengths; ++l) {
        const double away = 2 * (-80 + 160.0 * double(l) / double(wavelengths - 1) - detuning) / width;
        split.x(k, l) = float(std::max(0.0, power / (1 + away * away) + 0.01 * double(noise(k, l))));
      }
      split.targets.row(k) << float(detuning), float(width);
    }
  };
  fill(data.train, samples, 1);
  fill(data.test, tests, 2);
  scale(data);
  return data;
}

/// Eight inputs within 0..1 and one target, linear in them with noise of a tenth of its deviation.
network::Dataset plane(Index samples, Index tests) {
  network::Dataset data = ring_spectra(samples, tests);
  data.targets = {{"sum"}};
  std::uint16_t stream = 7;
  for (network::Split* split : {&data.train, &data.test}) {
    fill_symmetric({5, Purpose::test, ++stream},
                   std::span<float>(split->x.data(), std::size_t(split->x.size())));
    split->x = (split->x.array() + 1) / 2;
    std::vector<float> noise(std::size_t(split->size()));
    fill_normal({9, Purpose::test, stream}, noise);
    split->targets.resize(split->size(), 1);
    for (Index n = 0; n < split->size(); ++n) {
      double sum = 3;
      for (Index l = 0; l < wavelengths; ++l) sum += (double(l) - 3) * double(split->x(n, l));
      split->targets(n, 0) = float(sum + 0.2 * double(noise[std::size_t(n)]));
    }
  }
  scale(data);
  return data;
}

/// R² on the test samples of a linear function that is fitted to the training samples by least squares.
double least_squares(const network::Dataset& data) {
  const auto inputs = [](const network::Split& split) {
    Matrix<double> x(split.size(), split.x.cols() + 1);
    x.leftCols(split.x.cols()) = split.x.cast<double>();
    x.rightCols(1).setOnes();
    return x;
  };
  const Matrix<double> x = inputs(data.train), y = data.train.targets.cast<double>();
  const Matrix<double> b = x.colPivHouseholderQr().solve(y);
  const Matrix<double> left = inputs(data.test) * b - data.test.targets.cast<double>();
  return 1 - left.squaredNorm() / double(left.size()) / network::target_variance(data.test);
}

test::Learner learner(const std::vector<std::string>& layers, network::Dataset data, int epochs) {
  test::Learner l({std::to_string(wavelengths), layers}, std::move(data), 25, 1e-2);
  l.settings.task = network::Task::regress;
  l.settings.length.epochs = l.settings.length.evaluate_every = epochs;
  return l;
}

const std::vector<std::string> deep = {"mrr:out=24", "batchnorm", "tanh", "mrr:out=2", "batchnorm"};

}  // namespace

TEST_CASE("rings learn what is linear as well as least squares do, to 0.01 in R²") {
  const network::Dataset data = plane(600, 300);
  const double linear = least_squares(data);
  CHECK(linear > 0.95);  // the noise leaves no more to anybody
  const train::Params p = learner({"mrr:out=1", "batchnorm"}, data, 30).train();
  INFO("least squares " << linear << ", rings " << p.history.test_score.back());
  CHECK(p.history.test_score.back() > linear - 0.01);
  CHECK(p.history.test_score.back() < linear + 0.01);
  CHECK(p.targets == data.targets);
}

TEST_CASE("rings read detuning and width of a spectrum better than any linear function") {
  const network::Dataset data = ring_spectra(1000, 400);
  const double linear = least_squares(data);
  const test::Learner l = learner(deep, data, 30);
  const train::Params p = l.train();
  INFO("least squares " << linear << ", rings " << p.history.test_score.back());
  CHECK(linear < 0.85);
  CHECK(p.history.test_score.back() > 0.93);
  CHECK(p.history.train_score.back() ==
        Approx(1 - p.history.loss.back() / network::target_variance(data.train)));
  set_threads(3);
  const train::Params again = l.train();
  set_threads(1);
  CHECK(test::same(p, again));
  CHECK(test::same(p, l.train()));
  set_threads(0);
}

TEST_CASE("every method of training lowers the squared error, on the model or on a device") {
  const network::Dataset data = ring_spectra(300, 100);
  for (const std::string& word : word_names<Method>()) {
    test::Learner l = learner({"mrr:out=12", "tanh", "mrr:out=2"}, data, 8);
    l.settings.method = read_word<Method>(word).value();
    const bool random = l.settings.method == Method::spsa;  // which takes more steps of a smaller size
    l.settings.updates.lr = random ? 3e-3 : 1e-2;
    if (random) l.settings.length.epochs = l.settings.length.evaluate_every = 30;
    const model::Model model = l.model();
    const device::DeviceSet set = device::fabricate(l.net.plans(), l.process, 1, 7);
    const auto chip = device::make_virtual_device(set, 0);
    train::TrainInput input{l.net, model, 0, l.data, l.settings};
    if (l.settings.on_device()) input.device = chip.get();
    const train::Params p = test::run_training(input, nullptr, nullptr);
    INFO(word << ": R² " << p.history.test_score.back());
    CHECK(p.history.test_score.back() > 0.3);
  }
}

TEST_CASE("a training on the device itself beats what its design alone gives there, and resumes") {
  const network::Dataset data = ring_spectra(500, 200);
  test::Learner l = learner(deep, data, 20);
  const model::Model model = l.model();
  const device::DeviceSet set = device::fabricate(l.net.plans(), l.process, 1, 7);
  const train::Params designed = l.train();
  const auto on_chip = [&](const train::Params* initial, const train::Params* resume, Progress* progress,
                           train::Params* saved) {
    const auto chip = device::make_virtual_device(set, 0);
    train::TrainInput input{l.net, model, 0, l.data, l.settings, 1, initial, resume, chip.get()};
    return test::run_training(input, progress, saved);
  };
  l.settings.method = Method::pat;
  l.settings.length.epochs = 6, l.settings.length.evaluate_every = 3;
  const train::Params tuned = on_chip(&designed, nullptr, nullptr, nullptr);
  l.settings.updates.lr = 1e-12;  // the device with the controls of the design
  const train::Params as_designed = on_chip(&designed, nullptr, nullptr, nullptr);
  INFO("design on the chip " << as_designed.history.test_score.back() << ", tuned "
                             << tuned.history.test_score.back());
  CHECK(tuned.history.test_score.back() > as_designed.history.test_score.back());
  CHECK(tuned.history.test_score.back() > least_squares(data));
  l.settings.updates.lr = 1e-2;
  test::StopAfter stop(25);
  train::Params half;
  CHECK_THROWS_AS(on_chip(&designed, nullptr, &stop, &half), Interrupted);
  CHECK(test::same(on_chip(&designed, &half, nullptr, nullptr), tuned));
}
