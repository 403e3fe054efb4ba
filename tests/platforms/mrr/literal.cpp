#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;
using platforms::mrr::Response;

namespace {

/// The formulas of the physics word by word: a slow double loop over the rings of one tile.
class LiteralTile {
 public:
  LiteralTile(const test::BankCase& c, std::span<const double> currents, std::span<const double> offsets,
              double temperature_k, Index tile)
      : c_(c), currents_(currents), offsets_(offsets), temperature_(temperature_k) {
    const platforms::mrr::BankPlan& plan = c.plan;
    top_ = tile / plan.tile_cols() * plan.chip_rows;
    left_ = tile % plan.tile_cols() * plan.chip_cols;
    rows_ = std::min<Index>(plan.chip_rows, plan.out - top_);
    cols_ = std::min<Index>(plan.chip_cols, plan.in - left_);
  }

  [[nodiscard]] double weight(Index row, Index col) const {
    const std::size_t k = ring(row, col);
    const double sign = c_.physics.polarity == platforms::mrr::Polarity::drop_thru ? 1 : -1;
    const double d = detuning(row, col);
    switch (c_.physics.response) {
      case Response::airy: {
        const auto t = transmission(row, col, 0);
        return sign * c_.rings.gain[k] * (t.drop - t.thru) + c_.rings.offset[k];
      }
      case Response::airy_bank:
        return sign * bus(row, col);
      case Response::lorentzian: {
        const double x = d / c_.rings.hwhm_nm[k];
        return c_.rings.offset[k] + c_.rings.gain[k] / (1 + x * x);
      }
      case Response::spline:
        break;
    }
    throw std::logic_error("splines are tested elsewhere");
  }

 private:
  [[nodiscard]] std::size_t weight_number(Index row, Index col) const {
    return std::size_t((top_ + row) * c_.plan.in + left_ + col);
  }
  [[nodiscard]] std::size_t ring(Index row, Index col) const {
    return std::size_t(c_.plan.ring_of(top_ + row, left_ + col));
  }
  [[nodiscard]] double power(Index row, Index col) const {
    const double current = currents_[weight_number(row, col)];
    const std::size_t k = ring(row, col);
    return 1e-3 * c_.rings.resistance_ohm[k] * (1 + c_.rings.beta_per_ma2[k] * current * current) * current *
           current;
  }
  [[nodiscard]] double detuning(Index row, Index col) const {
    const platforms::mrr::BankPhysics& p = c_.physics;
    const std::size_t k = ring(row, col);
    double total = 0, crosstalk = 0;
    for (Index r = 0; r < rows_; ++r) {
      for (Index s = 0; s < cols_; ++s) {
        total += power(r, s);
        if (r == row && s == col) continue;
        const double distance = std::sqrt(double((r - row) * (r - row) + (s - col) * (s - col)));
        const double x = p.crosstalk * std::exp(-(distance - 1) / p.crosstalk_length);
        if (x >= p.crosstalk_cutoff) crosstalk += x * c_.rings.eta_nm_per_mw[ring(r, s)] * power(r, s);
      }
    }
    return c_.rings.delta_nm[k] - c_.rings.eta_nm_per_mw[k] * power(row, col) - crosstalk -
           p.kappa_nm_per_k * (temperature_ + p.package_k_per_mw * total) + offsets_[weight_number(row, col)];
  }
  [[nodiscard]] platforms::mrr::RingTransmission transmission(Index row, Index ring_col,
                                                              Index channels) const {
    const std::size_t k = ring(row, ring_col);
    return platforms::mrr::ring_transmission(
        detuning(row, ring_col) + double(channels) * c_.physics.channel_spacing_nm, c_.physics.fsr_nm,
        c_.rings.r[k], c_.rings.r[k], c_.rings.a[k]);
  }
  /// W_ij = Σ_m q_mj Π_{l<m} t_lj − Π_m t_mj over rings within reach, bus order.
  [[nodiscard]] double bus(Index row, Index col) const {
    const bool cyclic =
        c_.plan.chip_cols == Index(std::floor(c_.physics.fsr_nm / c_.physics.channel_spacing_nm));
    double dropped = 0, light = 1;
    for (Index m = 0; m < cols_; ++m) {
      Index distance = std::abs(m - col);
      if (cyclic) distance = std::min(distance, Index(c_.plan.chip_cols) - distance);
      if (distance > c_.physics.reach) continue;
      const auto t = transmission(row, m, col - m);
      dropped += t.drop * light;
      light *= t.thru;
    }
    return dropped - light;
  }

