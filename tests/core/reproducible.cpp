// Sums, products and elementary functions have the same bits wherever their numbers lie.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "pnn/core/elementwise.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/two_sums.hpp"
#include "tests/catch.hpp"
#include "tests/shifted.hpp"

using namespace pnn;
using test::same_bits;
using test::Shifted;

namespace {

constexpr int draws = 20;

template <class Real>
void check_sums(Index rows, Index cols, std::uint16_t stream) {
  const auto a = test::rounding_numbers<Real>(std::size_t(rows * cols), stream),
             b = test::rounding_numbers<Real>(std::size_t(rows * cols), std::uint16_t(stream + 1000));
  std::vector<std::vector<Real>> results;
  for (const std::size_t shift : test::shifts<Real>()) {
    Shifted<Real> x(a, shift), y(b, (shift + 12) % 64), columns(std::vector<Real>(std::size_t(cols)), shift);
    const ConstMatrixView<Real> mx(x.data(), rows, cols), my(y.data(), rows, cols);
    const ConstVectorView<Real> vx(x.data(), rows * cols), vy(y.data(), rows * cols);
    column_sums(mx, columns.data());
    std::vector<Real>& result = results.emplace_back();
    result = {sum(vx),
              mean(vx),
              squared_norm(vx),
              norm(vx),
              dot(vx, vy),
              sum(mx),
              dot(mx, my),
              Real(sum(vx.template cast<double>())),
              Real(sum(mx.leftCols((cols + 1) / 2)))};
    for (Index n = 0; n < rows; ++n) result.push_back(sum(mx.row(n)));
    for (Index c = 0; c < cols; ++c) result.push_back(sum(mx.col(c)));
    const Vector<Real> of_rows = row_sums(mx);
    result.insert(result.end(), of_rows.begin(), of_rows.end());
    result.insert(result.end(), columns.data(), columns.data() + cols);
  }
  for (const auto& result : results) CHECK(same_bits(result, results.front()));
}

template <class Real>
void check_products(Index rows, Index depth, Index cols, std::uint16_t stream) {
  const auto a = test::rounding_numbers<Real>(std::size_t(rows * depth), stream),
             b = test::rounding_numbers<Real>(std::size_t(depth * cols), std::uint16_t(stream + 1000));
  std::vector<std::vector<Real>> results;
  for (const std::size_t shift : test::shifts<Real>()) {
    Shifted<Real> x(a, shift), y(b, (shift + 20) % 64);
    Shifted<Real> out(std::vector<Real>(std::size_t(rows * cols), Real(0.1)), (shift + 40) % 64);
    const ConstMatrixView<Real> left(x.data(), rows, depth), right(y.data(), depth, cols),
        left_turned(x.data(), depth, rows), right_turned(y.data(), cols, depth);
    MatrixView<Real> product(out.data(), rows, cols);
    std::vector<Real>& result = results.emplace_back();
    const auto note = [&] { result.insert(result.end(), out.data(), out.data() + rows * cols); };
    product.noalias() += left * right;
    note();
    product.noalias() -= left * right_turned.transpose();
    note();
    product.noalias() = left_turned.transpose() * right;
    note();
    product.noalias() = left * right;
    note();
    VectorView<Real> column(out.data(), rows);
    column.noalias() = left * ConstVectorView<Real>(y.data(), depth);
    note();
  }
  for (const auto& result : results) CHECK(same_bits(result, results.front()));
}

template <class Real>
void check_functions(Index n, std::uint16_t stream) {
  const auto a = test::rounding_numbers<Real>(std::size_t(n), stream);
  std::vector<std::vector<Real>> results;
  for (const std::size_t shift : test::shifts<Real>()) {
    Shifted<Real> x(a, shift), out(std::vector<Real>(std::size_t(n)), (shift + 28) % 64);
    std::vector<Real>& result = results.emplace_back();
    const auto apply = [&](const auto& f) {
      elementwise(n, out.data(), f, x.data());
      result.insert(result.end(), out.data(), out.data() + n);
    };
    apply([](const auto& v) { return v.exp(); });
    apply([](const auto& v) { return v.tanh(); });
    apply([](const auto& v) { return (Real(1) + v.abs()).log(); });
    apply([](const auto& v) { return v.abs().sqrt(); });
    apply([](const auto& v) { return v.max(Real(0)); });
  }
  for (const auto& result : results) CHECK(same_bits(result, results.front()));
}

}  // namespace

