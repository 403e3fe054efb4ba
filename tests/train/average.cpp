// The running mean of the parameters, its batch-norm statistics, and outputs that have died.
#include <cmath>
#include <numbers>

#include "pnn/network/evaluate.hpp"
#include "pnn/train/average.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/shifted.hpp"
#include "tests/train/small.hpp"

using namespace pnn;

namespace {

/// A training of `steps` updates at a constant rate; one of fewer updates is the beginning of one of more.
struct Setting : test::Learner {
  explicit Setting(std::uint64_t steps, const char* layer = "mrr:out=10")
      : Learner({"12", {layer, "batchnorm", "relu", "mrr:out=3"}}, test::clusters(12, 300, 90, 0.3F, 1.0F),
                30, 1e-2) {
    settings.length.steps = steps;
    settings.schedule.kind = train::Schedule::Kind::constant;
  }
};

const std::vector<float>& block(const std::vector<train::Tensor>& tensors, const std::string& name) {
  for (const train::Tensor& t : tensors)
    if (t.name == name) return t.values.data;
  throw InternalError("no " + name);
}

}  // namespace

TEST_CASE("a running mean has the weights of its formula, wherever its numbers lie") {
  const std::vector<float> points[] = {{1, 5}, {3, -1}, {8, 2}};
  train::RunningMean mean(0.5, 3);
  for (std::uint64_t k = 0; k < 3; ++k) mean.add(1, points[k], 0, k);
  CHECK(mean.values()[0] == 0);
  CHECK(mean.values()[1] == Approx((0.25 * 1 + 0.5 * 3 + 8) / 1.75));
  CHECK(mean.values()[2] == Approx((0.25 * 5 - 0.5 + 2) / 1.75));
  const auto numbers = test::rounding_numbers<float>(77, 1), others = test::rounding_numbers<float>(77, 2);
  const auto of = [&](std::size_t shift) {
    test::Shifted<float> a(numbers, shift), b(others, (shift + 24) % 64);
    train::RunningMean m(0.9, 100 + shift);
    m.add(shift / 4, a.span(), 0, 0), m.add(shift / 4, b.span(), 0, 1);
    return std::vector<float>(m.values().begin() + std::ptrdiff_t(shift / 4),
                              m.values().begin() + std::ptrdiff_t(shift / 4) + 77);
  };
  for (const std::size_t shift : test::shifts<float>()) CHECK(test::same_bits(of(shift), of(0)));
}

TEST_CASE("a running mean of angles takes the nearer way around") {
  constexpr double turn = 2 * std::numbers::pi;
  train::RunningMean mean(0.5, 2);
  mean.add(0, std::vector<float>{0.1F, 3.0F}, turn, 0);
  mean.add(0, std::vector<float>{float(0.3 + 2 * turn), -3.0F}, turn, 1);
  CHECK(mean.values()[0] == Approx((0.1 + 2 * 0.3) / 3).epsilon(1e-5));
  CHECK(mean.values()[1] == Approx((3.0 + 2 * (turn - 3.0)) / 3).epsilon(1e-5));
}

TEST_CASE("a training with a mean takes the same steps, and writes the mean of where they led") {
  for (const char* layer : {"mrr:out=10", "mzi:modes=12,detect=intensity,keep=10"}) {
    INFO(layer);
    std::vector<train::Params> after;
    for (std::uint64_t steps = 1; steps <= 3; ++steps) after.push_back(Setting(steps, layer).train());
    Setting with(3, layer);
    with.settings.updates.average = 0.5;
    const train::Params mean = with.train();
    CHECK(mean.history.loss == after.back().history.loss);
    CHECK(mean.history.test_score.back() > 0);
    for (std::size_t k = 0; k < mean.controls.front().values.size(); ++k) {
      const auto at = [&](std::size_t step) { return double(after[step].controls.front().values.data[k]); };
      CHECK(double(mean.controls.front().values.data[k]) ==
            Approx((0.25 * at(0) + 0.5 * at(1) + at(2)) / 1.75).margin(1e-5));
    }
    const auto scale = [&](std::size_t step) { return block(after[step].digital, "batchnorm1/scale")[3]; };
    CHECK(block(mean.digital, "batchnorm1/scale")[3] ==
          Approx((0.25F * scale(0) + 0.5F * scale(1) + scale(2)) / 1.75F));
  }
}

