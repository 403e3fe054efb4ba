// How a free-space system is registered: pictures shown on display and modulator together, and the light that
// the camera must count in each cell if the system stands so and so.
//
// A target is a pair of pictures, the same in every cell of the plane: stripes seen through stripes that are
// a quarter of a period aside, to either side, along x and along y, coarse and fine; through themselves and
// through their gaps, whose contrast tells the blur; a cross; and all that is lit. One cell alone sees a
// shift; how the cells of the plane differ tells rotation and magnification.
//
//   y = (σ/area) Σ_{p ∈ cell} (c + (1 − c) m_p) g_p L_p − (the same of the dark polarity),    c = 1/contrast
//
// with m the modulator's picture, g the gain, L the display's picture moved and blurred (warp.hpp).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/platform/freespace.hpp"

namespace pnn::platform {

struct FreespaceTarget {
  std::string name;           ///< "fine x−"
  std::vector<float> shown;   ///< inputs [in], 0 or 1
  std::vector<float> passed;  ///< transmission of each element of the image [in], 0 or 1
  bool coarse = false;        ///< not taken in by a misalignment of some elements
};
/// In a fixed order. Along a side of fewer than 4 elements there are no stripes, of fewer than 16 no coarse
/// ones.
std::vector<FreespaceTarget> freespace_targets(const FreespacePlan& plan);

/// Period of the widest stripes along x (else y), px; 0 where there are none. A shift of half of it looks
/// like one to the other side.
Index widest_period(const FreespacePlan& plan, bool along_x);

/// Transmissions that show a target: of the positive polarity; the negative one stays dark.
void show_target(const FreespacePlan& plan, const FreespaceTarget& target, std::span<float> controls);

/// What is to be known of a system.
struct FreespaceStanding {
  System misalignment;
  double blur_px = 0;
  std::vector<double> gain;  ///< knots of its field, as in FreespaceErrors; empty: even
};

/// What a system reads of its targets. Scratch is kept: one caller at a time.
class FreespaceRegistration {
 public:
  /// Contrast, magnified light and the length of the gain's field are the process's; all targets, or only the
  /// coarse ones.
  FreespaceRegistration(const FreespacePlan& plan, const FreespaceProcess& process,
                        bool coarse_alone = false);

  [[nodiscard]] const std::vector<FreespaceTarget>& targets() const { return targets_; }
  [[nodiscard]] Index readings() const { return Index(targets_.size()) * plan_.cells(); }
  /// y [target, cell], of an output in that cell; 1 is the light of one element. Unless null, `by_gain`
  /// becomes ∂y/∂(knots) [target · cell, gain_knots], that of the field before it is cut at 0.
  void predict(const FreespaceStanding& standing, std::span<double> y, Matrix<double>* by_gain = nullptr);

 private:
  /// The display's picture of a target, moved and blurred, into picture_.
  void project(const FreespaceTarget& target, const FreespaceStanding& standing);
  /// Adds share · Σ (leak + (1 − leak) · passed) g L over a cell of the plane.
  void count(Index plane_cell, const FreespaceTarget* passed, double share, const std::vector<double>& gain,
             double& y, Matrix<double>* by_gain, Index row);

  FreespacePlan plan_;
  double gain_length_, leak_;
  bool conserve_;
  std::vector<FreespaceTarget> targets_;
  std::vector<double> shown_, picture_, row_;
  Matrix<double> across_, down_;
};

}  // namespace pnn::platform
