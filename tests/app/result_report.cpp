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
