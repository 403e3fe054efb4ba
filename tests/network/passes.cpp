// What layers compute in few passes over memory has the bits of the sums and layers written out.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "pnn/network/layer_op.hpp"
#include "tests/catch.hpp"
#include "tests/shifted.hpp"

using namespace pnn;

namespace {

constexpr Index samples = 11;  // two chunks of images of a convolution

template <class Real>
Matrix<Real> random_matrix(Index rows, Index cols, std::uint16_t stream) {
  const auto values = test::rounding_numbers<Real>(std::size_t(rows * cols), stream);
  return ConstMatrixView<Real>(values.data(), rows, cols);
}

/// Output, gradient by the input and gradient of the parameters of one layer.
template <class Real>
struct Outcome {
  Matrix<Real> y, dx;
  std::vector<Real> gradient, state;
};

template <class Real>
Outcome<Real> outcome(const network::Layer& layer, const network::Offsets& offsets, Index parameters,
                      const Matrix<Real>& x, const Matrix<Real>& dy, bool rectified = false) {
  auto digital = test::rounding_numbers<Real>(std::size_t(parameters), 3);
  Outcome<Real> o{Matrix<Real>(x.rows(), layer.out.size()), Matrix<Real>(x.rows(), layer.in.size()),
                  std::vector<Real>(digital.size()),
                  test::rounding_numbers<Real>(std::size_t(parameters), 4)};
  const network::Parameters<Real> p{{}, digital, o.state};
  const auto op = network::make_layer<Real>(layer, offsets, x.rows(), rectified);
  op->forward(view(x), view(o.y), p, network::Statistics::batch_and_update);
  op->backward(view(x), view(std::as_const(o.y)), view(dy), view(o.dx), p, {{}, o.gradient});
  return o;
}

/// A digital convolution in plain loops: products in the order of taps or positions, each added with a single
/// rounding, weight gradients of eight images together; gradients by pixels tap by tap.
template <class Real>
Outcome<Real> written_out(const network::Layer& layer, const Matrix<Real>& x, const Matrix<Real>& dy) {
  const Index in = layer.in.channels, out = layer.out.channels, k = layer.kernel, taps = in * k * k;
  const auto digital = test::rounding_numbers<Real>(std::size_t(out * (taps + 1)), 3);
  const Index wide = layer.out.width, places = layer.out.height * wide;
  Outcome<Real> o{Matrix<Real>(x.rows(), out * places),
                  Matrix<Real>::Zero(x.rows(), layer.in.size()),
                  std::vector<Real>(digital.size(), Real(0)),
                  {}};
  const auto pixel = [&](Index tap, Index place) {  // −1 in the border
    const Index row = place / wide * layer.stride + tap / k % k - layer.pad,
                col = place % wide * layer.stride + tap % k - layer.pad;
    if (row < 0 || row >= layer.in.height || col < 0 || col >= layer.in.width) return Index(-1);
    return (tap / (k * k) * layer.in.height + row) * layer.in.width + col;
  };
  std::vector<Real> part(std::size_t(out * taps));
  for (Index n = 0; n < x.rows(); ++n) {
    if (n % 8 == 0) std::fill(part.begin(), part.end(), Real(0));
    const auto value = [&](Index at) { return at < 0 ? Real(0) : x(n, at); };
    for (Index c = 0; c < out; ++c) {
      for (Index place = 0; place < places; ++place) {
        Real sum = 0;
        for (Index t = 0; t < taps; ++t)
          sum = std::fma(digital[std::size_t(c * taps + t)], value(pixel(t, place)), sum);
        o.y(n, c * places + place) = sum + digital[std::size_t(out * taps + c)];
      }
      for (Index t = 0; t < taps; ++t) {
        Real& sum = part[std::size_t(c * taps + t)];
        for (Index place = 0; place < places; ++place)
          sum = std::fma(dy(n, c * places + place), value(pixel(t, place)), sum);
      }
    }
    for (Index t = 0; t < taps; ++t) {
      for (Index place = 0; place < places; ++place) {
        Real sum = 0;
        for (Index c = 0; c < out; ++c)
          sum = std::fma(digital[std::size_t(c * taps + t)], dy(n, c * places + place), sum);
        if (pixel(t, place) >= 0) o.dx(n, pixel(t, place)) += sum;
      }
    }
    if (n % 8 == 7 || n + 1 == x.rows())
      for (std::size_t i = 0; i < part.size(); ++i) o.gradient[i] += part[i];
  }
  return o;
}

template <class Real>
void check_convolution(const std::string& input, const std::string& text) {
  const network::Resolved net = network::resolve({input, {text}}, {});
  const network::Layer& layer = net.layers.front();
  const Index weights = layer.matrix_rows * layer.matrix_cols;
  const auto x = random_matrix<Real>(samples, layer.in.size(), 1),
             dy = random_matrix<Real>(samples, layer.out.size(), 2);
  const auto given = outcome<Real>(layer, {0, weights}, weights + layer.matrix_rows, x, dy);
  const auto wanted = written_out<Real>(layer, x, dy);
  CHECK(given.y == wanted.y);
  CHECK(given.dx == wanted.dx);
  for (Index i = 0; i < weights; ++i) {
    if (given.gradient[std::size_t(i)] == wanted.gradient[std::size_t(i)]) continue;
    FAIL_CHECK("gradient of weight " << i);
    break;
  }
}

template <class Real>
void check_rectified(const std::string& input) {
  const network::Resolved net = network::resolve({input, {"batchnorm", "relu"}}, {});
  const network::Layer &normal = net.layers[0], &relu = net.layers[1];
  const Index channels = normal.in.channels;
  const network::Offsets offsets{0, channels, 0, channels};
  const auto x = random_matrix<Real>(40, normal.in.size(), 1),
             dy = random_matrix<Real>(40, normal.in.size(), 2);
  const auto fused = outcome<Real>(normal, offsets, 2 * channels, x, dy, true);
  const auto first = outcome<Real>(normal, offsets, 2 * channels, x, dy);
  const auto second = outcome<Real>(relu, {}, 0, first.y, dy);
  const auto apart = outcome<Real>(normal, offsets, 2 * channels, x, second.dx);
  CHECK(fused.y == second.y);
  CHECK(fused.dx == apart.dx);
  CHECK(fused.gradient == apart.gradient);
  CHECK(fused.state == apart.state);
  const auto none = (fused.y.array() == Real(0)).count();
  CHECK(none > fused.y.size() / 8);
  CHECK(none < fused.y.size() * 7 / 8);
}

}  // namespace

