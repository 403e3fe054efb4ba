// How do curves of phase-change cells become a model, and which curves does a model expect?
#pragma once

#include "pnn/core/progress.hpp"
#include "pnn/model/quality.hpp"
#include "pnn/model/samples.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/pcm/process.hpp"

namespace pnn::platforms::pcm::lab {

/// Response of a cell against its level c: low + swing (c − bend c (1 − c)).
struct CellCurve {
  double low = 0, swing = 1, bend = 0;
  [[nodiscard]] double at(double level) const { return low + swing * (level - bend * level * (1 - level)); }
};
inline constexpr Index cell_parameters = 3;

/// A curve by least squares, which is linear in low, swing (1 − bend) and swing bend.
struct CellFit {
  CellCurve curve;
  Matrix<double> covariance;  ///< [3, 3] of low, swing and bend; zeros where they are not identified
  double rms = 0;             ///< root mean square residual
  Residuals left;             ///< with its degrees of freedom and leverages
  bool identified = false;    ///< three different levels or more, and a swing that stands out of its noise
};
/// Needs more samples than parameters. The variance of a response is the larger of what the fit leaves and
/// samples.sigma squared; the standard error of the bend is to first order in the noise.
CellFit fit_cell(const Samples& samples);

/// Kind "levels": to each element its curve. Where a curve does not tell it, or a cell is dead, the bend is
/// that of the process, and a remark says so. Curves that were taken at an age become a model of age 0, with
/// the drift of the process.
ChipModel fit_levels(const FitInput& input, Progress& progress);
/// The residuals of design values, held against curves.
void rate_nominal(const FitInput& input, ChipModel& nominal);
/// study::PlatformLab::predicted.
ChipCurves predicted_levels(const ChipModel& chip, const ChipCurves& measured, std::size_t points);

}  // namespace pnn::platforms::pcm::lab
