#include "pnn/platforms/pcm/crossbar.hpp"

#include <cmath>
#include <numbers>
#include <utility>

#include "pnn/platform/process.hpp"
#include "pnn/platforms/pcm/age.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/pcm/cases.hpp"

using namespace pnn;
using platforms::pcm::Cells;
using platforms::pcm::Crossbar;
using platforms::pcm::Plan;
using platforms::pcm::Process;
using platforms::pcm::Signs;
using std::numbers::pi;

namespace {

Matrix<double> matrix(const Plan& plan, const platforms::pcm::Table& table, const std::vector<double>& levels,
                      double age_s = 0, const std::vector<double>& offset = {}) {
  Crossbar<double> map(plan, 0.01, table);
  platform::System system;
  platforms::pcm::age().at(system) = platforms::pcm::age().to_system(age_s);
  Matrix<double> weights(map.rows(), map.cols());
  map.evaluate({levels, offset, system}, view(weights));
  return weights;
}

/// Cells of round numbers, no two alike: T_a = 0.8 + k/100, T_c = 0.2 + k/100, no bend, no error.
Cells round_cells(Index count) {
  Cells cells = platforms::pcm::nominal_cells({}, count);
  for (Index k = 0; k < count; ++k) {
    cells.amorphous[std::size_t(k)] = 0.8 + 0.01 * double(k);
    cells.crystalline[std::size_t(k)] = 0.2 + 0.01 * double(k);
    cells.bend[std::size_t(k)] = 0;
    cells.drift[std::size_t(k)] = 0;
  }
  return cells;
}

}  // namespace

TEST_CASE("an array of two inputs and two columns has the matrix that is worked out by hand") {
  Process process;
  process.amorphous = 0.9, process.crystalline = 0.4;  // a weight of 1 is 0.5 of transmission
  const Plan plan{"pcm1", 1, 2, 16, 16, Signs::differential};
  REQUIRE(plan.cells() == 4);  // + of inputs 0 and 1, then − of both
  Cells cells = round_cells(4);
  const std::vector<double> levels{1, 0.5, 0, 0.25};
  // T = 0.80, 0.51, 0.22 and 0.23 + 0.6/4 = 0.38
  const Matrix<double> even = matrix(plan, platforms::pcm::device_table(process, plan, cells), levels);
  CHECK(even(0, 0) == Approx((0.80 - 0.22) / 0.5).epsilon(1e-12));
  CHECK(even(0, 1) == Approx((0.51 - 0.38) / 0.5).epsilon(1e-12));

  // couplers: of row 0 the first takes 1.1/2 of the light, which leaves 0.9/2; of the positive column the one
  // of row 1 lets in 1.2/2 of its cell's light, which leaves 0.8/2 for what comes from row 0. The last
  // coupler of a row and the first of a column are bends: their errors do nothing.
  cells.row_split = {0.1, 0, 0.7, 0.7};
  cells.column_split = {0.7, 0.2, 0.7, 0};
  const Matrix<double> split = matrix(plan, platforms::pcm::device_table(process, plan, cells), levels);
  CHECK(split(0, 0) == Approx((1.1 * 0.8 * 0.80 - 0.9 * 0.22) / 0.5).epsilon(1e-12));
  CHECK(split(0, 1) == Approx((1.2 * 0.51 - 0.38) / 0.5).epsilon(1e-12));

  // a response offset adds to the transmission, of which the light of its cell is left
  const Matrix<double> moved =
      matrix(plan, platforms::pcm::device_table(process, plan, cells), levels, 0, {0.01, 0, 0, 0.02});
  CHECK(moved(0, 0) - split(0, 0) == Approx(1.1 * 0.8 * 0.01 / 0.5).epsilon(1e-9));
  CHECK(moved(0, 1) - split(0, 1) == Approx(-0.02 / 0.5).epsilon(1e-9));
}

TEST_CASE(
    "a splitting error acts on every cell that comes after it, and the light of a row is shared out whole") {
  const Plan plan{"pcm1", 2, 3, 16, 16, Signs::differential};  // three rows of four cells
  Cells cells = round_cells(plan.cells());
  // row 0: the second coupler, nominally 1/3 of what is left, takes 0.4; the others 3/4 · 0.6 shared evenly
  // by two
  cells.row_split[std::size_t(plan.cell_at(0, 0, 0, 1))] = 0.2;
  const std::vector<double> shares = light_shares(plan, cells);
  const double expected[] = {1, 4 * 0.75 * 0.4, 4 * 0.75 * 0.6 / 2, 4 * 0.75 * 0.6 / 2};
  double sum = 0;
  for (Index col = 0; col < 4; ++col) {
    const double share = shares[std::size_t(plan.cell_at(0, 0, 0, col))];
    CHECK(share == Approx(expected[col]).epsilon(1e-12));
    sum += share;
    for (Index row = 1; row < 3; ++row)
      CHECK(shares[std::size_t(plan.cell_at(0, 0, row, col))] == Approx(1).epsilon(1e-12));
  }
  CHECK(sum == Approx(4).epsilon(1e-12));
  // a coupler that takes everything leaves nothing, and none gives more than there is
  cells.row_split[std::size_t(plan.cell_at(0, 0, 0, 0))] = 9;
  const std::vector<double> dark = light_shares(plan, cells);
  CHECK(dark[std::size_t(plan.cell_at(0, 0, 0, 0))] == 4);
  CHECK(dark[std::size_t(plan.cell_at(0, 0, 0, 3))] == 0);
}

