// Fits the alignment of a free-space system to the readings of its targets: rotation, magnification, shifts,
// blur and the field of its gain.
//
// The fit finds the most probable system by Levenberg-Marquardt. Residuals are the readings divided by their
// noise, and the parameters divided by the width of their prior: the spread of the process for the knots of
// the gain, and for the others a tenth of a quarter turn, 10 px and 0.3, which is wide enough to matter only
// where the targets determine nothing. The variance of a reading is a linear function of its light (read-out
// and shot noise), fitted to the measured standard errors. Standard errors follow from the curvature at the
// solution, times the misfit where that is larger than the noise explains.
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::freespace::lab {

/// Inputs of a registration.
struct RegistrationInput {
  const ChipCurves& curves;
  const Process& process;
  const Plan& plan;
  const FitSettings& settings;
};

/// Fits the kind registration: rotation_rad, magnification, shift_x_px, shift_y_px, blur_px with their
/// covariance, and the knots of the gain. Throws InputError if the readings are not those of the plan's
/// targets.
ChipModel fit_registration(const RegistrationInput& input, Progress& progress);
/// Computes the residual of a `nominal` model, that is of the aligned system.
void rate_nominal_registration(const RegistrationInput& input, ChipModel& nominal);

}  // namespace pnn::platforms::freespace::lab
