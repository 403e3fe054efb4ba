// What the fabrication process says of a ring before its curve is seen, so that a fit is a posterior.
#pragma once

#include <string>
#include <vector>

#include "pnn/model/ring_curve.hpp"

namespace pnn::model {

/// A Gaussian for one parameter of a ring's shape, in the form in which it is written here:
///   airy        δ (nm), ln(1 − r), β (1/mA²), ln η
///   lorentzian  P_res (mW), ln P_hw, ln η
struct Prior {
  double mean = 0;
  /// Of the fit. Never below a floor, since curves also come from rings that the process of the file was not
  /// made for: 0.25 nm of δ (P_res likewise), a factor of 1.4 of linewidth and η, and of β what changes the
  /// resistance by 0.3 over the range of the current. A curve that shows its resonance knows each far better,
  /// and what the prior then moves is a small part of a standard error; a curve that does not stays near the
  /// design.
  double sigma = 0;
  /// Within which the process makes rings, 1 σ: spreads of the process, R and η in which all powers are
  /// counted, and what a formula leaves out (0.02 nm, 5 % of a width, 0.05 of the resistance). Says which
  /// rings are none of this process.
  double spread = 0;
};

/// One Prior a shape parameter of `formula` (RingFormula::shape_parameters), in its order.
std::vector<Prior> ring_priors(const RingFormula& formula, const platform::MrrProcess& process);

/// Value of shape parameter `k` in the form of its Prior, and the derivative by p[k].
struct PriorValue {
  double value = 0, slope = 1;
};
PriorValue prior_value(const RingFormula& formula, const Vector<double>& p, Index k);

/// What a fit found of shape parameter `k`, in words with its design value; empty where the curve tells of it
/// and it is one that the process makes. `sigma` is its standard error in the form of the Prior.
///   "the curve does not tell beta: design value 0.004 1/mA^2 held"
///   "r is 0.76, where the process makes 0.955 ± 0.0044"
std::string prior_remark(const RingFormula& formula, const Vector<double>& p, Index k, double sigma,
                         const Prior& prior);

}  // namespace pnn::model
