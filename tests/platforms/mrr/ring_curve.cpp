#include "pnn/platforms/mrr/lab/ring_curve.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/lab/readings.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include <cmath>

#include "pnn/core/random.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/lab/row_optics.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using namespace pnn::model;
using namespace pnn::study;
using namespace pnn::platforms::mrr;
using namespace pnn::platforms::mrr::lab;

namespace {

/// |f(p+h) − f(p−h) − 2h f'| of a central difference falls as h³ if and only if f' is right: the ratio at
/// two steps is 8 up to higher orders, and 2 for a wrong derivative.
template <class Value>
void check_derivative(const Value& value, double derivative, double step) {
  const auto error = [&](double h) { return std::abs(value(h) - value(-h) - 2 * h * derivative); };
  const double coarse = error(step), fine = error(step / 2);
  const double rounding = 1e-13;
  INFO("error " << coarse << " at step " << step << ", " << fine << " at half of it");
  CHECK((fine < coarse / 6 || coarse < rounding));
}

}  // namespace

TEST_CASE("ring transmissions are those of the platform") {
  const Stream stream{7, Purpose::test};
  for (std::uint32_t k = 0; k < 50; ++k) {
    const double d = 10 * (uniform(stream, 3 * k) - 0.5), r = 0.9 + 0.095 * uniform(stream, 3 * k + 1),
                 a = 0.9 + 0.1 * uniform(stream, 3 * k + 2);
    const RingSlopes ours = ring_slopes(d, 10, r, a);
    const platforms::mrr::RingTransmission reference = platforms::mrr::ring_transmission(d, 10, r, r, a);
    CHECK(ours.drop == Approx(reference.drop).epsilon(1e-12));
    CHECK(ours.thru == Approx(reference.thru).epsilon(1e-12).margin(1e-14));
  }
}

TEST_CASE("a self-coupling taken from a width gives that width") {
  const double fsr = 10, a = 0.998;
  for (const double fwhm : {0.05, 0.3, 1.0}) {
    const double r = self_coupling_of_width(fwhm, fsr, a);
    CHECK(fsr * (1 - r * r * a) / (3.14159265358979323846 * r * std::sqrt(a)) == Approx(fwhm).epsilon(1e-12));
  }
}

TEST_CASE("every derivative of the fitted formulas predicts the change of the curve") {
  RingFormula formula;
  formula.free_eta = true;
  formula.temperature_offset_k = {0.4};
  formula.package_nm_per_mw = 0.002;
  formula.sign = -1;
  const double current = 3.7;
  const std::vector<RowTerms> alone, among_others = {{0.06, 0.94, 0.85}};
  for (const auto& row : {alone, among_others}) {
    formula.row = row;
    formula.shape = RingFormula::Shape::airy;
    const Vector<double> p{{0.56, std::log(0.043), std::log(0.61), std::log(0.06)}};
    for (Index k = 0; k < 4; ++k) {
      const auto value = [&](double h) {
        Vector<double> moved = p;
        moved[k] += h;
        return evaluate_shape(formula, moved, current, 0).value;
      };
      check_derivative(value, evaluate_shape(formula, p, current, 0).by[std::size_t(k)], 1e-2);
    }
  }
  formula.row.clear();
  formula.shape = RingFormula::Shape::lorentzian;
  const Vector<double> p{{9.0, std::log(2.4), std::log(0.06)}};
  for (Index k = 0; k < 3; ++k) {
    const auto value = [&](double h) {
      Vector<double> moved = p;
      moved[k] += h;
      return evaluate_shape(formula, moved, current, 0).value;
    };
    check_derivative(value, evaluate_shape(formula, p, current, 0).by[std::size_t(k)], 1e-2);
  }
}

TEST_CASE("what neighbours do to a ring's light is what the bank does, on full and on narrow buses") {
  for (const int cols : {8, 5}) {
    platforms::mrr::Process process;
    process.chip_cols = cols;
    process.chip_rows = 1;
    process.crosstalk = 0;
    const platforms::mrr::RingParameters rings =
        platforms::mrr::draw_rings(process, cols, 3, int(Purpose::test), 0, 0, 0);
    platforms::mrr::BankPlan plan{"mrr1", 1, cols, 1, cols, platforms::mrr::Reuse::time};
    const auto bank = platforms::mrr::make_bank<double>(plan, full_physics(process), rings);
    std::vector<double> controls;
    std::vector<RowRing> row;
    for (int col = 0; col < cols; ++col) {
      const std::size_t k = std::size_t(col);
      controls.push_back(0.6 * col);
      const double power = heater_power_mw(controls[k], rings.resistance_ohm[k], rings.beta_per_ma2[k]);
      row.push_back({rings.delta_nm[k] - rings.eta_nm_per_mw[k] * power, rings.r[k]});
    }
    Matrix<double> weights(1, cols);
    bank->evaluate({controls, {}, 0}, view(weights));
    for (int col = 0; col < cols; ++col) {
      const RowTerms terms = row_terms(row, std::size_t(col), process);
      const RowRing& own = row[std::size_t(col)];
      const RingSlopes ring = ring_slopes(own.detuning_nm, process.fsr_nm, own.r, process.a);
      CHECK(terms.constant + terms.drop * ring.drop - terms.thru * ring.thru ==
            Approx(weights(0, col)).margin(1e-9));
    }
  }
}
