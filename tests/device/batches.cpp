// What a device gives for one sample does not depend on what else is measured.
#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/platform/detection.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/mesh_layer.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "tests/catch.hpp"
#include "tests/device/every_platform.hpp"
#include "tests/device/lab.hpp"
#include "tests/process.hpp"

using namespace pnn;

namespace {

/// A device of one layer on which nothing but time is held still.
std::unique_ptr<device::Device> made(const platform::AnyPlan& plan, std::uint32_t draw = 0) {
  auto chip = device::make_virtual_device(device::fabricate({plan}, {}, 1, 9), 0);
  device::Conditions conditions;
  conditions.environment = device::Environment::exact;
  conditions.draw = draw;
  chip->impose(conditions);
  chip->set_controls(0, test::controls_for(chip->layers()[0], 7));
  return chip;
}

/// The samples [begin, end) of x in calls of at most `batch` at once, the last ones first if `backwards`.
void measure(device::Device& chip, const Matrix<float>& x, Index batch, bool backwards, Matrix<float>& y) {
  std::vector<Index> starts;
  for (Index n = 0; n < x.rows(); n += batch) starts.push_back(n);
  if (backwards) std::reverse(starts.begin(), starts.end());
  for (const Index n : starts) {
    const Index count = std::min(batch, x.rows() - n);
    chip.run_samples(0, ConstMatrixView<float>(x.data() + n * x.cols(), count, x.cols()),
                     MatrixView<float>(y.data() + n * y.cols(), count, y.cols()), std::uint64_t(n));
  }
}

}  // namespace

TEST_CASE("on every platform a sample gives the same bits alone, in batches of 7, and in another order") {
  for (const platform::AnyPlan& plan : test::every_platform()) {
    INFO(plan->name());
    Matrix<float> x = test::signals_for(plan, 150, 11);
    x.row(3) *= 100;  // one that would blind the others
    x.row(5).setZero();
    Matrix<float> all(150, plan->outputs()), other(150, plan->outputs());
    measure(*made(plan), x, 150, false, all);
    for (const Index batch : {1, 7}) {
      for (const bool backwards : {false, true}) {
        measure(*made(plan), x, batch, backwards, other);
        CHECK(other == all);
      }
    }
    // there is noise, it is each sample's own, and other draws have another
    measure(*made(plan, 1), x, 150, false, other);
    CHECK_FALSE(other.row(0) == all.row(0));
    Matrix<float> twins = x;
    twins.row(1) = x.row(0);
    measure(*made(plan), twins, 150, false, other);
    CHECK_FALSE(other.row(0) == other.row(1));
    CHECK(other.row(2) == all.row(2));
  }
}

TEST_CASE("what devices have found out of known samples does not show in what others give for them") {
  for (const platform::AnyPlan& plan : test::every_platform()) {
    INFO(plan->name());
    const Matrix<float> x = test::signals_for(plan, 40, 11);
    Matrix<float> expected(40, plan->outputs()), y(40, plan->outputs());
    measure(*made(plan), x, 40, false, expected);
    platform::KnownSamples known(view(x));
    for (const Index batch : {7, 40}) {
      const auto chip = made(plan);
      chip->vouch(known);
      measure(*chip, x, batch, batch == 7, y);
      CHECK(y == expected);
      const Matrix<float> others = test::signals_for(plan, 40, 12);
      measure(*made(plan), others, 40, false, expected);
      measure(*chip, others, batch, false, y);
      CHECK(y == expected);
      measure(*made(plan), x, 40, false, expected);
    }
  }
}

