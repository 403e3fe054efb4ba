// The model of one chip: the parameters of its elements, fitted or assumed, and their uncertainties.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// The model of one chip. D: devices (1 unless curves were fitted with --all), E: elements of the chip, K:
/// parameters of each element.
struct ChipModel {
  std::string key;                      ///< LayerPlan::chip_key() of its layers
  std::vector<std::string> layers;      ///< names of the physical layers that run on the chip
  std::string kind;                     ///< "nominal" (design values), or the kind of fit
  std::vector<std::string> elements;    ///< names of the elements, [E]
  std::vector<std::string> parameters;  ///< names of the parameters, [K]
  std::vector<std::string> units;       ///< units of the parameters, [K]
  Array<double> values;                 ///< [D, E, K]
  Array<double> covariance;             ///< [D, E, K, K]; 0 for design values
  Array<double> rms_residual;           ///< [D, E]; 0 for design values that were not compared with curves
  /// [D, E, 2]: least and largest control at which each element was measured; NaN for an element without a
  /// curve, whose control stays where all others were measured. Empty where curves are not over controls.
  Array<double> measured;
  /// [D, E] each, empty where no curves were compared; NaN where nothing is known of an element. Squares of
  /// the residuals, each divided by `noise` squared, summed and divided by the degrees of freedom: 1 where
  /// the model leaves no more than noise.
  Array<double> chi_square;
  Array<double> noise;     ///< standard deviation of a response, in its unit; where it is from: noise_from
  Array<double> held_out;  ///< rms by which each response is missed by the fit to all others
  /// What the noise was taken from: words as "standard errors", of all elements together.
  std::vector<std::string> noise_from;
  /// [D, E]: 1 for an element that does not respond to its control, which is then held; 0 for others. Empty:
  /// all respond, or nobody looked.
  Array<double> dead;
  /// Names of parameters and process values that the curves do not determine and the process supplied.
  std::vector<std::string> assumed;
  /// Further arrays [D, …] of some kinds of fit, by the name of their dataset ("crosstalk", "knot_weight").
  std::map<std::string, Array<double>> more;
  /// [E]: a sentence on each element that fits badly, else empty (of device 0).
  std::vector<std::string> remarks;
};

/// Values of parameter `name` on device `index`, [count]: control k of a layer takes the value of element k
/// mod E. All are `missing` if the model has no such parameter.
std::vector<double> parameter_of(const ChipModel& chip, std::size_t index, const std::string& name,
                                 Index count, double missing);
/// Variances of the same values, [count]; all 0 if the model has no such parameter.
std::vector<double> variance_of(const ChipModel& chip, std::size_t index, const std::string& name,
                                Index count);

}  // namespace pnn::platform