TEST_CASE("the statistics of a mean are those of its own layers, over the batches that are asked for") {
  Setting s(20);
  s.settings.updates.average = 0.9;
  s.settings.updates.average_statistics = 10;  // a whole epoch: every training sample once
  const train::Params mean = s.train();
  CHECK(mean.optimizer.evaluations == 10);
  CHECK(mean.history.gradients.back() == Approx(20 + 10 / 3.0));
  const std::vector<float>& found = block(mean.digital, "batchnorm1/mean");
  const ConstMatrixView<float> weights(mean.weights.front().values.data.data(), 10, 12);
  for (Index k = 0; k < 10; ++k) {
    double sum = 0;
    for (Index n = 0; n < s.data.train.x.rows(); ++n)
      sum += double(weights.row(k).dot(s.data.train.x.row(n)));
    CHECK(double(found[std::size_t(k)]) == Approx(sum / double(s.data.train.x.rows())).margin(1e-4));
  }
  s.settings.updates.average_statistics = 0;
  const train::Params of_the_last = s.train();
  s.settings.updates = Setting(20).settings.updates;
  CHECK(block(of_the_last.digital, "batchnorm1/mean") == block(s.train().digital, "batchnorm1/mean"));
  CHECK(block(of_the_last.digital, "batchnorm1/mean") != found);
}

TEST_CASE("a mean belongs to its budget, and is the same however often its training was interrupted") {
  Setting s(0);
  s.settings.length.budget = 25;
  s.settings.updates.average = 0.9;
  s.settings.updates.average_statistics = 15;
  s.settings.method = train::Method::process;
  s.settings.system.perturb = {"temperature=1"};
  const train::Params whole = s.train();
  CHECK(whole.optimizer.step == 20);
  CHECK(whole.history.gradients.back() == Approx(25));
  train::Params saved;
  test::StopAfter stop(13);
  CHECK_THROWS_AS(s.train(nullptr, &stop, &saved), Interrupted);
  CHECK(saved.optimizer.step == 13);
  CHECK(test::same(s.train(&saved), whole));
  s.settings.length.budget = 4;
  CHECK_THROWS_WITH(s.train(), "--budget: too small for a single step");
}

TEST_CASE("classes that no sample is given are counted") {
  Setting s(1);
  s.settings.updates.lr = 1e-9;  // a random start
  const train::Params p = s.train();
  REQUIRE(p.history.never_predicted.size() == 1);
  std::vector<float> digital, state;
  const std::vector<Matrix<float>> weights = [&] {
    std::vector<Matrix<float>> all;
    for (const train::Tensor& t : p.weights)
      all.push_back(
          ConstMatrixView<float>(t.values.data.data(), Index(t.values.shape[0]), Index(t.values.shape[1])));
    return all;
  }();
  for (const char* name : {"batchnorm1/scale", "batchnorm1/shift", "gain1/gain"}) {
    for (const train::Tensor& t : p.digital)
      if (t.name == name) digital.insert(digital.end(), t.values.data.begin(), t.values.data.end());
  }
  for (const char* name : {"batchnorm1/mean", "batchnorm1/variance"}) {
    const std::vector<float>& values = block(p.digital, name);
    state.insert(state.end(), values.begin(), values.end());
  }
  const network::Evaluation e =
      network::evaluate(s.net, {weights, digital, state}, s.data.test, network::Task::classify);
  double never = 0;
  for (Index k = 0; k < 3; ++k) never += e.confusion.col(k).sum() == 0 ? 1 : 0;
  CHECK(p.history.never_predicted.back() == never);
  CHECK(e.score == p.history.test_score.back());
  // a set without samples of a class says nothing of it
  Setting two(1);
  for (std::int32_t& label : two.data.test.y) label = 0;
  two.settings.updates.lr = 1e-9;
  CHECK(two.train().history.never_predicted.back() <= 1);
}

TEST_CASE("the rate of warm-up, stable, decay rises, stays and falls") {
  train::Schedule s;
  s.kind = train::Schedule::Kind::wsd;
  s.total_steps = 100;
  s.warmup = 0.1, s.decay = 0.2;
  CHECK(s.factor(0) == Approx(0.1));
  CHECK(s.factor(9) == Approx(1));
  CHECK(s.factor(50) == 1);
  CHECK(s.factor(80) == Approx(1));
  CHECK(s.factor(90) == Approx(0.5));
  CHECK(s.factor(99) == Approx(0.05));
  s.warmup = s.decay = 0;
  CHECK(s.factor(0) == 1);
  CHECK(s.factor(99) == 1);
}
