#include "pnn/study/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/study/summary.hpp"

namespace pnn::study {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Standard error of the mean of independent values.
double standard_error(const Summary& values) {
  return values.count > 1 ? values.deviation / std::sqrt(double(values.count)) : unknown;
}

/// The mean of each training that has numbers.
std::vector<double> means_of(const Trainings& trainings) {
  std::vector<double> means;
  for (const std::span<const double> numbers : trainings) {
    const Summary s = summarise(numbers);
    if (s.count > 0) means.push_back(s.mean);
  }
  return means;
}

}  // namespace

Estimate estimate(const Trainings& trainings) {
  Estimate e;
  e.smallest = std::numeric_limits<double>::infinity();
  e.largest = -e.smallest;
  double variance = 0;
  std::size_t several = 0;
  for (const std::span<const double> numbers : trainings) {
    const Summary s = summarise(numbers);
    e.numbers += s.count;
    e.smallest = std::min(e.smallest, s.worst);
    e.largest = std::max(e.largest, s.best);
    if (s.count < 2) continue;
    variance += s.deviation * s.deviation;
    ++several;
  }
  const std::vector<double> means = means_of(trainings);
  const Summary over = summarise(means);
  e.trainings = over.count;
  e.mean = over.mean;
  e.error = standard_error(over);
  e.spread = several > 0 ? std::sqrt(variance / double(several)) : 0;
  return e;
}

Difference difference(const Trainings& first, const Trainings& second) {
  const std::vector<double> ours = means_of(first), theirs = means_of(second);
  Difference d;
  d.trainings = std::min(ours.size(), theirs.size());
  d.paired = ours.size() == theirs.size();
  if (d.paired) {
    std::vector<double> pairs(ours.size());
    for (std::size_t k = 0; k < pairs.size(); ++k) pairs[k] = ours[k] - theirs[k];
    const Summary s = summarise(pairs);
    d.mean = s.mean;
    d.error = standard_error(s);
    return d;
  }
  const Summary a = summarise(ours), b = summarise(theirs);
  d.mean = a.mean - b.mean;
  d.error = std::hypot(standard_error(a), standard_error(b));
  return d;
}

std::vector<Method> methods_of(const Result& result) {
  std::vector<Method> methods;
  for (std::size_t k = 0; k < result.methods.size(); ++k) {
    const auto same = [&](const Method& m) { return m.label == result.methods[k]; };
    auto it = std::find_if(methods.begin(), methods.end(), same);
    if (it == methods.end()) it = methods.insert(it, {result.methods[k], {}});
    it->trainings.push_back(k);
  }
  return methods;
}

Trainings trainings_at(const Result& result, const Array<double>& numbers, const Method& method,
                       std::size_t condition) {
  const std::size_t inner = result.devices.size() * result.repeats;
  const std::size_t conditions = numbers.size() / (result.methods.size() * inner);
  Trainings trainings;
  for (const std::size_t k : method.trainings)
    trainings.push_back(std::span(numbers.data).subspan((k * conditions + condition) * inner, inner));
  return trainings;
}

}  // namespace pnn::study
