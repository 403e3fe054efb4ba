// Every layer's backward pass against what the loss does, in double.
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <numeric>
#include <utility>

#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/network.hpp"
#include "tests/catch.hpp"
#include "tests/taylor.hpp"

using namespace pnn;
using network::Statistics;

namespace {

std::vector<double> random_values(std::size_t n, std::uint16_t stream, double scale = 1) {
  std::vector<double> values(n);
  fill_symmetric({7, Purpose::test, stream}, values);
  for (double& v : values) v *= scale;
  return values;
}

/// A network with random parameters and a random batch.
template <class Real>
struct Bench {
  Bench(const network::NetworkSpec& spec, Index samples)
      : net(network::resolve(spec, {})),
        layout(network::digital_layout(net)),
        pass(net, samples),
        x(samples, net.input.size()) {
    for (const auto& plan : net.plans()) {
      const std::vector<std::size_t> shape = plan->weights_port().shape;
      const Index cols = Index(shape.back());
      const Index rows =
          Index(std::accumulate(shape.begin(), shape.end() - 1, std::size_t(1), std::multiplies<>()));
      weights.emplace_back(rows, cols);
      const auto values = random_values(std::size_t(rows * cols), std::uint16_t(10 + weights.size()));
      for (Index k = 0; k < rows * cols; ++k) weights.back().data()[k] = Real(values[std::size_t(k)]);
      gradients.emplace_back(rows, cols);
    }
    const auto d = random_values(std::size_t(layout.trained_size), 2),
               inputs = random_values(std::size_t(x.size()), 3);
    for (double v : d) digital.push_back(Real(0.7 + 0.5 * v));
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = Real(inputs[std::size_t(k)]);
    state.assign(std::size_t(layout.state_size), Real(0.3));
    digital_gradient.resize(digital.size());
    pictures.resize(samples + 2, net.output().size());
    const auto shown = random_values(std::size_t(pictures.size()), 4, 2);
    for (Index k = 0; k < pictures.size(); ++k) pictures.data()[k] = Real(shown[std::size_t(k)]);
    for (Index n = 0; n < samples; ++n) labels.push_back(std::int32_t(n % net.output().size()));
  }
  network::Parameters<Real> parameters() { return {weights, digital, state}; }
  double loss(Statistics statistics, network::Task task) {
    pass.forward(view(std::as_const(x)), parameters(), statistics);
    const Index rows = task == network::Task::generate ? pictures.rows() : x.rows();
    return pass.loss(task, labels, ConstMatrixView<Real>(pictures.data(), rows, pictures.cols()), smoothing)
        .mean;
  }

  network::Resolved net;
  network::DigitalLayout layout;
  network::Pass<Real> pass;
  Matrix<Real> x, pictures;
  std::vector<Matrix<Real>> weights, gradients;
  std::vector<Real> digital, digital_gradient, state;
  std::vector<std::int32_t> labels;
  double smoothing = 0;
};

void check_gradients(const network::NetworkSpec& spec, Statistics statistics, network::Task task,
                     double smoothing = 0) {
  Bench<double> b(spec, 5);
  b.smoothing = smoothing;
  b.pass.set_drop(Stream{3, Purpose::dropout, 0, 0, 17});
  if (statistics == Statistics::kept)
    b.pass.forward(view(std::as_const(b.x)), b.parameters(), Statistics::batch);
  b.loss(statistics, task);
  b.pass.backward(b.parameters(), {b.gradients, b.digital_gradient});
  if (!b.digital.empty()) {
    const auto of_digital = [&](std::span<const double> values) {
      std::vector<double> saved(values.begin(), values.end());
      std::swap(saved, b.digital);
      const double loss = b.loss(statistics, task);
      std::swap(saved, b.digital);
      return loss;
    };
    CHECK(test::taylor_order(of_digital, b.digital, b.digital_gradient, 1e-3) > 1.8);
  }
  for (std::size_t p = 0; p < b.weights.size(); ++p) {
    const Matrix<double> start = b.weights[p];
    const auto of_weights = [&](std::span<const double> values) {
      std::copy(values.begin(), values.end(), b.weights[p].data());
      const double loss = b.loss(statistics, task);
      b.weights[p] = start;
      return loss;
    };
    const std::span<const double> at(start.data(), std::size_t(start.size()));
    CHECK(test::taylor_order(of_weights, at, {b.gradients[p].data(), at.size()}, 1e-3) > 1.8);
  }
}

}  // namespace

