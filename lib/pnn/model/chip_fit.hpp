// One chip's curves to one chip's model: one function a kind, put together by fit().
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/model/fit.hpp"
#include "pnn/model/ring_fit.hpp"

namespace pnn::model {

/// What every kind of fit reads.
struct ChipFitInput {
  const ChipCurves& curves;
  const platform::MrrProcess& process;
  const std::vector<platform::LayerPlan>& plans;
  const FitSettings& settings;
  [[nodiscard]] std::size_t devices() const { return curves.response.dim(0); }
  [[nodiscard]] std::size_t elements() const { return curves.response.dim(1); }
};

/// The finite samples of one element, and which temperatures they were taken at.
struct ElementSamples {
  RingSamples samples;                ///< sweeps numbered without gaps
  std::vector<std::size_t> sweep_of;  ///< number in ChipCurves::temperature_c of each sweep
};
ElementSamples element_samples(const ChipCurves& curves, std::size_t device, std::size_t element);

/// Lorentzian or airy formula for an element sampled at `sweep_of`, with what the process fixes.
RingFormula ring_formula(const ChipFitInput& input, const std::vector<std::size_t>& sweep_of);

/// η is fitted where the curves of a chip hold two temperatures or more.
bool identifies_eta(const ChipCurves& curves);

/// Kinds lorentzian, airy and airy+crosstalk.
ChipModel fit_formula(const ChipFitInput& input, Progress& progress);
/// Kind spline: over detuning d = −η P of the process's η and R (δ = 0).
ChipModel fit_splines(const ChipFitInput& input, Progress& progress);
/// The residuals of the design values: kind nominal, with curves to hold it against.
void rate_nominal(const ChipFitInput& input, ChipModel& nominal);

/// Why an element is bad, in plain words; empty if it is not. `feature_sign` is +1 where resonances are
/// peaks.
struct ElementVerdict {
  bool measured = true, converged = true, identified = true;
  double rms = 0;
  double resonance_ma = -1;  ///< current at resonance, negative if unknown
  std::vector<std::string>
      against_process;  ///< of prior_remark: what the curve does not tell, and odd values
};
std::string remark_of(const ElementVerdict& verdict, const RingSamples& samples, const ChipFitInput& input);

}  // namespace pnn::model
