// Short summaries: of numbers, of the heaters of trained parameters, and of a fitted model.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/model/model.hpp"
#include "pnn/study/result.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// The heaters' power and energy at these controls [all layers, one after the other], at the nominal values
/// of `process`.
platform::HeaterUse heater_use(const network::Resolved& network, const platform::Process& process,
                               std::span<const float> controls);
/// The same at the controls of these parameters.
platform::HeaterUse heater_use(const train::Params& params);
/// For each method of a result its mean over evaluations, and the largest power of any. Empty if the result
/// has none.
std::vector<platform::HeaterUse> heater_uses(const Result& result);

/// A name for each set of parameters of a result: its label, and where several have the same the number of
/// the training, from 1: "bp 1", "bp 2", "noise".
std::vector<std::string> training_names(const std::vector<std::string>& labels);

/// Mean, standard deviation (n − 1), smallest, largest and number of the finite values.
struct Summary {
  double mean = 0, deviation = 0, worst = 0, best = 0;
  std::size_t count = 0;
};
Summary summarise(std::span<const double> values);

/// Summary of one parameter.
struct ParameterSummary {
  std::string name, unit;
  double median = 0;        ///< median over the elements of all devices
  double median_error = 0;  ///< median of the standard errors; 0 for design values
};

/// Summary of a chip over the measured elements of all devices (elements without a curve have a residual of 0
/// and no standard errors).
struct ChipSummary {
  std::string unmeasured_because;  ///< the remark on the first element without a curve
  double rms_median = 0, rms_max = 0;
  /// Root of the chi-square (residuals in standard deviations of the noise) and held-out rms over the
  /// elements where they are known; 0: of none.
  double excess_median = 0, excess_max = 0, held_out_median = 0;
  std::size_t dead = 0;                      ///< elements that do not respond to their control, of device 0
  std::vector<ParameterSummary> parameters;  ///< parameters of elements, then those of the whole chip
  std::size_t unmeasured = 0;                ///< number of elements without a curve, of device 0
  /// Elements that fit badly, of device 0: "row 3 col 7: rms 0.08: …".
  std::vector<std::string> bad;
};
ChipSummary summarise(const model::ChipModel& chip);

/// The median: the middle value, or the mean of the two middle ones; 0 of an empty vector. NaN is left out.
double median(std::vector<double> values);

}  // namespace pnn::study
