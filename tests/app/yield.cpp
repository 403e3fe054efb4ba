#include "pnn/app/yield.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/study/yield.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// Twenty devices at drift 0 and 1, of which every training loses one at 0 and `k` + 1 at 1, the k-th of
/// them counted from 0.
study::Result told(const std::vector<std::string>& labels) {
  study::Result r;
  r.methods = labels;
  r.axes = {{"drift", "K", "", {0, 1}}};
  for (int d = 0; d < 20; ++d) r.devices.push_back(std::to_string(d));
  r.images = 100;
  r.score = Array<double>({labels.size(), 2, 20, 1}, 0.96);
  for (std::size_t k = 0; k < labels.size(); ++k) {
    r.score.data[(k * 2) * 20] = 0.5;
    for (std::size_t d = 0; d <= k; ++d) r.score.data[(k * 2 + 1) * 20 + d] = 0.9;
  }
  r.loss = r.score;
  r.yield.levels = {0.9, 0.95};
  study::tell_yield(r);
  return r;
}

std::string table_of(const study::Result& r) {
  cli::Report report;
  app::report_yield(r, report);
  return report.text();
}

}  // namespace

TEST_CASE("of one training a yield has an interval over devices, at each condition and at all of them") {
  const std::string table = table_of(told({"bp"}));
  CHECK_THAT(table, Contains("% of 20 devices whose accuracy reaches the level [95 % interval of Clopper"));
  CHECK_THAT(table, Contains("shown: % of all dies of that process, with 95 % confidence\n"));
  CHECK_THAT(table, Contains("condition  method") && Contains("≥ 90 %") && Contains("≥ 95 %"));
  // 19 of 20: Clopper–Pearson [0.7513, 0.9987], one-sided 0.7839
  CHECK_THAT(table, Contains("drift=0    bp      95 [75.13, 99.87]  78.39"));
  CHECK_THAT(table, Contains("drift=1    bp       100 [83.16, 100]  86.09  95 [75.13, 99.87]  78.39"));
  CHECK_THAT(table, Contains("\nall        bp"));
}

TEST_CASE("of several trainings a yield is their mean with its error, and the worst of them") {
  const study::Result r = told({"bp", "bp", "bp"});
  const std::string table = table_of(r);
  CHECK_THAT(table, Contains("mean ± standard error over trainings (fewest)") && !Contains("Clopper"));
  // 19, 18 and 17 of 20 at drift 1: 90 ± 5/√3, the worst shows 0.6563
  CHECK_THAT(table, Contains("90 ± 2.9 (85)  65.63"));
  cli::Report report;
  app::report_yield(r, report);
  const std::string object = report.json_object();
  CHECK_THAT(object, Contains("\"yield_conditions\": [\"drift=0\",\"drift=1\",\"all\"]"));
  CHECK_THAT(object, Contains("\"yield_share\": [0.95,1.0,0.95,0.95,0.95,0.95,0.95,1.0,0.95,0.95,0.9,0.9"));
}

TEST_CASE("several trainings of two methods are compared in share, quantile and worst tenth") {
  // at drift 1 bp loses 1, 2 and 3 of 20 devices to 90 %, and sat 7, 8 and 9
  study::Result r = told({"bp", "bp", "bp", "sat", "sat", "sat"});
  for (std::size_t k = 3; k < 6; ++k)
    for (std::size_t d = 0; d < 20; ++d) r.score.data[(k * 2 + 1) * 20 + d] = d < k + 4 ? 0.9 : 0.96;
  REQUIRE(study::tell_yield(r));
  cli::Report report;
  app::report_yield(r, report);
  CHECK_THAT(report.text(), Contains("drift=1    sat - bp") && Contains("-30 ± 0 worse") &&
                                Contains("0 ± 0 not told apart"));
  const std::string object = report.json_object();
  // [method, level, condition]: of sat at 95 % and drift 1
  CHECK_THAT(object, Contains("\"yield_share_verdict\": [") && Contains("\"yield_quantile_verdict\": [") &&
                         Contains("\"yield_worst_tenth_difference\": [") && !Contains("yield_worst_verdict"));
  CHECK_THAT(object, Contains("\"not told apart\",\"worse\",\"worse\"]"));
  cli::Report alone;
  app::report_yield(told({"bp", "sat"}), alone);
  CHECK_THAT(alone.text(), !Contains("sat - bp"));
}

