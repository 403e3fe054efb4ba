// How far a fit may be believed: its residuals against the noise, its prediction of samples that it did not
// see, and whether the element responds to its control at all.
#pragma once

#include <string>

#include "pnn/model/samples.hpp"
#include "pnn/platform/chip_model.hpp"

namespace pnn::model {

/// Where the noise of a curve is known from, the surest first.
enum class NoiseFrom { standard_errors, repeated_readings, neighbouring_readings, nothing };

/// The noise of one curve.
struct Noise {
  double sigma = 0;  ///< standard deviation of a response, in its unit; 0: unknown
  NoiseFrom from = NoiseFrom::nothing;
};

/// The standard errors of the samples where they have some, pooled; else the scatter of readings at the same
/// control, if they have 8 degrees of freedom or more; else the median deviation of a sample from the cubic
/// through two neighbours on either side (at least 8 such samples), divided by what it would be for noise of
/// 1. The last contains what a curve bends within five samples, and is too large rather than too small.
Noise noise_of(const Samples& samples);

/// What a fit left of a curve.
struct Residuals {
  double rms = 0;                ///< root mean square of the residuals, in the unit of the response
  double parameters = 0;         ///< degrees of freedom that the fit has taken up
  std::vector<double> of_each;   ///< [sample] residuals; empty: no held-out estimate
  std::vector<double> leverage;  ///< [sample] ∂fitted/∂measured of each sample, from 0 to 1
};
/// The leverages of a linear or linearised fit: j C jᵀ for each row j of the Jacobian and the covariance C
/// for noise of 1.
std::vector<double> leverages(const Matrix<double>& jacobian, const Matrix<double>& unit_covariance);

/// How well a fit describes one curve; NaN where it is not known.
struct Quality {
  double chi_square = 0;  ///< squared residuals over squared noise, per degree of freedom
  Noise noise;
  /// Root mean square of e/(1 − h), with residual e and leverage h: by what each sample is missed if it is
  /// left out of the fit (exact for linear fits: D. Allen, Technometrics 16, 125, 1974). Samples that alone
  /// determine a parameter (h = 1) are left out.
  double held_out = 0;
};
Quality quality_of(const Samples& samples, const Residuals& left);

/// Whether residuals stand out from the noise: by more than three standard deviations of a sample, or five
/// where the noise is a guess from neighbouring samples, and by more than 0.5 % of `range`, the range of the
/// curve: formulas leave out that much.
bool stands_out(const Quality& quality, double rms, double range);
/// Words for residuals that are large for a curve, but no larger than its neighbouring readings scatter,
/// which may be noise; empty where they are larger, or the noise is better known.
std::string text_of_scatter(const Quality& quality, double rms);
/// "residual of 9 standard errors"
std::string text_of_excess(const Quality& quality);

/// Whether a curve changes with its control by more than its noise. It does not if every sweep is constant to
/// its standard errors (χ² within four standard deviations), or, of 16 samples or more, if neighbours differ
/// as much as strangers (von Neumann's ratio of mean square differences to the variance, Ann. Math. Stat. 12,
/// 367, 1941, within three standard deviations of 2), no sample stands out, and the fit that left `left`
/// explains less than three quarters of the variance.
bool responds(const Samples& samples, const Noise& noise, const Residuals& left);
/// Mean response of the sweep with this number, and what the samples leave of such means, root mean square.
struct Levels {
  std::vector<double> of_sweep;
  double rms = 0;
};
Levels levels_of(const Samples& samples);
/// The fit of such levels.
Residuals left_by_levels(const Samples& samples);
/// Difference of the largest and the smallest response.
double range_of(const Samples& samples);

/// Makes room for what is judged of each element, NaN.
void prepare_quality(platform::ChipModel& chip);
/// Stores what was judged of element `at`, counted over devices and elements. Thread-safe for different `at`.
void store_quality(const Quality& quality, bool dead, std::size_t at, platform::ChipModel& chip);
/// Names in `chip.noise_from` the sources of the noise of all curves, and drops `dead` if all elements
/// respond. `from` has one source for each device and element.
void finish_quality(const std::vector<NoiseFrom>& from, platform::ChipModel& chip);

}  // namespace pnn::model