TEST_CASE("a convolution has the bits of its sums written out, whatever its sizes") {
  for (const auto& [input, layer] : {std::pair("1x28x28", "conv:out=6,kernel=5,pad=2"),
                                     {"6x14x14", "conv:out=16,kernel=5"},
                                     {"2x5x3", "conv:out=25,kernel=3,pad=2"},
                                     {"3x3x37", "conv:out=13,kernel=2,pad=1"},
                                     {"2x6x70", "conv:out=3,kernel=1"},
                                     {"1x4x17", "conv:out=1,kernel=4"},
                                     {"9x8x8", "conv:out=40,kernel=3,pad=1"},
                                     {"35x4x4", "conv:out=70,kernel=3,pad=1"},
                                     {"2x9x8", "conv:out=5,kernel=3,pad=1,stride=2"},
                                     {"17x7x6", "conv:out=33,kernel=3,stride=3"}}) {
    INFO(input << " " << layer);
    check_convolution<float>(input, layer);
    check_convolution<double>(input, layer);
  }
}

TEST_CASE("batch normalisation with its ReLU has the bits of one after the other") {
  for (const auto* input : {"13", "3x5x7", "2x16x16"}) {
    INFO(input);
    check_rectified<float>(input);
    check_rectified<double>(input);
  }
}

TEST_CASE("a number that is none gets through batch normalisation with its ReLU") {
  const network::Resolved net = network::resolve({"3", {"batchnorm", "relu"}}, {});
  auto x = random_matrix<float>(4, 3, 1);
  x(2, 1) = std::nanf("");
  const auto y = outcome<float>(net.layers[0], {0, 3, 0, 3}, 6, x, random_matrix<float>(4, 3, 2), true).y;
  CHECK(std::isnan(y(2, 1)));
  CHECK(y(2, 0) >= 0);
}