TEST_CASE("an array as designed gives every cell the same light, whatever its sides") {
  for (const test::CrossbarCase& c : test::crossbar_cases()) {
    INFO(c.name);
    const Cells designed = platforms::pcm::nominal_cells(c.process, c.plan.cells());
    for (const double share : light_shares(c.plan, designed)) CHECK(share == Approx(1).epsilon(1e-12));
  }
}

TEST_CASE(
    "weights as designed are -1 to 1, by two columns and against a reference, on device and model alike") {
  for (const Signs signs : {Signs::differential, Signs::reference}) {
    const Plan plan{"pcm1", 3, 2, 16, 16, signs};
    const Process process;
    const auto n = std::size_t(plan.control_count());
    const bool two = plan.differential();
    const platforms::pcm::Table device =
        platforms::pcm::device_table(process, plan, platforms::pcm::nominal_cells(process, plan.cells()));
    const platforms::pcm::Table model = platforms::pcm::model_table(
        process, plan, std::vector<double>(n, two ? 0 : -1), std::vector<double>(n, two ? 1 : 2),
        std::vector<double>(n, process.bend));
    for (const double age : {0.0, 1e6}) {
      for (const double level : {0.0, 0.3, 1.0}) {
        std::vector<double> levels(n, 0.0);
        for (Index k = 0; k < plan.weights(); ++k) levels[std::size_t(k)] = level;
        const Matrix<double> w = matrix(plan, device, levels, age), known = matrix(plan, model, levels, age);
        for (Index k = 0; k < w.size(); ++k) CHECK(known.data()[k] == Approx(w.data()[k]).margin(1e-12));
        if (age == 0 && level != 0.3)
          CHECK(w(0, 0) == Approx(level == 1 ? 1.0 : two ? 0.0 : -1.0).margin(1e-12));
      }
    }
    if (!two) continue;
    std::vector<double> negative(n, 0.0);
    std::fill(negative.begin() + plan.weights(), negative.end(), 1.0);
    CHECK(matrix(plan, device, negative)(1, 1) == Approx(-1).epsilon(1e-12));
  }
}

TEST_CASE("the default bend is within 0.01 of absorption in proportion to the crystalline share") {
  const Process p;
  for (double a = 0; a <= 1; a += 0.01) {
    const double beer_lambert = p.crystalline * std::pow(p.amorphous / p.crystalline, a);
    const double bent = p.crystalline + p.contrast() * (a - p.bend * a * (1 - a));
    CHECK(std::abs(bent - beer_lambert) < 0.01 * p.contrast());
  }
}

TEST_CASE("an amorphous cell drifts by its own part of the contrast a decade, a crystalline one not at all") {
  const Plan plan{"pcm1", 1, 2, 16, 16, Signs::differential};
  const Process process;
  Cells cells = platforms::pcm::nominal_cells(process, plan.cells());
  cells.drift = {0.02, 0.01, 0.04, 0.03};
  const auto table = platforms::pcm::device_table(process, plan, cells);
  const std::vector<double> levels{1, 0.5, 0, 0.2};
  const Matrix<double> fresh = matrix(plan, table, levels);
  for (const double decades : {1.0, 6.0}) {
    const Matrix<double> old = matrix(plan, table, levels, std::pow(10, decades) - 1);
    CHECK(old(0, 0) - fresh(0, 0) == Approx(0.02 * decades).epsilon(1e-9));
    CHECK(old(0, 1) - fresh(0, 1) == Approx((0.01 * 0.5 - 0.03 * 0.2) * decades).epsilon(1e-9));
  }
  CHECK(platforms::pcm::age().to_system(99) == Approx(2).epsilon(1e-15));
  CHECK(platforms::pcm::age().to_system(0) == 0);
}