TEST_CASE("the gradient of every layer predicts the change of the loss") {
  const std::vector<network::NetworkSpec> specs = {
      {"7", {"mrr:out=4"}},
      {"7", {"dense:out=4"}},
      {"7", {"mrr:out=6", "sigmoid", "mrr:out=3"}},
      {"7", {"mrr:out=6", "tanh", "dense:out=3"}},
      {"7", {"mrr:out=6", "softplus", "dense:out=3"}},
      {"7", {"dense:out=6", "abs2", "dense:out=3"}},
      {"7", {"mrr:out=6", "relu", "dense:out=3"}},
      {"7", {"mrr:out=6", "batchnorm", "tanh", "mrr:out=3"}},
      {"2x6x5", {"conv:out=3,kernel=3", "tanh", "mrr:out=3"}},
      {"2x6x5",
       {"mrr-conv:out=3,kernel=3,pad=1", "batchnorm", "tanh", "mrr-conv:out=2,kernel=2,stride=2", "sigmoid",
        "dense:out=3"}},
      {"2x7x5", {"mrr-conv:out=3,kernel=3,pad=2,stride=2", "maxpool:2", "tanh", "mrr:out=3"}},
      {"2x6x5", {"save:a", "conv:out=2,kernel=3,pad=1", "tanh", "add:a", "dense:out=3"}},
      {"2x7x5",
       {"conv:out=4,kernel=3,pad=1", "batchnorm", "save:a", "relu", "mrr-conv:out=4,kernel=3,pad=1",
        "batchnorm", "add:a", "tanh", "save:b", "conv:out=6,kernel=3,pad=1,stride=2", "batchnorm",
        "add:b,stride=2", "softplus", "avgpool:2", "dense:out=3"}},
      {"5",
       {"dense:out=6", "tanh", "save:a", "mrr:out=6", "save:b", "batchnorm", "add:a", "save:c", "dense:out=6",
        "add:b", "sigmoid", "add:c", "add:a", "mrr:out=3"}},
      {"4x5x6",
       {"conv:out=4,kernel=3,pad=1,groups=4", "tanh", "conv:out=6,kernel=2,stride=2,groups=2", "sigmoid",
        "avgpool:global", "dense:out=3"}},
      {"6", {"dense:out=9", "tanh", "dropout:0.3", "mrr:out=7", "dropout", "dense:out=3"}},
      {"5", {"mzi:modes=5"}},
      {"5", {"mzi:modes=5,detect=modulus", "dense:out=3"}},
      {"5", {"dense:out=4", "mzi:modes=4,detect=coherent,keep=3"}},
      {"5", {"mzi:modes=5,layout=svd,detect=intensity", "batchnorm", "tanh", "mrr:out=3"}},
      {"5c", {"mzi:modes=5,keep=3", "normalize"}},
      {"6", {"freespace:out=5", "sigmoid", "freespace:out=3,grid=1x2,signed=offset"}},
      {"6", {"d2nn:out=3,pixels=12x10,gap=0.05,image=2x3,block=3", "normalize"}},
      {"4",
       {"dense:out=6", "d2nn:out=4,masks=3,pixels=11,gap=0.03,image=3x2,encode=phase,detectors=2x2,side=4"}},
      {"4c",
       {"normalize:power=9", "mzi:modes=4,detect=field", "electro-optic", "mzi:modes=4,detect=field",
        "electro-optic", "mzi:modes=4,detect=intensity,keep=3"}},
  };
  for (const auto& spec : specs) {
    INFO(spec.layers.front() + " …");
    check_gradients(spec, Statistics::batch, network::Task::classify);
    check_gradients(spec, Statistics::running, network::Task::classify);
    check_gradients(spec, Statistics::kept, network::Task::classify);
  }
  check_gradients({"6", {"dense:out=5", "tanh", "dense:out=4"}}, Statistics::batch, network::Task::classify,
                  0.2);
  check_gradients({"6", {"mrr:out=3", "sigmoid", "dense:out=6"}}, Statistics::batch,
                  network::Task::reconstruct);
  for (const Statistics statistics : {Statistics::batch, Statistics::running})
    check_gradients({"6", {"mrr:out=5", "batchnorm", "sigmoid", "mrr:out=2"}}, statistics,
                    network::Task::regress);
  check_gradients({"3", {"mrr:out=5", "batchnorm", "tanh", "dense:out=6", "sigmoid"}}, Statistics::batch,
                  network::Task::generate);
}

TEST_CASE("a convolution is the sum written out") {
  Bench<double> b({"2x5x6", {"mrr-conv:out=3,kernel=3,pad=1,stride=2"}}, 2);
  b.digital = {1.0};  // the gain
  const auto y = b.pass.forward(view(std::as_const(b.x)), b.parameters(), Statistics::running);
  const auto out = b.net.output();
  REQUIRE(out == network::Shape{3, 3, 3});
  for (Index n = 0; n < 2; ++n) {
    for (Index o = 0; o < 3; ++o) {
      for (Index r = 0; r < 3; ++r) {
        for (Index c = 0; c < 3; ++c) {
          double sum = 0;
          for (Index ch = 0; ch < 2; ++ch) {
            for (Index i = 0; i < 3; ++i) {
              for (Index j = 0; j < 3; ++j) {
                const Index row = 2 * r + i - 1, col = 2 * c + j - 1;
                if (row < 0 || row >= 5 || col < 0 || col >= 6) continue;
                sum += b.weights[0](o, ch * 9 + i * 3 + j) * b.x(n, ch * 30 + row * 6 + col);
              }
            }
          }
          CHECK(y(n, o * 9 + r * 3 + c) == Approx(sum).margin(1e-12));
        }
      }
    }
  }
}

