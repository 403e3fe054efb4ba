// Fits the model of a chip of rings to its curves: one function for each kind of fit. PlatformLab::fit
// chooses the function.
#pragma once

#include <utility>
#include <vector>

#include "pnn/core/progress.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/ring_fit.hpp"

namespace pnn::platforms::mrr::lab {

/// Inputs of every kind of fit.
struct ChipFitInput {
  const ChipCurves& curves;
  const Process& process;
  const std::vector<platform::AnyPlan>& plans;
  const FitSettings& settings;
  [[nodiscard]] std::size_t devices() const { return curves.response.dim(0); }
  [[nodiscard]] std::size_t elements() const { return curves.response.dim(1); }
};

/// The formula (lorentzian or airy) of an element with the sweeps `sweep_of`, and the values that the process
/// fixes.
RingFormula ring_formula(const ChipFitInput& input, const std::vector<std::size_t>& sweep_of);

/// How much each sweep, of these temperatures above the reference, counts in what is reported of a quantity
/// that every sweep has of its own: the value at the reference on the straight line between the temperatures
/// below and above it, or that of the nearest where all are on one side. Sweeps with gaps up to 0.05 K are of
/// one temperature, and their mean is taken. Sweep and share, which add up to 1; no share is 0.
std::vector<std::pair<Index, double>> shares_at_reference(const std::vector<double>& offset_k);

/// Whether η is fitted: the curves of the chip must have two temperatures or more.
bool identifies_eta(const ChipCurves& curves);

/// Fits the kinds lorentzian, airy and airy+crosstalk.
ChipModel fit_formula(const ChipFitInput& input, Progress& progress);
/// Fits the kind spline, as a function of the detuning d = −η P with the η and R of the process (δ = 0).
ChipModel fit_splines(const ChipFitInput& input, Progress& progress);
/// Computes the residuals of a `nominal` model, given curves to compare it with.
void rate_nominal(const ChipFitInput& input, ChipModel& nominal);

/// Judgement of the fit of one element.
struct ElementVerdict {
  bool measured = true, converged = true, identified = true;
  bool dead = false;  ///< it does not respond to its heater
  double rms = 0;
  Quality quality;
  Fall fall;                 ///< of its light, where the curve demanded it
  double resonance_ma = -1;  ///< current at resonance, mA; negative if unknown
  /// Sentences of prior_remark: parameters that the curve does not determine, and unusual values.
  std::vector<std::string> against_process;
};
/// Whether the curve of a ring whose controls were swept does not change with its heater.
bool is_dead(const Samples& samples, const Noise& noise, const Residuals& left);
/// Largest heater power of a curve, without β.
double largest_power_mw(const RingFormula& formula, const Samples& samples);
/// A sentence that says why the element is bad; empty if it is not.
std::string remark_of(const ElementVerdict& verdict, const Samples& samples, const ChipFitInput& input);

}  // namespace pnn::platforms::mrr::lab
