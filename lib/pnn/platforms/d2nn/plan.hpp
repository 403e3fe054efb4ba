// The plan of a diffractive network: planes of pixels, masks, distances, detectors, and how signals enter.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::d2nn {

/// The pixels of every plane of a diffractive network, and the wavelength.
struct Plane {
  Index width = 128, height = 128;  ///< 1 or more
  double pixel_um = 2;              ///< pitch, the same along x and y; above 0
  double wavelength_nm = 532;       ///< λ in the medium between the planes; above 0
  /// Ratio of the padded side to the next good length of the real one (fourier.hpp); 1 to 64, at most 16 384
  /// times the side. 1: without padding, and the sides are good lengths themselves.
  Index padding = 2;

  [[nodiscard]] Index pixels() const { return width * height; }
  [[nodiscard]] Index field_size() const { return 2 * pixels(); }
  [[nodiscard]] Index padded_width() const;
  [[nodiscard]] Index padded_height() const;
  bool operator==(const Plane&) const = default;
};

/// A rectangle of pixels: its first column and row, and its sides.
struct DetectorRegion {
  Index x = 0, y = 0, width = 1, height = 1;
  [[nodiscard]] Index pixels() const { return width * height; }
  bool operator==(const DetectorRegion&) const = default;
};

/// How a number x is encoded as light u.
enum class Encoding {
  amplitude,  ///< u = x; a negative one has the opposite phase
  phase,      ///< u = exp(iπx) within the picture, dark around it
};

/// The picture in the middle of the input plane: rows × cols numbers, each a block of block × block pixels,
/// row by row. If the margin is odd, its larger part is to the right and below.
struct Input {
  Index rows = 1, cols = 1, block = 1;
  Encoding encoding = Encoding::amplitude;
  [[nodiscard]] Index size() const { return rows * cols; }
  bool operator==(const Input&) const = default;
};

/// A diffractive network. The defaults are the reference case: two masks of 128 × 128 pixels of 2 µm, green
/// light, gaps of some mm.
struct Plan {
  Plane plane;
  std::vector<double> gaps_mm{2, 2};  ///< d_k behind mask k, 0 or more; one for each mask
  /// Number of levels of phase over a turn, 2 to 65 536; 0: any phase.
  Index levels = 0;
  std::vector<DetectorRegion> detectors;  ///< one for each output; they may overlap
  /// From the input plane to the first mask; 0: the input is at the mask.
  double entry_mm = 0;
  Input input{};
  std::vector<Index> moving{};  ///< masks (from 0, in rising order) that system parameters move, all alike
  std::string name{};           ///< name of the layer: "d2nn1"

  [[nodiscard]] Index masks() const { return Index(gaps_mm.size()); }
  [[nodiscard]] Index out() const { return Index(detectors.size()); }
  [[nodiscard]] Index control_count() const { return masks() * plane.pixels(); }
  [[nodiscard]] bool moves(Index mask) const;
  bool operator==(const Plan&) const = default;
  operator platform::AnyPlan() const;  // NOLINT(google-explicit-constructor): it is the plan of a layer
};

/// All complaints about a plane, and about a plan; empty when fine.
std::vector<std::string> check_plane(const Plane& plane);
std::vector<std::string> check_plan(const Plan& plan);

/// rows × cols squares of `side` pixels, row by row, each in the middle of an equal part of the plane.
std::vector<DetectorRegion> detector_grid(const Plane& plane, Index rows, Index cols, Index side);

}  // namespace pnn::platforms::d2nn
