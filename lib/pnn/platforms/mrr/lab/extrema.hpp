// Where a spectrum may have resonances: the extrema of its clearest port that are more than noise and ripple.
#pragma once

#include <vector>

#include "pnn/model/spectra.hpp"

namespace pnn::platforms::mrr::lab {

/// 1 where a trace rises on resonance, as at a drop port and its own difference, else −1.
double direction_of(model::BusPort port);

/// An extremum before it is fitted.
struct Candidate {
  std::size_t at;  ///< number of its point
  double height;   ///< above the running median, in units of the trace
  double fwhm_nm;  ///< width at half height
};
/// In the order of wavelengths.
std::vector<Candidate> candidates(const model::Spectrum& s);

}  // namespace pnn::platforms::mrr::lab
