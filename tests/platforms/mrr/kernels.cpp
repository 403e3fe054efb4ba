// What the banks with crosstalk compute by: buses that are written out for a whole chip, and heat that
// spreads.
#include <vector>

#include "pnn/core/simd.hpp"
#include "pnn/platforms/mrr/bus.hpp"
#include "pnn/platforms/mrr/bus_circle.hpp"
#include "pnn/platforms/mrr/bus_weights.hpp"
#include "pnn/platforms/mrr/thermal.hpp"
#include "pnn/platforms/mrr/tile_memory.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;
namespace mrr = platforms::mrr;

namespace {

template <class Real>
mrr::AlignedMemory<Real> numbers(Index n, double low, double high, int stream) {
  mrr::AlignedMemory<Real> memory(n);
  const std::vector<double> values = test::spread(n, low, high, stream);
  std::copy(values.begin(), values.end(), memory.data());
  return memory;
}

/// How many numbers of the weights and gradients of a row of eight rings differ between the two ways. The
/// last column is missing in every second lane.
template <class Real, bool Own>
Index different() {
  using P = Pack<Real>;
  const mrr::BusReach<Real> reach(8, 8, 2, true, 1.2, 10);
  using Circle = mrr::CircleBus<Real, Own>;
  REQUIRE(Circle::fits(reach));
  const Index step = P::size, count = 8 * step;
  auto positions = numbers<Real>(count, -0.7, 0.7, 1), by_weight = numbers<Real>(count, -1, 1, 2);
  auto width = numbers<Real>(count, 0.002, 0.003, 3), drop = numbers<Real>(count, 0.002, 0.0025, 4),
       loss = numbers<Real>(count, 0.0018, 0.002, 5), lit = numbers<Real>(step, 1, 1, 6);
  for (Index k = 0; k < step; k += 2) lit.data()[k] = 0;
  std::vector<Real> sine(std::size_t(count), Real(0)), cosine(sine), found(sine), expected(sine);
  const auto position = [&](Index m) { return P::load(positions.data() + m * step); };
  for (Index m = 0; m < 8; ++m) {
    sin_pi(wrap_to_half(position(m))).store(&sine[std::size_t(m * step)]);
    cos_pi(wrap_to_half(position(m))).store(&cosine[std::size_t(m * step)]);
  }
  const auto into = [&](std::vector<Real>& to) {
    return [&](Index k, const P& value) { value.store(&to[std::size_t(k * step)]); };
  };
  mrr::AlignedMemory<Real> scratch(mrr::Bus<P, Own>::size_of(reach));
  const mrr::RowCurves<P, Own> curves{width.data(), drop.data(), loss.data(), step};
  const mrr::BusTurns<Real> turns(reach, 1.2, 10, 0.01);
  const auto differing = [&] {
    Index wrong = 0;
    for (std::size_t k = 0; k < found.size(); ++k) wrong += found[k] == expected[k] ? 0 : 1;
    return wrong;
  };
  Index wrong = 0;
  for (const Index ragged : {8, 7}) {
    const Circle circle(curves, lit.data(), ragged);
    circle.weights(
        turns, [&](Index m) { return P::load(&sine[std::size_t(m * step)]); },
        [&](Index m) { return P::load(&cosine[std::size_t(m * step)]); }, into(found));
    mrr::BusRow<Real, Own>{sine.data(), cosine.data(), step, curves, lit.data(), ragged}.weights(
        reach, turns, 5, reinterpret_cast<P*>(scratch.data()), into(expected));
    wrong += differing();
    const auto gradient = [&](Index j) { return P::load(by_weight.data() + j * step); };
    circle.pull(reach, position, gradient, into(found));
    mrr::Bus<P, Own> bus(reach, curves, scratch.data());
    for (Index m = 0; m < 8; ++m) bus.template set<true>(m, position(m), m >= ragged ? lit.data() : nullptr);
    for (Index j = 0; j < 8; ++j) bus.pull(j, gradient(j));
    for (Index m = 0; m < 8; ++m) into(expected)(m, bus.gradient(m));
    wrong += differing();
  }
  return wrong;
}

template <class Real>
void check_heat(Index rows, Index cols, double chi, double tolerance) {
  INFO(rows << " x " << cols);
  const mrr::HeatSpread<Real> spread =
      chi > 0 ? mrr::HeatSpread<Real>(rows, cols, chi, 1, 1e-4) : mrr::HeatSpread<Real>(rows, cols);
  const Matrix<double> x = mrr::thermal_crosstalk(rows, cols, chi, 1, 1e-4);
  const Index width = 48, in_row = cols * width;  // several packs of every width
  auto heat = numbers<Real>(rows * in_row, 0.1, 1, 1);
  mrr::AlignedMemory<Real> taken(spread.size(width)), given(mrr::HeatSpread<Real>::together * in_row);
  spread.begin(width, taken.data());
  for (Index row = 0; row < rows; ++row)
    spread.take(row, heat.data() + row * in_row, width, width, taken.data());
  double worst = 0;
  for (Index row = 0; row < rows; ++row) {
    const Index behind = row % mrr::HeatSpread<Real>::together;
    if (behind == 0) spread.give(row, taken.data(), width, width, given.data());
    for (Index col = 0; col < cols; ++col) {
      for (const Index lane : {Index(0), Index(17), width - 1}) {
        double sum = double(heat.data()[(row * cols + col) * width + lane]);
        for (Index r = 0; chi > 0 && r < rows; ++r)
          for (Index c = 0; c < cols; ++c)
            sum +=
                x(std::abs(r - row), std::abs(c - col)) * double(heat.data()[(r * cols + c) * width + lane]);
        worst = std::max(worst, std::abs(double(given.data()[behind * in_row + col * width + lane]) - sum));
      }
    }
  }
  CHECK(worst < tolerance);
}

}  // namespace

TEST_CASE("the bus of a whole chip has the bits of any other bus") {
  CHECK(different<float, false>() == 0);
  CHECK(different<float, true>() == 0);
  CHECK(different<double, false>() == 0);
  CHECK(different<double, true>() == 0);
}

TEST_CASE("heat spreads as the matrix of thermal crosstalk says") {
  for (const auto& [rows, cols] : std::vector<std::pair<Index, Index>>{
           {1, 1}, {1, 8}, {2, 3}, {3, 4}, {5, 9}, {16, 8}, {17, 5}, {4, 16}}) {
    check_heat<float>(rows, cols, 0.02, 1e-6);
    check_heat<double>(rows, cols, 0.02, 4e-15);
    check_heat<float>(rows, cols, 0, 1e-30);
  }
}
