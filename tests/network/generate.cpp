// What a generator is shown, and the energy distance that it learns by.
#include "pnn/network/generate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/evaluate.hpp"
#include "tests/catch.hpp"
#include "tests/taylor.hpp"

using namespace pnn;

namespace {

template <class Real>
Matrix<Real> sample(Index n, Index d, std::uint16_t stream, std::uint32_t step = 0) {
  Matrix<Real> m(n, d);
  fill_symmetric({9, Purpose::test, stream, 0, step}, std::span<Real>(m.data(), std::size_t(m.size())));
  return m;
}

template <class Real>
double distance(const Matrix<Real>& a, const Matrix<Real>& b) {
  return network::energy_distance<Real>(view(a), view(b), MatrixView<Real>(nullptr, 0, a.cols()));
}

/// The definition, pair by pair.
double written_out(const Matrix<double>& a, const Matrix<double>& b) {
  const auto mean = [](const Matrix<double>& x, const Matrix<double>& y, bool same) {
    double sum = 0;
    Index pairs = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index j = 0; j < y.rows(); ++j) {
        if (same && i == j) continue;
        sum += (x.row(i) - y.row(j)).norm();
        ++pairs;
      }
    }
    return sum / double(pairs);
  };
  return 2 * mean(a, b, false) - mean(a, a, true) - mean(b, b, true);
}

}  // namespace

TEST_CASE("the energy distance is its definition, in float as in double") {
  const Matrix<double> a = sample<double>(70, 5, 1), b = sample<double>(41, 5, 2);  // three and two chunks
  const double expected = written_out(a, b);
  CHECK(distance(a, b) == Approx(expected).margin(1e-12));
  // distances of about 1.8, from squares that lose a few units of 1.2e-7 times their size of about 4
  CHECK(distance<float>(a.cast<float>(), b.cast<float>()) == Approx(expected).margin(1e-5));
}

TEST_CASE("the energy distance of two points is twice how far they are apart") {
  Matrix<double> a = Matrix<double>::Zero(3, 2), b = a;
  b.col(0).array() = 3;
  b.col(1).array() = 4;
  CHECK(distance(a, b) == Approx(10));  // 2 · 5 − 0 − 0
  CHECK(distance(a, a) == 0);
}

TEST_CASE("samples of one distribution have an energy distance of 0 in the mean, those of two have not") {
  // 400 unbiased estimates; their own scatter says how far their mean may be from 0
  double mean = 0, square = 0, other = 0;
  constexpr int draws = 400;
  for (int k = 0; k < draws; ++k) {
    const auto step = std::uint32_t(k);
    const Matrix<double> a = sample<double>(8, 3, 1, step), b = sample<double>(8, 3, 2, step);
    const double e = distance(a, b);
    mean += e / draws;
    square += e * e / draws;
    other += distance<double>(1.5 * a, b) / draws;
  }
  const double error = std::sqrt((square - mean * mean) / draws);
  CHECK(std::abs(mean) < 4 * error);
  CHECK(other > 4 * error);
}

TEST_CASE("the gradient of the energy distance predicts its change") {
  const Matrix<double> a = sample<double>(37, 4, 1), b = sample<double>(50, 4, 2);
  Matrix<double> gradient(a.rows(), a.cols());
  network::energy_distance<double>(view(a), view(b), view(gradient));
  const auto f = [&](std::span<const double> x) {
    return network::energy_distance<double>({x.data(), a.rows(), a.cols()}, view(b),
                                            MatrixView<double>(nullptr, 0, a.cols()));
  };
  const std::span<const double> at(a.data(), std::size_t(a.size()));
  std::vector<double> g(gradient.data(), gradient.data() + gradient.size());
  CHECK(test::taylor_order(f, at, g, 3e-3) > 1.8);
  for (double& v : g) v *= 1.01;
  CHECK(test::taylor_order(f, at, g, 3e-3) < 1.2);
}

TEST_CASE("outputs that are all the same have a gradient that is finite and drives nothing apart") {
  Matrix<float> a(6, 3), gradient(6, 3);
  a.setConstant(0.3F);
  const Matrix<float> b = sample<float>(6, 3, 2);
  const double e = network::energy_distance<float>(view(std::as_const(a)), view(b), view(gradient));
  CHECK(std::isfinite(e));
  CHECK(gradient.allFinite());
  for (Index n = 1; n < 6; ++n) CHECK(gradient.row(n) == gradient.row(0));
}

TEST_CASE("the energy distance has the same bits for one and two threads") {
  const Matrix<float> a = sample<float>(128, 49, 1), b = sample<float>(128, 49, 2);
  Matrix<float> one(128, 49), two(128, 49);
  set_threads(1);
  const double first = network::energy_distance<float>(view(a), view(b), view(one));
  set_threads(2);
  const double second = network::energy_distance<float>(view(a), view(b), view(two));
  set_threads(0);
  CHECK(first == second);
  CHECK(one == two);
}

TEST_CASE("latent vectors are uniform powers, equal for a number of samples and its part") {
  network::Split data{sample<float>(1000, 4, 1), {}};
  for (std::int32_t n = 0; n < 1000; ++n) data.y.push_back(n);  // says which row this was
  const network::LatentSplit many = network::latent_split(data, 7);
  CHECK(many.x.minCoeff() > 0);
  CHECK(many.x.maxCoeff() < 1);
  // 7000 uniform numbers: mean 1/2 ± 1/sqrt(12 · 7000) = 0.0035, of which four
  CHECK(double(many.x.mean()) == Approx(0.5).margin(0.014));
  CHECK(network::latent_split(network::first_samples(data, 10), 7).x == many.x.topRows(10));
  CHECK_THROWS_AS(network::latent_split(network::first_samples(data, 1), 7), InputError);
  CHECK(network::latent_split({}, 7).x.rows() == 0);
  // every picture once, in an order in which the first half of the data is a sample of it
  CHECK(many.pictures.data() == data.x.data());  // a view, not a copy
  std::vector<std::int32_t> rows(many.order.begin(), many.order.end());
  // of 250 rows without replacement about 125 ± 6.8 are of the first half, of which four
  CHECK(std::abs(std::count_if(rows.begin(), rows.begin() + 250, [](int r) { return r < 500; }) - 125) < 28);
  std::sort(rows.begin(), rows.end());
  CHECK(rows == data.y);
}

TEST_CASE("a generator is evaluated in batches, and a batch of one sample does not count") {
  const network::Resolved net = network::resolve({"3", {"dense:out=2"}}, {});
  const std::vector<float> digital = {1, 0, 0, 0, 1, 0, 0, 0};  // gives the first two latent numbers
  const network::Parameters<float> parameters{{}, digital, {}};
  const auto evaluated = [&](Index n, Matrix<float>* outputs) {
    Matrix<float> x = sample<float>(252, 2, 1);
    // equal pictures, whatever their order
    x.rowwise() = x.row(0).eval();
    const network::Split data{x.topRows(n), std::vector<std::int32_t>(std::size_t(n), 0)};
    return network::evaluate(net, parameters, network::latent_split(data, 3), network::Task::generate,
                             nullptr, outputs)
        .loss;
  };
  Matrix<float> outputs;
  const double whole = evaluated(250, &outputs);
  const network::Split data{sample<float>(250, 2, 1), std::vector<std::int32_t>(250)};
  const network::LatentSplit latents = network::latent_split(data, 3);
  CHECK(outputs == latents.x.leftCols(2));
  CHECK(whole > 0.1);
  CHECK(evaluated(251, nullptr) == whole);
  CHECK(evaluated(252, nullptr) != whole);
}
