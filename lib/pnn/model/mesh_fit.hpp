// From the fringes of a mesh to its model: what each shifter's fringe says of the static phases.
//
// A fringe of θ or α has its phase from the shifter alone. That of φ is the difference of the two waves that
// meet at its MZI (study/fringe_bench.hpp),
//
//   Φ = φ_0 + A − B,
//
// A and B the phases that light has gathered on the straight way to the upper and the lower mode: π/2 + θ_0/2
// at each MZI, and φ_0 where it came from above. So columns are solved in turn, from the inputs. ψ between
// two meshes commute with the attenuators and cannot be told from φ behind them: they are taken as designed,
// and φ of the second mesh holds their part. ψ of the outputs have no fringe.
//
// Controls are phases by the nominal shifter, and a device has no spread of P_π: what is fitted of it is
// told, and does not enter the model.
//
// Splitter errors: the visibility tells |β1 − β2| (the least of the cross port is sin²(β1 − β2) of its light)
// and neither sign, so that it corrects nothing; splitters stay as designed.
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/fit.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platform/mesh_plan.hpp"

namespace pnn::model {

/// What a fit of fringes reads. `plan` is null for curves from elsewhere: each fringe is then its own, read
/// at a cross port, and there are no ways to account for.
struct MeshFitInput {
  const ChipCurves& curves;
  const platform::MziProcess& process;
  const platform::MeshPlan* plan;
  const FitSettings& settings;
};

/// Kind fringe: offset_rad (static phase error, against the process's θ_0, at the reference temperature),
/// p_pi_mw, visibility, offset of each shifter. Standard errors of φ contain those of the ways to it, and
/// what splitters of the process's spread, which the fit does not know, turn there. A map of the model draws
/// an offset towards the design by as much as its standard error asks for (model.cpp).
ChipModel fit_fringes(const MeshFitInput& input, Progress& progress);
/// Residuals of the design values where there are fringes: kind nominal.
void rate_nominal_mesh(const MeshFitInput& input, ChipModel& nominal);

}  // namespace pnn::model