TEST_CASE("a size that is kept belongs to its sample, and to the layer that asked first") {
  const std::vector<platform::AnyPlan> plans = test::every_platform();
  const Matrix<float> x = Matrix<float>::Ones(5, 4), other = x;
  platform::KnownSamples known(view(x));
  const auto rows = [](const Matrix<float>& of, Index begin, Index count) {
    return ConstMatrixView<float>(of.data() + begin * of.cols(), count, of.cols());
  };
  std::atomic<double>* const sizes = known.sizes(rows(x, 0, 5), plans[0]);
  REQUIRE(sizes != nullptr);
  CHECK(std::isnan(sizes[3].load()));
  CHECK(known.sizes(rows(x, 3, 2), plans[0]) == sizes + 3);
  CHECK(known.sizes(rows(x, 3, 2), plans[1]) == nullptr);
  CHECK(known.sizes(rows(other, 0, 5), plans[0]) == nullptr);
  CHECK_FALSE(known.contain(ConstMatrixView<float>(x.data() + 1, 2, 4)));
  CHECK_FALSE(known.contain(ConstMatrixView<float>(x.data(), 2, 2)));
}

TEST_CASE("a sample's number that no evaluation reaches is refused") {
  const auto chip = made(test::every_platform().front());
  const Matrix<float> x = test::signals_for(chip->layers()[0].plan, 1, 2);
  Matrix<float> y(1, chip->layers()[0].plan->outputs());
  CHECK_THROWS_AS(chip->run_samples(0, view(x), view(y), ~std::uint64_t{0}), UsageError);
}

TEST_CASE("read-out noise is that of the full scale of a device, whatever else is in the call") {
  // of a mesh without loss all light of a sample can reach one output: full scale is its power
  platform::Process process;
  test::edit<platforms::mzi::Process>(process)->loss_db = 0;
  test::edit<platforms::mzi::Process>(process)->split_sigma_rad = 0;
  const platform::AnyPlan plan = platforms::mzi::MeshLayer{{"mzi1", 6, 6}, platform::Detection::intensity};
  const auto chip = device::make_virtual_device(device::fabricate({plan}, process, 1, 9), 0);
  device::Conditions noisy = test::quiet();
  noisy.readout_noise = 0.01;
  const auto spread = [&](const Matrix<float>& x) {
    Matrix<float> clean(x.rows(), 6), with(x.rows(), 6);
    chip->impose(test::quiet());
    chip->run(0, view(x), view(clean));
    chip->impose(noisy);
    chip->run(0, view(x), view(with));
    return std::sqrt((with - clean).topRows(5000).cast<double>().array().square().mean());
  };
  Matrix<float> x = test::signals_for(plan, 5001, 4);
  for (Index n = 0; n < 5000; ++n) x.row(n) *= 0.3F / x.row(n).norm();
  x.row(5000).setZero();
  // n = 30 000 numbers give σ to √(1/2n) = 0.4 %; four of these
  const double alone = spread(x);
  CHECK(alone == Approx(0.01 * 0.09).epsilon(0.016));
  x(5000, 0) = 100;
  CHECK(spread(x) == alone);
}

TEST_CASE("inputs of both signs reach rings in two read-outs") {
  const platform::AnyPlan plan = platforms::mrr::BankPlan{"mrr1", 16, 8, 16, 8, platforms::mrr::Reuse::time};
  const auto chip = device::make_virtual_device(device::fabricate({plan}, {}, 1, 9), 0);
  device::Conditions noisy = test::quiet();
  noisy.readout_noise = 0.01;
  const auto spread = [&](float first) {
    Matrix<float> x = Matrix<float>::Constant(4000, 8, 0.5F);
    x.col(0).setConstant(first);
    Matrix<float> clean(4000, 16), with(4000, 16);
    chip->impose(test::quiet());
    chip->run(0, view(std::as_const(x)), view(clean));
    chip->impose(noisy);
    chip->run(0, view(std::as_const(x)), view(with));
    return std::sqrt((with - clean).cast<double>().array().square().mean());
  };
  // 0.01 of 8 columns times the largest power; n = 64 000 numbers give σ to 0.28 %, four of these
  CHECK(spread(0.25F) == Approx(0.01 * 8 * 0.5).epsilon(0.0112));
  CHECK(spread(-0.25F) == Approx(0.01 * 8 * 0.5 * std::sqrt(2.0)).epsilon(0.0112));
  CHECK(spread(-0.75F) == Approx(0.01 * 8 * 0.75 * std::sqrt(2.0)).epsilon(0.0112));
}
