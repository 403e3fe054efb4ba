// Light that falls with the heat of its own element, as where heat moves a fibre off its coupler: the
// response is multiplied by t(P) = exp(−s P), or 1 − s P, with the heater power P. Fits have it where a curve
// demands it, so that what else they tell of the element is right. Models leave it out: which of many heaters
// moves the fibre, single curves do not tell.
#pragma once

#include <string>

#include "pnn/model/quality.hpp"

namespace pnn::model {

enum class FallShape { none, exponential, linear };

/// A fall of light.
struct Fall {
  FallShape shape = FallShape::none;
  double per_mw = 0, sigma = 0;  ///< s and its standard error, 1/mW; negative: the light rises
  /// t(P), and its derivative by s.
  struct Value {
    double left = 1, by_s = 0;
  };
  [[nodiscard]] Value at(double power_mw) const;
};

/// Whether a curve of this range demands a fall: fitted without, it left `without`, and with it `with`. The
/// former stand out from the noise, three quarters of what they have beyond it go with the fall, and the fall
/// is five of its standard errors, and between 1 % and 90 % of the light at the largest power.
bool demands_fall(const Quality& without, double rms_without, const Quality& with, const Fall& fall,
                  double largest_power_mw, double range);
/// Whether a curve tells two shapes of a fall apart, by the rms residuals that they leave of `samples`
/// samples: its probabilities differ by a factor of e^4.5 or more. Where it does not, fits take the
/// exponential, and their covariances contain the difference between both.
bool tells_shapes(double rms, double other_rms, Index samples);
/// "its light falls by 1.8 % a mW of its heat (25 % over the range): …"
std::string text_of_fall(const Fall& fall, double largest_power_mw);

/// Room for the falls of a chip in its model: arrays "fall", "fall_sigma" and "fall_linear", all 0.
void prepare_falls(platform::ChipModel& chip);
/// Stores the fall of element `at`, counted over devices and elements.
void store_fall(const Fall& fall, std::size_t at, platform::ChipModel& chip);
/// Drops these arrays if no light falls.
void finish_falls(platform::ChipModel& chip);
/// The fall of an element of a model, without its standard error.
Fall fall_of(const platform::ChipModel& chip, std::size_t device, std::size_t element);

}  // namespace pnn::model