  const test::BankCase& c_;
  std::span<const double> currents_, offsets_;
  double temperature_;
  Index top_, left_, rows_, cols_;
};

/// Largest difference between a bank and the literal formulas.
template <class Real>
double deviation(const test::BankCase& c) {
  const std::vector<double> currents = test::spread(c.plan.weights(), 0, 5.2, 11);
  const std::vector<double> offsets = test::spread(c.plan.weights(), -0.1, 0.1, 12);
  const std::vector<Real> real_currents(currents.begin(), currents.end());
  const std::vector<Real> real_offsets(offsets.begin(), offsets.end());
  Matrix<Real> weights(c.plan.out, c.plan.in);
  const auto bank = platforms::mrr::make_bank<Real>(c.plan, c.physics, c.rings);
  bank->evaluate({real_currents, real_offsets, -0.7}, view(weights));
  double largest = 0;
  for (Index i = 0; i < c.plan.out; ++i) {
    for (Index j = 0; j < c.plan.in; ++j) {
      const Index tile = i / c.plan.chip_rows * c.plan.tile_cols() + j / c.plan.chip_cols;
      const LiteralTile literal(c, currents, offsets, -0.7, tile);
      const double expected = literal.weight(i % c.plan.chip_rows, j % c.plan.chip_cols);
      largest = std::max(largest, std::abs(double(weights(i, j)) - expected));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("every bank equals the formulas written out") {
  for (const test::BankCase& c : test::all_cases()) {
    if (c.physics.response == Response::spline) continue;
    INFO(c.name);
    CHECK(deviation<double>(c) < 1e-12);
    // In float a detuning of up to 1 nm is known to 6e-8 nm, and a weight moves by up to 9 a nm: 5e-7; the
    // bus multiplies up to five of them.
    CHECK(deviation<float>(c) < 1e-5);
  }
}

TEST_CASE("more tiles than a block of lanes equal the formulas as well") {
  const platforms::mrr::Process process;
  for (const auto reuse : {platforms::mrr::Reuse::time, platforms::mrr::Reuse::space}) {
    test::BankCase c;
    c.physics = full_physics(process);
    c.plan = test::make_plan(7, 150, 3, 4, reuse);  // 3 × 38 tiles, ragged both ways
    c.rings = test::make_rings(Response::airy_bank, process, c.plan.rings(), 5);
    CHECK(deviation<double>(c) < 1e-12);
  }
}

TEST_CASE("buses of any reach equal the formulas, with rings of any loss") {
  for (const int cols : {4, 5, 7, 8}) {
    for (const int reach : {0, 1, 2, 3, 4, 7}) {
      for (const double nearly_lossless : {0.0, 1.0}) {
        platforms::mrr::Process process;
        process.reach = reach;
        if (nearly_lossless > 0) process.r = 0.9999, process.a = 0.99995, process.r_sigma = 1e-6;
        test::BankCase c;
        c.physics = full_physics(process);
        c.plan = test::make_plan(5, 2 * cols + 1, 3, cols, platforms::mrr::Reuse::time);
        c.rings = test::make_rings(Response::airy_bank, process, c.plan.rings(), 5);
        INFO(cols << " columns, reach " << reach << ", coupling " << process.r);
        CHECK(deviation<double>(c) < (nearly_lossless > 0 ? 1e-7 : 1e-12));
        if (nearly_lossless == 0) CHECK(deviation<float>(c) < 1e-5);
      }
    }
  }
}

TEST_CASE("a bank without neighbours' influence is a set of lone rings") {
  platforms::mrr::Process process;
  process.crosstalk = 0;
  process.reach = 0;
  const platforms::mrr::BankPlan plan = test::make_plan(18, 11, 16, 8, platforms::mrr::Reuse::time);
  const auto rings = platforms::mrr::draw_rings(process, plan.rings(), 3, int(Purpose::test), 0, 0, 0);
  const auto tiled = platforms::mrr::make_bank<double>(plan, full_physics(process), rings);
  const auto flat = platforms::mrr::make_bank<double>(plan, ideal_physics(process), rings);
  const std::vector<double> currents = test::spread(plan.weights(), 0, 5.2, 4);
  Matrix<double> a(plan.out, plan.in), b(plan.out, plan.in);
  tiled->evaluate({currents, {}, 0}, view(a));
  flat->evaluate({currents, {}, 0}, view(b));
  CHECK((a - b).cwiseAbs().maxCoeff() < 1e-13);
}

TEST_CASE("what a bank remembers of its currents, or of earlier rings, does not show") {
  for (const test::BankCase& c : test::all_cases()) {
    INFO(c.name);
    const auto used = platforms::mrr::make_bank<float>(c.plan, c.physics, c.rings);
    const Index n = c.plan.weights();
    const auto numbers = [&](double low, double high, std::uint64_t seed) {
      const std::vector<double> x = test::spread(n, low, high, seed);
      return std::vector<float>(x.begin(), x.end());
    };
    const std::vector<float> some = numbers(0.5, 5, 1), others = numbers(0.5, 5, 2),
                             offsets = numbers(-0.05, 0.05, 3);
    const platforms::mrr::RingParameters second =
        test::make_rings(c.physics.response, platforms::mrr::Process(), c.plan.rings(), 1234);
    const Matrix<float> gradient = Matrix<float>::Constant(c.plan.out, c.plan.in, 0.25F);
    const auto weights_and_gradients = [&](platforms::mrr::Bank<float>& bank,
                                           const platform::OperatingPoint<float>& at) {
      Matrix<float> all(3 * c.plan.out, c.plan.in);
      bank.evaluate(at, MatrixView<float>(all.data(), c.plan.out, c.plan.in));
      platform::Pullback<float> pullback{std::span(all.data() + n, std::size_t(n)),
                                         std::span(all.data() + 2 * n, std::size_t(n)), 0};
      bank.pullback(at, view(gradient), pullback);
      return all;
    };
    const auto check = [&](const platforms::mrr::RingParameters& rings,
                           const platform::OperatingPoint<float>& at) {
      const auto fresh = platforms::mrr::make_bank<float>(c.plan, c.physics, rings);
      CHECK(weights_and_gradients(*used, at) == weights_and_gradients(*fresh, at));
    };
    check(c.rings, {some, {}, 0.0});
    check(c.rings, {some, {}, 0.4});
    check(c.rings, {some, offsets, 0.0});
    check(c.rings, {others, {}, 0.4});
    check(c.rings, {some, {}, 0.4});
    used->set_rings(second);
    check(second, {some, {}, 0.4});
    check(second, {others, offsets, -0.3});
  }
}
