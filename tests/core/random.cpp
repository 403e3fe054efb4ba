#include "pnn/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "pnn/core/polynomials.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

std::vector<double> normals(const Stream& stream, std::size_t n) {
  std::vector<double> out(n);
  fill_normal(stream, out);
  return out;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t k = 0; k < a.size(); ++k) ab += a[k] * b[k], aa += a[k] * a[k], bb += b[k] * b[k];
  return ab / std::sqrt(aa * bb);
}

/// Share of |z| ≤ t that is observed minus expected, in standard errors.
double excess(const std::vector<double>& z, double t) {
  const double expected = std::erf(t / std::numbers::sqrt2), n = double(z.size());
  const auto inside = std::count_if(z.begin(), z.end(), [&](double x) { return std::abs(x) <= t; });
  return (double(inside) / n - expected) / std::sqrt(expected * (1 - expected) / n);
}

}  // namespace

TEST_CASE("Philox gives the known answers of its authors") {
  // kat_vectors of Random123, philox 4x32, 10 rounds
  using Words = std::array<std::uint32_t, 4>;
  CHECK(detail::philox({0, 0, 0, 0}, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(detail::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(detail::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE(
    "the vectorised generator makes the words of the reference, every part of the address in its place") {
  const Stream stream{0x0123456789abcdef, Purpose::test, 0xbeef, 0xdeadbeef, 0xcafe};
  std::vector<float> values(200);
  fill_symmetric(stream, values);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto block = std::uint32_t(k / 64 * 16 + k % 16);
    const auto words = detail::philox(
        {block, stream.step, stream.device, 0xbeef0000U | std::uint32_t(stream.purpose)}, stream.seed);
    const double expected = (double(std::int32_t(words[k % 64 / 16]) >> 8) + 0.5) / 8388608;
    CHECK(double(values[k]) == expected);
  }
}

TEST_CASE("a filled array does not depend on its length, and is the same in float and double") {
  const Stream stream{5, Purpose::test, 1, 2, 3};
  std::vector<float> longest(1000), symmetric(1000);
  fill_normal(stream, longest);
  fill_symmetric(stream, symmetric);
  for (const std::size_t n : {1, 15, 16, 17, 63, 64, 65, 999}) {
    std::vector<float> a(n), b(n);
    std::vector<double> c(n);
    fill_normal(stream, a);
    fill_symmetric(stream, b);
    fill_normal(stream, c);
    CHECK(std::equal(a.begin(), a.end(), longest.begin()));
    CHECK(std::equal(b.begin(), b.end(), symmetric.begin()));
    CHECK(std::equal(c.begin(), c.end(), longest.begin()));
  }
}

TEST_CASE("the numbers of an address never change") {
  // Files made with earlier versions are reproduced only as long as this holds; printed once and kept.
  std::vector<float> z(4);
  fill_normal({1, Purpose::test, 0, 0, 199}, z);
  CHECK(double(z[0]) == Approx(-0.465855151).epsilon(1e-7));
  CHECK(double(z[3]) == Approx(1.85464787).epsilon(1e-7));
  CHECK(normal({1, Purpose::test, 0, 0, 199}, 0) == Approx(0.14593898064992794).epsilon(1e-14));
}

TEST_CASE("filled normals are normal") {
  constexpr std::size_t n = 400000;
  const std::vector<double> z = normals({3, Purpose::test}, n);
  double mean = 0, square = 0, cube = 0, fourth = 0;
  for (const double x : z) {
    mean += x / n, square += x * x / n, cube += x * x * x / n, fourth += x * x * x * x / n;
  }
  // standard errors of the first four moments are √(1, 2, 15, 96)/√n; four of them are allowed
  const double unit = 4 / std::sqrt(double(n));
  CHECK(std::abs(mean) < unit);
  CHECK(std::abs(square - 1) < unit * std::sqrt(2.0));
  CHECK(std::abs(cube) < unit * std::sqrt(15.0));
  CHECK(std::abs(fourth - 3) < unit * std::sqrt(96.0));
  for (const double t : {0.1, 0.5, 1.0, 2.0, 3.0, 4.0}) CHECK(std::abs(excess(z, t)) < 4);
  CHECK(*std::max_element(z.begin(), z.end()) > 4);  // 13 beyond 4σ are expected on this side
}

TEST_CASE("neighbouring normals are independent") {
  // lags within a block's pair, within a group of 64, and across groups
  constexpr std::size_t n = 200000;
  const std::vector<double> z = normals({4, Purpose::test}, n + 64);
  for (const std::size_t lag : {1, 2, 4, 16, 32, 48, 64}) {
    const std::vector<double> a(z.begin(), z.begin() + n),
        b(z.begin() + std::ptrdiff_t(lag), z.begin() + std::ptrdiff_t(n + lag));
    CHECK(std::abs(correlation(a, b)) < 4 / std::sqrt(double(n)));
    std::vector<double> aa = a, bb = b;  // and so are their squares
    for (double& x : aa) x = x * x - 1;
    for (double& x : bb) x = x * x - 1;
    CHECK(std::abs(correlation(aa, bb)) < 4 / std::sqrt(double(n)));
  }
}

TEST_CASE("streams that differ in any part of their address are independent") {
  constexpr std::size_t n = 100000;
  const Stream base{7, Purpose::test, 1, 2, 3};
  const std::vector<double> z = normals(base, n);
  std::vector<Stream> others(6, base);
  others[0].seed = 8;
  others[1].seed = base.seed + (std::uint64_t(1) << 32);
  others[2].purpose = Purpose::control_noise;
  others[3].stream = 2;
  others[4].device = 3;
  others[5].step = 4;
  for (const Stream& other : others)
    CHECK(std::abs(correlation(z, normals(other, n))) < 4 / std::sqrt(double(n)));
}

TEST_CASE("single normals are normal and single uniform numbers uniform") {
  constexpr std::uint32_t n = 100000;
  const Stream stream{9, Purpose::test};
  double mean = 0, square = 0, uniform_mean = 0, uniform_square = 0, least = 1, most = 0;
  std::vector<double> z(n);
  for (std::uint32_t k = 0; k < n; ++k) {
    z[k] = normal(stream, k);
    mean += z[k] / n, square += z[k] * z[k] / n;
    const double u = uniform(stream, k);
    uniform_mean += u / n, uniform_square += u * u / n;
    least = std::min(least, u), most = std::max(most, u);
  }
  const double unit = 4 / std::sqrt(double(n));
  CHECK(std::abs(mean) < unit);
  CHECK(std::abs(square - 1) < unit * std::sqrt(2.0));
  for (const double t : {0.5, 1.0, 2.0, 3.0}) CHECK(std::abs(excess(z, t)) < 4);
  // variances of u and u² are 1/12 and 4/45
  CHECK(std::abs(uniform_mean - 0.5) < unit * std::sqrt(1 / 12.0));
  CHECK(std::abs(uniform_square - 1 / 3.0) < unit * std::sqrt(4 / 45.0));
  CHECK((least > 0 && least < 1e-3 && most < 1 && most > 1 - 1e-3));
}

TEST_CASE("integers below a bound are uniform") {
  constexpr std::uint32_t n = 60000, bound = 6;
  std::vector<int> counts(bound, 0);
  for (std::uint32_t k = 0; k < n; ++k) ++counts.at(below({10, Purpose::test}, k, bound));
  // each count is binomial with a standard deviation of √(n 5/36) = 91
  for (const int count : counts) CHECK(std::abs(count - int(n / bound)) < 4 * 91);
}

TEST_CASE("a permutation holds every number once and puts each anywhere") {
  constexpr std::uint32_t n = 10, trials = 20000;
  std::vector<int> place_of_first(n, 0);
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    std::vector<std::uint32_t> order(n);
    permutation({11, Purpose::test, 0, 0, trial}, order);
    for (std::uint32_t k = 0; k < n; ++k) place_of_first[k] += order[k] == 0 ? 1 : 0;
    std::sort(order.begin(), order.end());
    for (std::uint32_t k = 0; k < n; ++k) REQUIRE(order[k] == k);
  }
  // each count has a mean of 2000 and a standard deviation of √(20000 · 0.09) = 42
  for (const int count : place_of_first) CHECK(std::abs(count - 2000) < 4 * 42);
}

TEST_CASE("polynomials reach the accuracy that they state") {
  double sine = 0, cosine = 0, fine_sine = 0, fine_cosine = 0;
  for (int k = -5000; k <= 5000; ++k) {
    const double x = k / 10000.0, pi = std::numbers::pi;
    sine = std::max(sine, std::abs(double(sin_pi(float(x))) - std::sin(pi * double(float(x)))));
    cosine = std::max(cosine, std::abs(double(cos_pi(float(x))) - std::cos(pi * double(float(x)))));
    fine_sine = std::max(fine_sine, std::abs(sin_pi(x) - std::sin(pi * x)));
    fine_cosine = std::max(fine_cosine, std::abs(cos_pi(x) - std::cos(pi * x)));
  }
  CHECK(sine < 1.5e-7);
  CHECK(cosine < 1.5e-7);
  CHECK(fine_sine < 5e-16);
  CHECK(fine_cosine < 5e-16);
  for (double x = 1e-9; x < 1e9; x *= 1.37) {
    CHECK(std::abs(log_positive(x) - std::log(x)) <= 1e-15 * std::abs(std::log(x)));
    const auto single = float(x);
    const double exact = std::log(double(single));
    CHECK(std::abs(double(log_positive(single)) - exact) <= 3e-7 * std::abs(exact));
  }
  CHECK(log_positive(1.0) == 0);
  CHECK(log_positive(1.0F) == 0);
}

TEST_CASE("wrapping keeps the fraction nearest to zero") {
  CHECK(wrap_to_half(0.25) == 0.25);
  CHECK(wrap_to_half(-3.25) == -0.25);
  CHECK(wrap_to_half(7.75) == -0.25);
  CHECK(wrap_to_half(1000.125F) == 0.125F);
}

TEST_CASE("packs do in every lane what numbers do") {
  float a[16], b[16], c[16], out[16];
  for (int k = 0; k < 16; ++k) a[k] = float(k) - 7.3F, b[k] = 1.7F * float(k) + 0.1F, c[k] = float(k * k);
  using P = Pack<float>;
  for (int k = 0; k < 16; k += P::size) {
    const P x = P::load(a + k), y = P::load(b + k), z = P::load(c + k);
    (fma(x, y, z) / (y + 2.0F) - wrap_to_half(x)).store(out + k);
  }
  for (int k = 0; k < 16; ++k) CHECK(out[k] == fma(a[k], b[k], c[k]) / (b[k] + 2.0F) - wrap_to_half(a[k]));
  const P part = P::load_part(a, 3, 9.0F);
  CHECK(part.lanes[2] == a[2]);
  CHECK(part.lanes[3] == 9.0F);
  float few[4] = {0, 0, 0, 5};
  part.store_part(few, 3);
  CHECK(few[0] == a[0]);
  CHECK(few[3] == 5);
}
