// Polarity and temperature from curves and from recorded weights of rings, without a fit.
#pragma once

#include <optional>
#include <vector>

#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// The sign convention of the detector, as curves show it: a ring whose cold resonance lies off its channel
/// lets the light pass, so that a curve that starts near its lower end is drop − thru, and one that starts
/// near its upper end is thru − drop. Empty if the elements disagree.
std::optional<Polarity> detect_polarity(const Curves& curves);

/// The largest magnitude of a weight that the process's ring has, at resonance or half a free spectral range
/// beside it.
double largest_weight(const Process& process);

/// How far the rings of curves are from the process's: the median, over up to 32 elements of the first
/// device, of |ln P| + |ln w|, with the heater power P at the resonance and the half width w, each as many
/// times the process's as the curve shows. Implements PlatformLab::strangeness.
std::optional<double> strangeness_of_rings(const Curves& curves, const Process& process);

/// A drift from the recorded weight of one ring. Each weight, divided by `scale` and clipped to the ring's
/// range, is converted to a detuning by the nominal tuning curve on the given flank of the resonance, and the
/// detuning to the temperature difference that would cause it (κ). A `scale` of 0 chooses the largest
/// magnitude of the weights if that is above 1, otherwise 1. Implements PlatformLab::weight_trace.
Trace weight_trace(std::vector<double> time_s, const std::vector<double>& weight, const Process& process,
                   double scale, bool upper_flank);

}  // namespace pnn::platforms::mrr::lab