TEST_CASE("batchnorm gives zero mean and unit variance to every channel, and learns both") {
  Bench<double> b({"3x4x4", {"batchnorm"}}, 40);  // more than two chunks of samples
  for (Index k = 0; k < b.x.size(); ++k) b.x.data()[k] = 1000 + 3 * b.x.data()[k];
  for (std::size_t c = 0; c < 3; ++c) {
    b.digital[c] = 1;
    b.digital[3 + c] = 0;
  }
  const auto y = b.pass.forward(view(std::as_const(b.x)), b.parameters(), Statistics::batch_and_replace);
  for (Index c = 0; c < 3; ++c) {
    double mean = 0, square = 0;
    for (Index n = 0; n < 40; ++n) {
      for (Index i = 0; i < 16; ++i) {
        mean += y(n, c * 16 + i) / 640;
        square += y(n, c * 16 + i) * y(n, c * 16 + i) / 640;
      }
    }
    CHECK(std::abs(mean) < 1e-9);
    CHECK(square == Approx(1).epsilon(1e-4));  // epsilon of the normalisation against a variance of 3
    CHECK(b.state[std::size_t(c)] == Approx(1000).epsilon(1e-3));
  }
  const std::vector<double> replaced = b.state;
  b.pass.forward(view(std::as_const(b.x)), b.parameters(), Statistics::batch);
  CHECK(b.state == replaced);
}

TEST_CASE("a pass gives the same bits on one thread and on three") {
  const network::NetworkSpec spec{"1x12x12",
                                  {"mrr-conv:out=5,kernel=3,pad=1", "batchnorm", "relu", "maxpool:2",
                                   "save:a", "conv:out=10,kernel=3,pad=1,stride=2,groups=5", "add:a,stride=2",
                                   "avgpool:2", "dropout:0.2", "mrr:out=70", "relu", "mrr:out=10"}};
  const auto run = [&](int count) {
    set_threads(count);
    Bench<float> b(spec, 130);
    b.pass.set_drop(Stream{1, Purpose::dropout, 0, 0, 4});
    b.loss(Statistics::batch_and_update, network::Task::classify);
    b.pass.backward(b.parameters(), {b.gradients, b.digital_gradient});
    std::vector<float> all(b.state);
    all.insert(all.end(), b.digital_gradient.begin(), b.digital_gradient.end());
    for (const auto& g : b.gradients) all.insert(all.end(), g.data(), g.data() + g.size());
    return all;
  };
  const auto one = run(1), three = run(3);
  set_threads(0);
  CHECK(one == three);
}

TEST_CASE("a mesh layer is its complex matrix and its detector written out") {
  using Complex = std::complex<double>;
  const std::vector<std::pair<std::string, std::function<double(Complex)>>> detectors = {
      {"intensity", [](Complex z) { return std::norm(z); }},
      {"modulus", [](Complex z) { return std::abs(z); }},
      {"coherent", [](Complex z) { return z.real(); }},
  };
  for (const std::string inputs : {"4", "4c"}) {
    for (const auto& [word, detector] : detectors) {
      Bench<double> b({inputs, {"mzi:modes=4,detect=" + word + ",keep=3"}}, 3);
      b.digital = {1.5};  // the gain
      const auto y = b.pass.forward(view(std::as_const(b.x)), b.parameters(), Statistics::running);
      REQUIRE(y.cols() == 3);
      for (Index n = 0; n < 3; ++n) {
        for (Index o = 0; o < 3; ++o) {
          Complex z = 0;
          for (Index j = 0; j < 4; ++j) {
            const Complex x(b.x(n, j), inputs == "4c" ? b.x(n, 4 + j) : 0.0);
            z += Complex(b.weights[0](o, j), b.weights[0](4 + o, j)) * x;
          }
          CHECK(y(n, o) == Approx(1.5 * detector(z)).margin(1e-12));
        }
      }
    }
  }
}

TEST_CASE("the electro-optic activation and the normalisation are their formulas written out") {
  using Complex = std::complex<double>;
  const Complex i(0, 1);
  Bench<double> b({"3c", {"electro-optic", "normalize:power=2"}}, 4);
  const auto y = b.pass.forward(view(std::as_const(b.x)), b.parameters(), Statistics::running);
  for (Index n = 0; n < 4; ++n) {
    std::vector<Complex> z;
    double power = 0;
    for (Index m = 0; m < 3; ++m) {
      const Complex x(b.x(n, m), b.x(n, 3 + m));
      const double p = 0.05 * std::numbers::pi * std::norm(x) / 2 + std::numbers::pi / 2;
      z.push_back(std::sqrt(0.9) * x * std::exp(-i * p) * std::cos(p));
      power += std::norm(z.back());
    }
    for (Index m = 0; m < 3; ++m) {
      const Complex expected = z[std::size_t(m)] * std::sqrt(2 / power);
      CHECK(y(n, m) == Approx(expected.real()).margin(1e-12));
      CHECK(y(n, 3 + m) == Approx(expected.imag()).margin(1e-12));
    }
  }
}
