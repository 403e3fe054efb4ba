// Targets for the registration of a free-space system: pictures shown on display and modulator together, and
// the light that the camera must count in each cell for a given alignment.
//
// A target is a pair of pictures, the same in every cell of the plane: stripes on the display and on the
// modulator that are a quarter of a period apart, in both directions, along x and along y, coarse and fine;
// stripes on equal stripes and on their gaps, whose contrast determines the blur; a cross; and everything
// lit. One cell alone determines a shift; the differences between cells determine rotation and magnification.
//
//   y = (σ/area) Σ_{p ∈ cell} (c + (1 − c) m_p) g_p L_p − (the same of the dark polarity),    c = 1/contrast
//
// with the modulator's picture m, the gain g, and the display's picture L, moved and blurred (warp.hpp).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/platforms/freespace/freespace.hpp"

namespace pnn::platforms::freespace {

/// One target.
struct Target {
  std::string name;           ///< "fine x−"
  std::vector<float> shown;   ///< inputs [in], 0 or 1
  std::vector<float> passed;  ///< transmission of each element of the image [in], 0 or 1
  bool coarse = false;        ///< remains unambiguous for a misalignment of several elements
};
/// All targets of a plan, in a fixed order. A side of fewer than 4 elements has no stripes, one of fewer than
/// 16 no coarse ones.
std::vector<Target> all_targets(const Plan& plan);

/// Period in px of the widest stripes along x (else along y); 0 if there are none. A shift by half of it
/// looks like one to the other side.
Index widest_period(const Plan& plan, bool along_x);

/// Sets the transmissions that show a target, with the positive polarity; the negative one stays dark.
void show_target(const Plan& plan, const Target& target, std::span<float> controls);

/// The quantities that a registration determines.
struct Standing {
  System misalignment;
  double blur_px = 0;
  std::vector<double> gain;  ///< knots of the gain field, as in Errors; empty: even
};

/// Computes the readings of all targets. Uses scratch memory of the object: one caller at a time.
class TargetReadings {
 public:
  /// Contrast, conservation of power and correlation length of the gain are those of the process. With
  /// `coarse_alone`, only the coarse targets.
  TargetReadings(const Plan& plan, const Process& process, bool coarse_alone = false);

  [[nodiscard]] const std::vector<Target>& targets() const { return targets_; }
  [[nodiscard]] Index readings() const { return Index(targets_.size()) * plan_.cells(); }
  /// The readings y [target, cell] of an output in each cell, where 1 is the light of one element. Unless
  /// null, `by_gain` becomes ∂y/∂(knots) [target · cell, gain_knots], for the gain before it is clipped at 0.
  void predict(const Standing& standing, std::span<double> y, Matrix<double>* by_gain = nullptr);

 private:
  /// Computes the display's picture of a target, moved and blurred, into picture_.
  void project(const Target& target, const Standing& standing);
  /// Adds share · Σ (leak + (1 − leak) · passed) g L over a cell of the plane.
  void count(Index plane_cell, const Target* passed, double share, const std::vector<double>& gain, double& y,
             Matrix<double>* by_gain, Index row);

  Plan plan_;
  double gain_length_, leak_;
  bool conserve_;
  std::vector<Target> targets_;
  std::vector<double> shown_, picture_, row_;
  Matrix<double> across_, down_;
};

}  // namespace pnn::platforms::freespace