TEST_CASE("a sum has the same bits wherever its numbers lie") {
  for (std::uint16_t k = 0; k < draws; ++k) {
    const Index rows = 1 + (7 * k) % 13, cols = 1 + (11 * k) % 71;
    check_sums<float>(rows, cols, k);
    check_sums<double>(rows, cols, k);
  }
}

TEST_CASE("a sum is the sum") {
  // 1 … n has a closed form and is exact in double below 2^53; each lane, tail and pair counts once
  for (Index n = 0; n < 70; ++n) {
    Vector<double> v(n);
    std::iota(v.begin(), v.end(), 1.0);
    CHECK(sum(v) == double(n * (n + 1)) / 2);
    CHECK(squared_norm(v) == double(n * (n + 1) * (2 * n + 1)) / 6);
    CHECK(dot(v, Vector<double>::Ones(n)) == sum(v));
  }
  Matrix<double> m(5, 3);
  std::iota(m.data(), m.data() + m.size(), 0.0);
  CHECK(row_sums(m) == (Vector<double>(5) << 3, 12, 21, 30, 39).finished());
  Vector<double> columns(3);
  column_sums(view(std::as_const(m)), columns.data());
  CHECK(columns == (Vector<double>(3) << 30, 35, 40).finished());
  CHECK(sum(m.rightCols(2).topRows(4)) == 1 + 2 + 4 + 5 + 7 + 8 + 10 + 11);
  CHECK(sum(m.transpose()) == 105);
  CHECK(mean(m) == 7);
}

TEST_CASE("a product of matrices has the same bits wherever they lie, small ones too") {
  std::uint16_t stream = 0;
  for (const Index rows : {1, 2, 5, 16, 33}) {
    for (const Index depth : {1, 3, 6, 17, 40}) {
      for (const Index cols : {1, 2, 4, 7, 19}) {
        check_products<float>(rows, depth, cols, stream);
        check_products<double>(rows, depth, cols, stream++);
      }
    }
  }
}

TEST_CASE("two sums in one loop are the sums of each") {
  for (const std::size_t count : {0, 1, 7, 15, 16, 17, 31, 32, 33, 100, 784}) {
    const auto a = test::rounding_numbers<float>(count, 5), b = test::rounding_numbers<float>(count, 6);
    const auto found = two_sums<float>(
        Index(count), [&](Index k) { return std::pair(a[std::size_t(k)], b[std::size_t(k)]); });
    const auto of = [&](const std::vector<float>& x) {
      return sum(ConstVectorView<float>(x.data(), Index(count)));
    };
    CHECK(same_bits(std::vector{found[0], found[1]}, std::vector{of(a), of(b)}));
  }
}

TEST_CASE("elementary functions have the same bits wherever an array lies") {
  for (std::uint16_t k = 0; k < draws; ++k) {
    check_functions<float>(1 + (37 * k) % 200, k);
    check_functions<double>(1 + (37 * k) % 200, k);
  }
}

TEST_CASE("a number has the same elementary function at every place of an array") {
  const auto a = test::rounding_numbers<float>(130, 3);
  std::vector<float> whole(a.size());
  const auto f = [](const auto& v) {
    return v.abs().tanh() + (-v.abs()).exp();
  };  // no difference, which would magnify rounding
  elementwise(Index(a.size()), whole.data(), f, a.data());
  for (std::size_t k = 0; k < a.size(); ++k) {
    float alone = 0;
    elementwise(1, &alone, f, &a[k]);
    CHECK(same_bits(std::vector{alone}, std::vector{whole[k]}));
    CHECK(alone == Approx(std::tanh(std::abs(a[k])) + std::exp(-std::abs(a[k]))).epsilon(1e-6));
  }
}
