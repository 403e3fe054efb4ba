#include "pnn/study/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/study/intervals.hpp"
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

/// The difference of each pair of trainings, over the places of which both have a number. Trainings without
/// any number are passed over on both sides.
std::vector<double> differences_of(const Trainings& first, const Trainings& second) {
  const auto told = [](const Trainings& all) {
    Trainings kept;
    for (const std::span<const double> numbers : all)
      if (summarise(numbers).count > 0) kept.push_back(numbers);
    return kept;
  };
  const Trainings ours = told(first), theirs = told(second);
  std::vector<double> pairs;
  for (std::size_t k = 0; k < ours.size(); ++k) {
    std::vector<double> a(ours[k].begin(), ours[k].end()), b(theirs[k].begin(), theirs[k].end());
    for (std::size_t i = 0; i < a.size() && a.size() == b.size(); ++i)
      if (!std::isfinite(a[i]) || !std::isfinite(b[i])) a[i] = b[i] = unknown;
    const Summary x = summarise(a), z = summarise(b);
    if (x.count > 0 && z.count > 0) pairs.push_back(x.mean - z.mean);
  }
  return pairs;
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
    const std::vector<double> pairs = differences_of(first, second);
    const Summary s = summarise(pairs);
    // what two sums of equal numbers differ by is no difference
    const double rounding = 1e-13 * (std::abs(summarise(ours).mean) + std::abs(summarise(theirs).mean));
    const auto rounded = [&](double value) { return std::abs(value) <= rounding ? 0 : value; };
    d.trainings = s.count;
    d.mean = rounded(s.mean);
    d.error = rounded(standard_error(s));
    d.degrees = s.count > 1 ? double(s.count - 1) : 0;
    return d;
  }
  const Summary a = summarise(ours), b = summarise(theirs);
  const double e = standard_error(a), f = standard_error(b);
  d.mean = a.mean - b.mean;
  d.error = std::hypot(e, f);
  if (d.trainings < 2) return d;
  const double fourth = std::pow(e, 4) / double(a.count - 1) + std::pow(f, 4) / double(b.count - 1);
  d.degrees = fourth > 0 ? std::pow(d.error, 4) / fourth : double(a.count + b.count - 2);
  return d;
}

Verdict verdict(const Difference& d, bool rises, double confidence) {
  if (d.degrees == 0) return Verdict::unknown;
  if (std::abs(d.mean) <= student_t(d.degrees, confidence) * d.error) return Verdict::level;
  return (d.mean > 0) == rises ? Verdict::better : Verdict::worse;
}

std::string deployed_label(const std::string& label, const std::string& deployment) {
  return deployment == "none" ? label : label + " (" + deployment + ")";
}

std::size_t reference_of(const std::vector<Method>& methods, std::size_t method) {
  const auto same = [&](const Method& m) { return m.deployment == methods[method].deployment; };
  return std::size_t(std::find_if(methods.begin(), methods.end(), same) - methods.begin());
}

std::vector<Method> methods_of(const Result& result) {
  std::vector<Method> methods;
  const std::vector<std::string>& deployments = result.deployments;
  const bool several = std::any_of(deployments.begin(), deployments.end(),
                                   [&](const std::string& text) { return text != deployments.front(); });
  for (std::size_t k = 0; k < result.methods.size(); ++k) {
    const auto same = [&](const Method& m) { return m.label == result.methods[k]; };
    auto it = std::find_if(methods.begin(), methods.end(), same);
    if (it == methods.end()) {
      Method made{result.methods[k], {}, result.methods[k], several ? deployments[k] : ""};
      const std::size_t suffix = several ? deployed_label("", deployments[k]).size() : 0;
      made.trained.resize(made.trained.size() - std::min(suffix, made.trained.size()));
      it = methods.insert(it, std::move(made));
    }
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

Trainings trainings_of(const Array<double>& numbers, const Method& method) {
  Trainings trainings;
  for (const std::size_t k : method.trainings) trainings.push_back(numbers.slice(k));
  return trainings;
}

}  // namespace pnn::study
