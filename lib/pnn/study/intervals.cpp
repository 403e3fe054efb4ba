#include "pnn/study/intervals.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "pnn/core/errors.hpp"

namespace pnn::study {
namespace {

using Binomial = boost::math::binomial_distribution<double>;

void check(std::size_t passed, std::size_t count, double confidence) {
  require(count > 0 && passed <= count, "a share is one of some trials");
  require(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
}

/// The first of first, …, last − 1 for which `holds`, which ends once, is false; last if there is none.
template <class Holds>
std::size_t first_without(std::size_t first, std::size_t last, const Holds& holds) {
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (holds(middle)) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

}  // namespace

Interval share_interval(std::size_t passed, std::size_t count, double confidence) {
  check(passed, count, confidence);
  const double beyond = (1 - confidence) / 2;
  return {Binomial::find_lower_bound_on_p(double(count), double(passed), beyond),
          Binomial::find_upper_bound_on_p(double(count), double(passed), beyond)};
}

double share_at_least(std::size_t passed, std::size_t count, double confidence) {
  check(passed, count, confidence);
  return Binomial::find_lower_bound_on_p(double(count), double(passed), 1 - confidence);
}

std::size_t devices_wanted(double share, double confidence, std::size_t failed) {
  check(0, 1, confidence);
  require(share > 0 && share < 1, "a share that is shown lies between 0 and 1");
  constexpr double rounding = 1e-12;
  const double none = std::log(1 - confidence) / std::log(share);
  auto count = std::size_t(std::max(1.0, std::ceil(none * (1 - rounding)))) + failed;
  // a process whose share of failures is 1 − share hides behind so few failures with this probability
  const auto hidden = [&] { return cdf(Binomial(double(count), 1 - share), double(failed)); };
  while (failed > 0 && hidden() > (1 - confidence) * (1 + rounding)) ++count;
  return count;
}

Ranks quantile_ranks(std::size_t count, double p, double confidence) {
  check(0, count, confidence);
  const Binomial below(double(count), p);
  const double beyond = (1 - confidence) / 2;
  // both probabilities are monotonic in the rank
  const auto few = [&](std::size_t low) { return cdf(below, double(low)) <= beyond; };
  const auto many = [&](std::size_t high) { return cdf(complement(below, double(high - 1))) > beyond; };
  const std::size_t low = first_without(0, count, few);
  const std::size_t high = first_without(low + 1, count + 1, many);
  return {low, high <= count ? high : 0};
}

double student_t(double degrees, double confidence) {
  check(0, 1, confidence);
  const boost::math::students_t_distribution<double> student(degrees);
  return quantile(complement(student, (1 - confidence) / 2));
}

}  // namespace pnn::study
