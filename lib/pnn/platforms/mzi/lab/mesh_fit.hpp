// Fits the model of a mesh to the fringes of its phase shifters: the static phase of each.
//
// The phase of a fringe of θ or α is that of the shifter alone. That of φ is the difference of the two waves
// that meet at its MZI (fringe_bench.hpp),
//
//   Φ = φ_0 + A − B,
//
// where A and B are the phases that light has gathered on the straight paths to the upper and the lower mode:
// π/2 + θ_0/2 at each MZI, and φ_0 where it came from above. Columns are therefore solved one after the
// other, from the inputs. ψ between two meshes commutes with the attenuators and cannot be distinguished from
// φ behind them: it is taken as designed, and φ of the second mesh contains its part. ψ of the outputs has no
// fringe.
//
// Controls are phases of the nominal shifter, and a device has no spread of P_π: the fitted P_π is reported,
// but the model does not use it.
//
// Splitter errors: the visibility determines |β1 − β2| (the minimum of the cross port is sin²(β1 − β2) of its
// light) but no sign, so that it allows no correction; splitters are taken as designed.
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"

namespace pnn::platforms::mzi::lab {

/// Inputs of a fit of fringes. `plan` is null for imported curves: each fringe is then independent, read at a
/// cross port, without paths.
struct MeshFitInput {
  const ChipCurves& curves;
  const Process& process;
  const MeshPlan* plan;
  const FitSettings& settings;
};

/// How far the fringes of curves are from the process's: the median, over up to 32 elements of the first
/// device, of |ln P_π| as many times the process's, plus three times the residual as a share of half the
/// fringe's range. Implements PlatformLab::strangeness.
std::optional<double> strangeness_of_fringes(const Curves& curves, const Process& process);

/// Fits the kind fringe: offset_rad (static phase error, relative to the θ_0 of the process, at the reference
/// temperature), p_pi_mw, visibility and offset of each shifter. Standard errors of φ include those of the
/// paths to it, and the phase that splitter errors within the spread of the process (which the fit does not
/// know) add there. A map of the model shrinks an offset towards the design according to its standard error
/// (platform.cpp).
ChipModel fit_fringes(const MeshFitInput& input, Progress& progress);
/// Computes the residuals of a `nominal` model, given fringes to compare it with.
void rate_nominal_mesh(const MeshFitInput& input, ChipModel& nominal);

}  // namespace pnn::platforms::mzi::lab
