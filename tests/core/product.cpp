// Every element of a product is one chain of fused multiply-adds in the order of its terms.
#include "pnn/core/product.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/shifted.hpp"

using namespace pnn;
using test::same_bits;
using test::Shifted;

namespace {

/// a [rows, depth] · b [depth, cols] + start, as the header defines it.
template <class Real>
std::vector<Real> by_definition(const Matrix<Real>& a, const Matrix<Real>& b, Real start) {
  std::vector<Real> out;
  for (Index r = 0; r < a.rows(); ++r) {
    for (Index c = 0; c < b.cols(); ++c) {
      Real sum = start;
      for (Index k = 0; k < a.cols(); ++k) sum = std::fma(a(r, k), b(k, c), sum);
      out.push_back(sum);
    }
  }
  return out;
}

template <class Real>
void check(Index rows, Index depth, Index cols, std::uint16_t stream) {
  const auto x = test::rounding_numbers<Real>(std::size_t(rows * depth), stream),
             y = test::rounding_numbers<Real>(std::size_t(depth * cols), std::uint16_t(stream + 1000));
  const Matrix<Real> a = ConstMatrixView<Real>(x.data(), rows, depth),
                     b = ConstMatrixView<Real>(y.data(), depth, cols);
  const Matrix<Real> a_turned = a.transpose(), b_turned = b.transpose();
  const std::vector<Real> expected = by_definition<Real>(a, b, 0),
                          added = by_definition<Real>(a, b, Real(0.1));
  for (const std::size_t shift : test::shifts<Real>()) {
    Shifted<Real> left(x, shift), right(y, (shift + 20) % 64);
    const ConstMatrixView<Real> am(left.data(), rows, depth), bm(right.data(), depth, cols);
    Shifted<Real> out(std::vector<Real>(std::size_t(rows * cols), Real(9)), (shift + 40) % 64);
    MatrixView<Real> product(out.data(), rows, cols);
    const auto got = [&] { return std::vector<Real>(out.data(), out.data() + rows * cols); };
    multiply(am, bm, product);
    CHECK(same_bits(got(), expected));
    product.setConstant(Real(0.1));
    multiply(am, bm, product, Into::add);
    CHECK(same_bits(got(), added));
    multiply(am, b_turned.transpose(), product);
    CHECK(same_bits(got(), expected));
    multiply(a_turned.transpose(), bm, product);
    CHECK(same_bits(got(), expected));
    multiply(a_turned.transpose(), b_turned.transpose(), product);
    CHECK(same_bits(got(), expected));
    Panels<Real> panels(strided(bm));
    multiply(am, panels, product);
    CHECK(same_bits(got(), expected));
    panels.arrange(strided(b_turned.transpose()));
    product.setConstant(Real(0.1));
    multiply(am, panels, product, Into::add);
    CHECK(same_bits(got(), added));
  }
  Matrix<Real> signals_out(rows, cols);
  multiply_signals<Real>(view(b_turned), view(a), view(signals_out));
  CHECK(same_bits(std::vector<Real>(signals_out.data(), signals_out.data() + signals_out.size()), expected));
  // into a part of a wider matrix, of which the rest is left alone
  Matrix<Real> wide = Matrix<Real>::Constant(rows, cols + 5, Real(7));
  multiply(a, b, wide.middleCols(2, cols));
  CHECK(wide.leftCols(2) == Matrix<Real>::Constant(rows, 2, Real(7)));
  CHECK(wide.rightCols(3) == Matrix<Real>::Constant(rows, 3, Real(7)));
  const Matrix<Real> inner = wide.middleCols(2, cols);
  CHECK(same_bits(std::vector<Real>(inner.data(), inner.data() + inner.size()), expected));
}

}  // namespace

TEST_CASE("a product of matrices has the bits of its definition in every cut, place and storage order") {
  std::uint16_t stream = 0;
  // around the rows and columns that the kernel takes at once (6, 12; 4 … 32) and the terms between two
  // visits to memory (256)
  for (const auto& [rows, depth, cols] : {std::array<Index, 3>{1, 1, 1},
                                          {1, 0, 3},
                                          {2, 3, 4},
                                          {5, 17, 7},
                                          {6, 8, 15},
                                          {7, 33, 16},
                                          {11, 5, 17},
                                          {12, 40, 31},
                                          {13, 255, 32},
                                          {24, 256, 33},
                                          {25, 257, 9},
                                          {41, 520, 65},
                                          {130, 19, 3}}) {
    check<float>(rows, depth, cols, stream);
    check<double>(rows, depth, cols, stream++);
  }
}

TEST_CASE("a sample's product has the same bits whatever samples are beside it") {
  constexpr Index most = 27, depth = 70, cols = 21;
  const auto x = test::rounding_numbers<float>(std::size_t(most * depth), 3),
             w = test::rounding_numbers<float>(std::size_t(depth * cols), 4);
  const ConstMatrixView<float> b(w.data(), depth, cols);
  Matrix<float> all(most, cols);
  multiply(ConstMatrixView<float>(x.data(), most, depth), b, all);
  for (Index rows = 1; rows <= most; ++rows) {
    for (const Index begin : {Index(0), most - rows}) {
      Matrix<float> some(rows, cols);
      multiply(ConstMatrixView<float>(x.data() + begin * depth, rows, depth), b, some);
      CHECK(some == all.middleRows(begin, rows));
    }
  }
}

TEST_CASE("factors that do not fit their product are refused") {
  const Matrix<float> a = Matrix<float>::Ones(3, 4), b = Matrix<float>::Ones(5, 2);
  Matrix<float> out(3, 2);
  CHECK_THROWS(multiply(a, b, out));
  CHECK_THROWS(multiply(a, a.transpose(), out));
}