TEST_CASE("a share is not rounded up to all devices, and one without finite numbers leaves a dash") {
  study::Result r;
  r.methods = {"bp"};
  for (int d = 0; d < 4000; ++d) r.devices.push_back(std::to_string(d));
  r.score = Array<double>({1, 4000, 1}, 0.96);
  r.score.data[7] = 0.5;
  r.loss = r.score;
  r.yield.levels = {0.9};
  study::tell_yield(r);
  CHECK_THAT(table_of(r), Contains("99.98 [99.86, 100]"));
  r.score.data[7] = std::nan("");
  r.overflowed = Array<double>(r.score.shape, 0.0);
  r.overflowed.data[7] = 1;
  study::tell_yield(r);
  CHECK_THAT(table_of(r), Contains("99.98 [99.86, 100]") && Contains("-      -\n"));
}

TEST_CASE("along a long trace the table tells all conditions at once, and JSON each of them") {
  study::Result r = told({"bp"});
  r.axes = {{"time", "s", "", std::vector<double>(40)}};
  for (std::size_t k = 0; k < 40; ++k) r.axes[0].values[k] = double(k);
  r.devices.resize(1);
  r.score.shape = r.loss.shape = {1, 40, 1, 1};
  REQUIRE(study::tell_yield(r));
  cli::Report report;
  app::report_yield(r, report);
  CHECK_THAT(report.text(), Contains("\nall        bp") && !Contains("time=7") && Contains("each condition"));
  CHECK_THAT(report.json_object(), Contains("\"time=7\""));
}

TEST_CASE("a result in parts says where its yield will be told, and one without levels says nothing") {
  study::Result r = told({"bp"});
  r.yield = {};
  CHECK(table_of(r).empty());
  r.yield.levels = {0.9};
  CHECK_THAT(table_of(r), Contains("pnn-merge"));
}

TEST_CASE("a yield is asked of devices and of a score, and each device counts once") {
  const test::SmallChain chain;
  test::FakeContext context;
  const auto load = [&](const std::string& target) {
    return app::load_evaluation({chain.params}, chain.samples, {false, false, true}, target, {}, "", context);
  };
  app::YieldSettings settings;
  app::Evaluation devices = load(chain.chips);
  CHECK(app::asked_yield(settings, load(chain.model), {0}, chain.model).levels.empty());
  settings.levels = {90, 97.3};
  settings.confidence = 90;
  const study::Yield asked = app::asked_yield(settings, devices, {0, 1}, chain.chips);
  CHECK(asked.levels == std::vector<double>{0.9, 97.3 / 100});
  CHECK(asked.confidence == 0.9);
  const auto said = [&](const app::Evaluation& e, const std::vector<std::size_t>& indices) {
    return test::message_of<UsageError>([&] { app::asked_yield(settings, e, indices, "the-target.h5"); });
  };
  CHECK_THAT(said(load(chain.model), {0}),
             Contains("--yield: acts on nothing here; the-target.h5 is a model"));
  CHECK_THAT(said(devices, {1, 0, 1}), Contains("device 1 stands twice in --index"));
  devices.params.front().value.task = network::Task::reconstruct;
  CHECK_THAT(said(devices, {0}), Contains("these networks are told by their mean squared error"));
}

TEST_CASE("a dry run tells how many devices a statement wants") {
  study::Yield yield;
  cli::Report silent;
  app::report_yield_forecast(yield, 40, silent);
  CHECK(silent.json_object() == "{}\n");
  yield.levels = {0.95};
  cli::Report report;
  app::report_yield_forecast(yield, 40, report);
  CHECK_THAT(report.text(), Contains("devices to show 95 % of dies with 95 % confidence") &&
                                Contains("59, 93 if one of them fails") && Contains("92.8 % of dies"));
  CHECK_THAT(report.json_object(), Contains("\"yield_devices_wanted\": [29.0,59.0,299.0]"));
}
