// Methods compared by several trainings of each. An error is over independent trainings: devices are nested
// in a training, which all of them share, so that twenty chips of one training are one number and no twenty.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/study/result.hpp"

namespace pnn::study {

/// The numbers of one method at one condition: of each training those of its devices and repeats. Numbers
/// that are not finite (of another shard) do not count, nor does a training that has none.
using Trainings = std::vector<std::span<const double>>;

/// With y_t the mean of training t over devices and repeats, n trainings:
///   mean = Σ_t y_t / n,  error = s/√n,  s² = Σ_t (y_t − mean)²/(n − 1),
/// the standard error of the mean over trainings.
struct Estimate {
  double mean = 0;
  double error = 0;   ///< NaN of fewer than two trainings, of which no error can be told
  double spread = 0;  ///< standard deviation (n − 1) over devices and repeats, root mean square of trainings
  double smallest = 0, largest = 0;  ///< of all numbers
  std::size_t trainings = 0;
  std::size_t numbers = 0;  ///< all of them together
};
Estimate estimate(const Trainings& trainings);

/// first − second. Where both have as many trainings these are taken in pairs, the k-th of one with the k-th
/// of the other, on the same devices: the mean of y_t − z_t and its standard error over pairs, in which what
/// both share (devices, a seed) drops out. Else the errors of two independent means: √(e₁² + e₂²).
struct Difference {
  double mean = 0;
  double error = 0;  ///< NaN where one of both has fewer than two trainings
  bool paired = false;
  std::size_t trainings = 0;  ///< of the one that has fewer
};
Difference difference(const Trainings& first, const Trainings& second);

/// A method of a result: the trainings that share its label, in their order.
struct Method {
  std::string label;
  std::vector<std::size_t> trainings;  ///< their places in Result::methods
};
/// Methods in the order in which their labels appear first.
std::vector<Method> methods_of(const Result& result);

/// The numbers [method, conditions…, device, repeat] of a result (accuracy, loss, frechet) of one method at
/// one condition, counted flat over the axes.
Trainings trainings_at(const Result& result, const Array<double>& numbers, const Method& method,
                       std::size_t condition);

}  // namespace pnn::study
