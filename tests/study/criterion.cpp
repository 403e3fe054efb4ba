#include "pnn/study/criterion.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using namespace pnn::study;
using Catch::Contains;

TEST_CASE("a criterion is a number of chips under conditions") {
  Array<double> scores({2, 5});  // means 0.55, 0.65, 0.75, 0.85, 0.95
  scores.data = {0.5, 0.6, 0.7, 0.8, 0.9, 0.6, 0.7, 0.8, 0.9, 1.0};
  const auto of = [&](const std::string& text) {
    return parse_criterion(text, network::Task::classify).of(scores);
  };
  CHECK(of("mean") == Approx(0.75));
  CHECK(of("worst") == 0.5);
  CHECK(of("quantile=0") == Approx(0.55));
  CHECK(of("quantile=5") == Approx(0.55 + 0.2 * 0.1));
  CHECK(of("quantile=50") == Approx(0.75));
  CHECK(of("quantile=100") == Approx(0.95));
  CHECK(of("yield=70") == Approx(0.6));  // three chips at both conditions
  CHECK(of("yield=71") == Approx(0.4));
  CHECK(of("yield=100") == 0);
  CHECK(chip_means(scores)[4] == Approx(0.95));
  scores.data[3] = std::nan("");
  for (const char* each : {"mean", "worst", "quantile=5", "yield=70"}) CHECK(std::isnan(of(each)));
}

TEST_CASE("criteria are refused with a sentence") {
  const auto refusal = [](const std::string& text, network::Task task) {
    return test::message_of<UsageError>([&] { parse_criterion(text, task); });
  };
  CHECK_THAT(refusal("best", network::Task::classify), Contains("expected mean, worst, quantile=PERCENT"));
  CHECK_THAT(refusal("yield", network::Task::classify), Contains("found \"yield\""));
  CHECK_THAT(refusal("quantile=101", network::Task::classify), Contains("between 0 and 100, found 101"));
  CHECK_THAT(refusal("quantile=x", network::Task::classify), Contains("--criterion quantile"));
  CHECK_THAT(refusal("yield=95", network::Task::reconstruct),
             Contains("its loss") && Contains("--task reconstruct"));
  CHECK(parse_criterion("yield=95", network::Task::regress).level == 95);
}
