// Estimates how the variance of a quantity divides between and within dies, from values that were measured on
// many dies, each with a known error.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace pnn::study {

/// Where an element lies on its die, in pitches.
struct ElementPlace {
  double x = 0, y = 0;
  bool operator==(const ElementPlace&) const = default;
};

/// The values of one quantity on one die.
struct DieValues {
  std::vector<ElementPlace> places;               ///< [element]
  std::vector<double> values;                     ///< [element]
  std::vector<double> variances;                  ///< [element]: squared standard errors of the values
  std::optional<std::array<double, 2>> wafer_mm;  ///< where the die lies on the wafer, if known
};

/// An estimate and its standard error.
struct WithError {
  double value = 0, error = 0;
};

/// What values on dies say of a process. Spreads are standard deviations, and errors of measurement are not
/// among them.
struct VarianceFit {
  std::size_t dies = 0, elements = 0;  ///< elements of all dies together that were used
  WithError mean;
  WithError die;     ///< spread of what the elements of a die have in common
  WithError within;  ///< spread within a die: of what varies smoothly and of what each element has of its own
  WithError smooth_share;  ///< share of the variance within a die that varies smoothly
  /// The correlation of the smooth part is exp(−(distance/length)²), in pitches; nothing where no correlation
  /// is seen (twice the logarithm of the likelihood rises by less than 6 for the two parameters).
  std::optional<WithError> length;
  double measurement = 0;  ///< root mean square of the standard errors of the values
  /// Change of the mean over the wafer, by x and by y (unit / mm), where at least four dies have a place, not
  /// all in one line; and the spread between dies that remains.
  std::optional<std::array<WithError, 2>> gradient;
  WithError die_beside_gradient;
  /// Dies that it would take for a standard error of 10 % of each estimate (0: it has none).
  double dies_for_die = 0, dies_for_within = 0, dies_for_length = 0;

  [[nodiscard]] double sigma() const;        ///< spread over all elements of all dies
  [[nodiscard]] double die_part() const;     ///< share of its variance that is common to a die
  [[nodiscard]] double smooth_part() const;  ///< share of its variance that varies smoothly over a die
};

/// The most elements of a die that are used; of more, as many are taken evenly.
inline constexpr std::size_t most_elements_used = 96;

/// The fewest dies with a place from which a gradient over the wafer is fitted.
inline constexpr std::size_t fewest_placed_dies = 4;

/// Fits y = mean + die offset + smooth part + own part + error by restricted maximum likelihood (Patterson
/// and Thompson, Biometrika 58, 545, 1971), by Fisher scoring for the three variances and over a grid of
/// lengths that golden section refines; standard errors are those of the expected information. Needs two dies
/// or more, one of them with two elements or more; throws InputError otherwise. Errors of different elements
/// are taken for independent, and within a set of dies with the same elements each element has the mean
/// variance of its errors over them.
VarianceFit fit_variances(const std::vector<DieValues>& dies);

}  // namespace pnn::study
