#include "pnn/app/result_report.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "tests/app/context.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

study::Result small_result() {
  study::Result r;
  r.methods = {"bp", "bp", "sat", "sat"};
  r.axes = {{"drift", "K", "", {-1, 0}}, {"dac-bits", "1", "", {4, 6, 8}}};
  r.devices = {"0", "3"};
  r.images = 50;
  r.loss = Array<double>({4, 2, 3, 2, 1});
  r.score = r.loss;
  for (std::size_t k = 0; k < r.loss.size(); ++k) r.score.data[k] = 0.5 + 0.01 * double(k);
  return r;
}

}  // namespace

TEST_CASE("a result is a row a condition, a column a method, and a column a difference to the first") {
  cli::Report report;
  app::report_result(small_result(), report);
  const std::string table = report.text(), object = report.json_object();
  CHECK_THAT(table,
             Contains("accuracy in %, mean ± standard error over 2 trainings (worst), 2 devices in each"));
  CHECK_THAT(table, Contains("drift / K") && Contains("dac-bits") && Contains("sat - bp") &&
                        !Contains("dac-bits /"));
  // a row a condition: at drift -1 and 4 bits the trainings of bp have the means 0.505 and 0.625
  CHECK(std::count(table.begin(), table.end(), '\n') == 4 + 6);
  CHECK_THAT(table, Contains("56.5 ± 6 (50)") && Contains("80.5 ± 6 (74)") && Contains("24 ± 0 better"));
  CHECK_THAT(table, Contains("mean over all conditions: sat - bp 24 ± 0 better\n"));
  CHECK(table.find("56.5 ± 6") < table.find("62.5 ± 6"));  // drift is the slowest
  CHECK_THAT(object, Contains("\"methods\": [\"bp\",\"sat\"]") && Contains("\"trainings\": [2.0,2.0]"));
  CHECK_THAT(object, Contains("\"accuracy_mean\": [0.565") && !Contains("error_growth"));
  CHECK_THAT(object, Contains("\"accuracy_verdict\": [\"not told apart\"") &&
                         Contains("\"accuracy_overall_verdict\": [\"not told apart\",\"better\"]"));
}

TEST_CASE("deployments are rows with their costs, and every method is compared with the first of its row") {
  study::Result r = small_result();
  r.methods = {"bp", "bp (gain)", "bp", "bp (gain)", "sat", "sat (gain)", "sat", "sat (gain)"};
  r.deployments = {"none", "gain", "none", "gain", "none", "gain", "none", "gain"};
  r.axes = {{"drift", "K", "", {-1, 0}}};
  const std::vector<std::size_t> shape{8, 2, 2, 1};
  for (Array<double>* numbers : {&r.loss, &r.score, &r.spent_samples, &r.spent_calls, &r.adjusted})
    *numbers = Array<double>(shape, 0.0);
  for (std::size_t m = 0; m < 8; ++m)
    for (std::size_t k = 0; k < 4; ++k) {
      const bool gain = m % 2 == 1, sat = m > 3;
      r.score.data[m * 4 + k] = 0.5 + (gain ? 0.2 : 0) + (sat ? 0.1 : 0);
      r.spent_samples.data[m * 4 + k] = gain ? 500 : 0;
      r.spent_calls.data[m * 4 + k] = gain ? 4 + double(k % 2) : 0;
      r.adjusted.data[m * 4 + k] = gain ? 1 + double(k / 2) : 0;
    }
  cli::Report report;
  app::report_result(r, report);
  const std::string table = report.text(), object = report.json_object();
  CHECK_THAT(table, Contains("drift / K  deployment  samples  calls  times"));
  CHECK_THAT(table, Contains("gain            500    4.5      2") && Contains("10 ± 0 better"));
  CHECK_THAT(table, Contains("difference to bp with the deployment none, mean over all conditions"));
  CHECK_THAT(table, Contains("20 ± 0 better  30 ± 0 better"));
  CHECK(table.find("sat (gain)") == std::string::npos);
  CHECK_THAT(object, Contains("\"deployments\": [\"none\",\"gain\",\"none\",\"gain\"]") &&
                         Contains("\"deployment_samples\": [0.0,500.0,0.0,500.0]") &&
                         Contains("\"deployment_times\": [0.0,2.0,0.0,2.0]"));
  CHECK_THAT(object, Contains("\"methods\": [\"bp\",\"bp (gain)\",\"sat\",\"sat (gain)\"]"));
  // one deployment of all is told above the table, which has no column of it
  r.deployments.assign(8, "gain");
  cli::Report single;
  app::report_result(r, single);
  CHECK_THAT(single.text(),
             Contains("adjusted on each device (gain) with 250 samples shown and 2.25 device calls") &&
                 !Contains("deployment  "));
}

TEST_CASE("of one training of each method the report says that there is no verdict") {
  study::Result r = small_result();
  r.methods = {"bp", "sat", "noise", "slope"};
  cli::Report report;
  app::report_result(r, report);
  CHECK_THAT(report.text(), Contains("no verdict on methods: one training of each") && !Contains("sat - bp"));
  CHECK_THAT(report.json_object(), Contains("\"accuracy_overall_verdict\": [\"one training\""));
}

TEST_CASE("evaluations without finite numbers are told, and a result that has no others is a failure") {
  study::SweepOutcome outcome;
  outcome.result = small_result();
  outcome.overflow = "layer mrr1";
  {
    test::FakeContext context;
    app::report_overflow(outcome, context);
    CHECK(context.warnings.empty());
  }
  outcome.result.overflowed = Array<double>(outcome.result.loss.shape, 0.0);
  outcome.result.overflowed.data[5] = 1;
  test::FakeContext context;
  app::report_overflow(outcome, context);
  REQUIRE(context.warnings.size() == 1);
  CHECK_THAT(context.warnings.front(), Contains("1 of 48 evaluations") && Contains(": layer mrr1"));
  outcome.result.overflowed = Array<double>(outcome.result.loss.shape, 1.0);
  CHECK_THAT(test::message_of<RunError>([&] { app::report_overflow(outcome, context); }),
             Contains("no evaluation gave finite numbers: layer mrr1"));
}
