// Compares methods by several trainings of each. An error is over independent trainings. Devices are nested
// in a training, which all of them share, so that the mean over twenty devices of one training is one number,
// not twenty.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "pnn/core/words.hpp"
#include "pnn/study/result.hpp"

namespace pnn::study {

/// The numbers of one method at one condition: for each training those of its devices and repeats. Numbers
/// that are not finite (those of another shard) are ignored, and so are trainings without any number.
using Trainings = std::vector<std::span<const double>>;

/// With y_t the mean of training t over devices and repeats, and n trainings:
///   mean = Σ_t y_t / n,  error = s/√n,  s² = Σ_t (y_t − mean)²/(n − 1),
/// the standard error of the mean over trainings.
struct Estimate {
  double mean = 0;
  double error = 0;  ///< NaN for fewer than two trainings
  double spread =
      0;  ///< standard deviation (n − 1) over devices and repeats, root mean square over trainings
  double smallest = 0, largest = 0;  ///< over all numbers
  std::size_t trainings = 0;
  std::size_t numbers = 0;  ///< count of all numbers
};
Estimate estimate(const Trainings& trainings);

/// The difference first − second. If both have the same number of trainings they are compared in pairs, the
/// k-th of one with the k-th of the other on the same devices (those of which both have a number): the mean
/// of y_t − z_t and its standard error over pairs, from which everything that both share (devices, a seed)
/// cancels. Otherwise the error is that of two independent means, √(e₁² + e₂²).
struct Difference {
  double mean = 0;
  double error = 0;  ///< NaN if either has fewer than two trainings
  bool paired = false;
  std::size_t trainings = 0;  ///< the smaller of both numbers
  /// Degrees of freedom of the error: pairs − 1, or those of B. L. Welch, Biometrika 34, 28 (1947), for two
  /// independent means, (e₁² + e₂²)²/(e₁⁴/(n₁ − 1) + e₂⁴/(n₂ − 1)). 0 where there is no error.
  double degrees = 0;
};
Difference difference(const Trainings& first, const Trainings& second);

/// What can be said of the first of two methods.
enum class Verdict {
  better,
  worse,
  level,    ///< the difference is within what trainings differ by
  unknown,  ///< one of them has a single training
};
constexpr auto words_of(Verdict) {
  using enum Verdict;
  return std::to_array<Word<Verdict>>(
      {{better, "better"}, {worse, "worse"}, {level, "not told apart"}, {unknown, "one training"}});
}
/// Student's test: a difference is told if it is more than t errors, with which the mean of trainings that do
/// not differ stays within the probability `confidence`. `rises`: whether higher is better.
Verdict verdict(const Difference& difference, bool rises, double confidence = 0.95);

/// The name of a training that is deployed in one of several ways: "bp" where nothing is adjusted, else
/// "bp (temperature)".
std::string deployed_label(const std::string& label, const std::string& deployment);

/// A method of a result: the trainings that share a label and a deployment, in their order.
struct Method {
  std::string label;
  std::vector<std::size_t> trainings;  ///< their indices in Result::methods
  std::string trained, deployment;     ///< the parts of the label; no deployment where there is only one
};
/// The methods of a result, in the order in which their labels first appear.
std::vector<Method> methods_of(const Result& result);
/// The first method with the same deployment as `method`, with which it is compared.
std::size_t reference_of(const std::vector<Method>& methods, std::size_t method);

/// The numbers of one method at one condition. `numbers` [method, axes…, device, repeat] is the result's
/// accuracy, loss or frechet; `condition` is the flat index over the axes, the last fastest.
Trainings trainings_at(const Result& result, const Array<double>& numbers, const Method& method,
                       std::size_t condition);
/// The same at all conditions together.
Trainings trainings_of(const Array<double>& numbers, const Method& method);

}  // namespace pnn::study
