// From the readings of targets to where the planes of a free-space system lie: rotation, magnification,
// shifts, blur and the field of its gain.
//
// The most likely system, by Levenberg-Marquardt on readings over their noise and on parameters over what is
// known of them before: the gain's knots by the process's spread, the rest by a tenth of a turn's quarter,
// 10 px and 0.3, wide enough to matter only where the targets say nothing. The noise of a reading is a line
// in its light (read-out and shot noise), put through the measured standard errors. Standard errors are those
// of the curvature there, times the misfit where that is larger than the noise explains.
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/fit.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platform/freespace_plan.hpp"

namespace pnn::model {

struct RegistrationInput {
  const ChipCurves& curves;
  const platform::FreespaceProcess& process;
  const platform::FreespacePlan& plan;
  const FitSettings& settings;
};

/// Kind registration: rotation_rad, magnification, shift_x_px, shift_y_px, blur_px and their covariance, and
/// the gain's knots. Throws InputError where the readings are not those of the plan's targets.
ChipModel fit_registration(const RegistrationInput& input, Progress& progress);
/// The residual of the aligned system: kind nominal.
void rate_nominal_registration(const RegistrationInput& input, ChipModel& nominal);

}  // namespace pnn::model
