// Intervals and bounds against tables, closed forms and sums of the binomial distribution.
#include "pnn/study/intervals.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"

using namespace pnn::study;

namespace {

/// P(Bin(n, p) = k), from logarithms of factorials.
double probability(std::size_t n, double p, std::size_t k) {
  const auto log_factorial = [](std::size_t m) { return std::lgamma(double(m) + 1); };
  return std::exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) + double(k) * std::log(p) +
                  double(n - k) * std::log(1 - p));
}

/// P(Bin(n, p) < k)
double below(std::size_t n, double p, std::size_t k) {
  double sum = 0;
  for (std::size_t i = 0; i < k; ++i) sum += probability(n, p, i);
  return sum;
}

}  // namespace

TEST_CASE("the interval of a share is that of Clopper and Pearson") {
  const Interval eight = share_interval(8, 10, 0.95);
  CHECK(eight.low == Approx(0.443905).epsilon(1e-5));
  CHECK(eight.high == Approx(0.974789).epsilon(1e-5));
  // of none and of all: 1 − (α/2)^(1/n) and (α/2)^(1/n)
  CHECK(share_interval(0, 10, 0.95).low == 0);
  CHECK(share_interval(0, 10, 0.95).high == Approx(1 - std::pow(0.025, 0.1)));
  CHECK(share_interval(10, 10, 0.95).low == Approx(std::pow(0.025, 0.1)));
  CHECK(share_interval(10, 10, 0.95).high == 1);
  CHECK(share_at_least(20, 20, 0.95) == Approx(std::pow(0.05, 1.0 / 20)));
  CHECK(share_at_least(0, 20, 0.95) == 0);
}

TEST_CASE("an interval covers the share at least as often as it says, whatever the share is") {
  for (const double confidence : {0.8, 0.95})
    for (const std::size_t n : {1, 5, 20})
      for (double p = 0.02; p < 1; p += 0.035) {
        double covered = 0, bounded = 0;
        for (std::size_t k = 0; k <= n; ++k) {
          const Interval interval = share_interval(k, n, confidence);
          if (interval.low <= p && p <= interval.high) covered += probability(n, p, k);
          if (share_at_least(k, n, confidence) <= p) bounded += probability(n, p, k);
        }
        INFO(confidence << " " << n << " " << p);
        CHECK(covered >= confidence);
        CHECK(bounded >= confidence);
      }
}

TEST_CASE("a statement wants the numbers of devices that tables of tolerance limits have") {
  CHECK(devices_wanted(0.95, 0.95) == 59);
  CHECK(devices_wanted(0.95, 0.95, 1) == 93);
  CHECK(devices_wanted(0.95, 0.95, 2) == 124);
  CHECK(devices_wanted(0.9, 0.95) == 29);
  CHECK(devices_wanted(0.99, 0.95) == 299);
  CHECK(devices_wanted(0.5, 0.5) == 1);
  for (const std::size_t failed : {0, 1, 3}) {
    const std::size_t n = devices_wanted(0.9, 0.9, failed);
    CHECK(share_at_least(n - failed, n, 0.9) >= 0.9);
    CHECK(share_at_least(n - 1 - failed, n - 1, 0.9) < 0.9);
  }
}

TEST_CASE("the ranks that enclose a quantile are the narrowest that leave out no more than they may") {
  const Ranks ten = quantile_ranks(10, 0.5, 0.95);
  CHECK(ten.low == 2);  // covers 97.9 %
  CHECK(ten.high == 9);
  // of a million the normal distribution: 500 000 ± 1.96 · 500, and a whole rank
  const Ranks million = quantile_ranks(1'000'000, 0.5, 0.95);
  CHECK(std::abs(double(million.low) - 499'020.02) < 1);
  CHECK(std::abs(double(million.high) - 500'980.98) < 1);
  for (const std::size_t n : {6, 21, 59, 200})
    for (const double p : {0.05, 0.5, 0.9}) {
      INFO(n << " " << p);
      const Ranks ranks = quantile_ranks(n, p, 0.95);
      if (ranks.low > 0) CHECK(below(n, p, ranks.low) <= 0.025);
      CHECK(below(n, p, ranks.low + 1) > 0.025);
      if (ranks.high > 0) CHECK(1 - below(n, p, ranks.high) <= 0.025);
      CHECK(1 - below(n, p, ranks.high > 0 ? ranks.high - 1 : n) > 0.025);
    }
}

TEST_CASE("too few devices have no rank below a low quantile") {
  CHECK(quantile_ranks(5, 0.5, 0.95).low == 0);  // 2 · 0.5⁵ is more than 5 %
  CHECK(quantile_ranks(5, 0.5, 0.95).high == 0);
  CHECK(quantile_ranks(6, 0.5, 0.95).low == 1);
  CHECK(quantile_ranks(6, 0.5, 0.95).high == 6);
  CHECK(quantile_ranks(71, 0.05, 0.95).low == 0);  // 0.95⁷¹ is 2.6 %
  CHECK(quantile_ranks(72, 0.05, 0.95).low == 1);
}

TEST_CASE("Student's quantiles are those of its table") {
  CHECK(student_t(1, 0.95) == Approx(12.7062).epsilon(1e-5));
  CHECK(student_t(4, 0.95) == Approx(2.77645).epsilon(1e-5));
  CHECK(student_t(9, 0.99) == Approx(3.24984).epsilon(1e-5));
  CHECK(student_t(60, 0.95) == Approx(2.00030).epsilon(1e-5));
}
