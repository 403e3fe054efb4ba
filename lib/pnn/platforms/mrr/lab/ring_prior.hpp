// Prior knowledge of a ring from the fabrication process: with it, a fit is a posterior.
#pragma once

#include <string>
#include <vector>

#include "pnn/platforms/mrr/lab/ring_curve.hpp"

namespace pnn::platforms::mrr::lab {

/// A normal distribution for one parameter of a ring's shape, in these forms:
///    airy        δ (nm), ln(1 − r), β (1/mA²), ln η
///    lorentzian  P_res (mW), ln P_hw, ln η
struct Prior {
  double mean = 0;
  /// Standard deviation for the fit. It is never below a lower bound, since curves also come from rings that
  /// were not made by the process of the file: 0.25 nm of δ (P_res likewise), a factor of 1.4 of linewidth
  /// and η, and for β a change of the resistance by 0.3 over the range of the current. A curve that shows its
  /// resonance determines each parameter far better, and the prior then shifts it by a small part of a
  /// standard error; for other curves the fit stays near the design.
  double sigma = 0;
  /// Standard deviation over the rings of the process: its spreads, those of R and η (which enter heater
  /// powers), and an allowance for what a formula leaves out (0.02 nm, 5 % of a width, 0.05 of the
  /// resistance). It decides which rings are reported as unusual for the process.
  double spread = 0;
};

/// The priors of the shape parameters of `formula` (RingFormula::shape_parameters), in their order.
std::vector<Prior> ring_priors(const RingFormula& formula, const Process& process);

/// Value of shape parameter `k` in the form of its Prior, and its derivative by p[k].
struct PriorValue {
  double value = 0, slope = 1;
};
PriorValue prior_value(const RingFormula& formula, const Vector<double>& p, Index k);

/// A sentence on shape parameter `k` with its design value; empty if the curve determines it and the process
/// makes such rings. `sigma` is its standard error in the form of the Prior. Examples:
///    "the curve does not tell beta: design value 0.004 1/mA^2 held"
///    "r is 0.76, where the process makes 0.955 ± 0.0044"
std::string prior_remark(const RingFormula& formula, const Vector<double>& p, Index k, double sigma,
                         const Prior& prior);

}  // namespace pnn::platforms::mrr::lab