TEST_CASE(
    "what write-and-verify leaves has its spread at every level and is another error an eighth of the range "
    "on") {
  Process process;
  process.programming_sigma = 0.01;
  constexpr Index n = 20000;
  const Cells cells =
      platforms::pcm::draw_cells(process, test::pairs_of_cells(n), {5, int(Purpose::test), 0, 0, 0});
  const auto error = [&](std::size_t k, double level) {
    return cells.write_sine[k] * std::sin(4 * pi * level) + cells.write_cosine[k] * std::cos(4 * pi * level);
  };
  for (const double level : {0.0, 0.1, 0.37, 0.8}) {
    double squares = 0, product = 0;
    for (std::size_t k = 0; k < std::size_t(n); ++k) {
      squares += error(k, level) * error(k, level);
      product += error(k, level) * error(k, level + 0.125);
    }
    // standard errors: σ²√2/√n of a variance, σ²/√n of a covariance; five of them
    CHECK(std::abs(squares / double(n) - 1e-4) < 5e-4 * std::sqrt(2.0 / double(n)));
    CHECK(std::abs(product / double(n)) < 5e-4 / std::sqrt(double(n)));
  }
  // and the crossbar's is this one
  const Plan plan{"pcm1", 1, 1, 16, 16, Signs::differential};
  Cells one = platforms::pcm::nominal_cells(process, 2);
  one.bend = {0, 0};
  one.write_sine = {0.02, 0}, one.write_cosine = {-0.01, 0};
  const auto table = platforms::pcm::device_table(process, plan, one);
  for (const double level : {0.05, 0.3, 0.9})
    CHECK(matrix(plan, table, {level, 0})(0, 0) ==
          Approx(level + 0.02 * std::sin(4 * pi * level) - 0.01 * std::cos(4 * pi * level)).epsilon(1e-12));
}

TEST_CASE("slope and curvature of a level are the derivatives of the one weight that it moves") {
  for (const test::CrossbarCase& c : test::crossbar_cases()) {
    INFO(c.name);
    Crossbar<double> map(c.plan, 0.01, c.table());
    REQUIRE(map.has_slopes());
    std::vector<double> controls = c.controls(), slope(controls.size()), curvature(slope), response(slope);
    platform::System system;
    platforms::pcm::age().at(system) = 3;
    const platform::OperatingPoint<double> at{controls, {}, system};
    map.slope(at, slope);
    map.curvature(at, curvature);
    map.response_slope(at, response);
    Matrix<double> w(map.rows(), map.cols()), up = w, down = w;
    map.evaluate(at, view(w));
    const auto weights = std::size_t(c.plan.weights());
    for (std::size_t k = 0; k < controls.size(); ++k) {
      const double step = 1e-4, level = controls[k];
      controls[k] = level + step;
      map.evaluate(at, view(up));
      controls[k] = level - step;
      map.evaluate(at, view(down));
      controls[k] = level;
      for (std::size_t i = 0; i < weights; ++i) {
        const double first = (up.data()[i] - down.data()[i]) / (2 * step),
                     second = (up.data()[i] - 2 * w.data()[i] + down.data()[i]) / (step * step);
        // errors of the differences: step² times the next derivatives, (4π)² below 200 at an error of 0.01
        CHECK(first == Approx(i == k % weights ? slope[k] : 0.0).margin(1e-5));
        CHECK(second == Approx(i == k % weights ? curvature[k] : 0.0).margin(1e-3));
      }
      CHECK(response[k] * c.table().cells[k].gain == Approx(slope[k]).epsilon(1e-12));
    }
  }
}

TEST_CASE("levels that are found for the matrix of a device give it, and the best where it is out of reach") {
  for (const test::CrossbarCase& c : test::crossbar_cases()) {
    INFO(c.name);
    Crossbar<double> map(c.plan, 0.01, c.table());
    Crossbar<float> small(c.plan, 0.01, c.table());
    const Matrix<double> target = matrix(c.plan, c.table(), c.controls());
    for (const double start : {0.0, 0.4, 1.0}) {
      std::vector<double> controls(c.controls().size(), start);
      CHECK(map.invert(view(target), controls) < 1e-12);
      std::vector<float> few(controls.size(), float(start));
      const Matrix<float> goal = target.cast<float>();
      CHECK(small.invert(view(goal), few) < 2e-6);
    }
    // from the levels themselves there is nothing to change
    std::vector<double> same = c.controls();
    CHECK(map.invert(view(target), same) < 1e-12);
    for (std::size_t k = 0; k < same.size(); ++k) CHECK(same[k] == Approx(c.controls()[k]).margin(1e-12));

    const Matrix<double> far = Matrix<double>::Constant(target.rows(), target.cols(), 5);
    std::vector<double> controls = c.controls();
    const double left = map.invert(view(far), controls);
    CHECK(left > 3);
    for (std::size_t k = 0; k < controls.size(); ++k)
      CHECK(controls[k] == (k < std::size_t(c.plan.weights()) ? 1.0 : 0.0));
  }
}

TEST_CASE("a process whose cells have no contrast, or a single level, is refused") {
  platform::Process process;
  CHECK(platform::check_process(process).empty());
  platform::set_process_value(process, "pcm.crystalline=0.9");
  REQUIRE(platform::check_process(process).size() == 1);
  CHECK(platform::check_process(process).front().find(
            "pcm.amorphous (0.9) has to be above pcm.crystalline (0.9)") == 0);
  process = {};
  platform::set_process_value(process, "pcm.levels=1");
  REQUIRE(platform::check_process(process).size() == 1);
  CHECK(platform::check_process(process).front().find("pcm.levels is 1") == 0);
}
