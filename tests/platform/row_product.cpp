#include "pnn/platform/row_product.hpp"

#include <cmath>
#include <utility>

#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

Matrix<float> random(Index rows, Index cols, std::uint16_t stream) {
  Matrix<float> m(rows, cols);
  fill_symmetric({3, Purpose::test, stream}, std::span<float>(m.data(), std::size_t(m.size())));
  return m;
}

}  // namespace

TEST_CASE("a signal passes a matrix with the same bits in any company") {
  for (const auto& [out, in] : {std::pair<Index, Index>{1, 1}, {10, 21}, {16, 8}, {33, 5}, {120, 400}}) {
    const Matrix<float> w = random(out, in, 1), x = random(41, in, 2);
    const platform::RowProduct product(view(w));
    Matrix<float> all(41, out);
    product(view(x), view(all));
    // 41 products of float, each rounded to 2^-24 of a sum of at most `in`
    const Matrix<double> exact = x.cast<double>() * w.transpose().cast<double>();
    CHECK((all.cast<double>() - exact).cwiseAbs().maxCoeff() < double(in) * double(in) * 0x1p-24);
    for (const Index batch : {1, 5, 7, 40}) {
      Matrix<float> some(batch, out);
      const Index begin = 41 - batch;
      product(ConstMatrixView<float>(x.data() + begin * in, batch, in), view(some));
      CHECK(some == all.bottomRows(batch));
    }
  }
}
