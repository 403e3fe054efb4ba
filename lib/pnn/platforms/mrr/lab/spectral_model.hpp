// From the rings that spectra show to a model that trains like any other.
#pragma once

#include "pnn/platforms/mrr/lab/spectrum_fit.hpp"

namespace pnn::platforms::mrr::lab {

/// A model of kind "spectrum" of these rings. Where lasers are not known, that of each stands so that the
/// detuning at no heat is that of the process, or less where its heater was not driven as far as the process
/// allows: the same share of its way. `process` takes the mean free spectral range, and the mean drift with
/// temperature where it was measured. With a circumference group lengths become group indices. Rings that are
/// `all_pass` have one coupler: r2 is 1, and their weight is the light at the through port alone, −1 to −T0
/// (or T0 to 1).
ChipModel spectral_model(const SpectralChip& chip, Process& process, double circumference_um = 0,
                         bool all_pass = false);

}  // namespace pnn::platforms::mrr::lab
