// What a diffractive network is built of: planes of pixels, masks, distances, detectors, and how signals
// enter.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// The pixels that every plane of a diffractive network has, and the light.
struct D2nnPlane {
  Index width = 128, height = 128;  ///< 1 or more
  double pixel_um = 2;              ///< pitch, the same along x and y; above 0
  double wavelength_nm = 532;       ///< λ in the medium between the planes; above 0
  Index padding = 2;                ///< 2 or more: padded over real side, at least; padded, 16 384 at most

  [[nodiscard]] Index pixels() const { return width * height; }
  [[nodiscard]] Index field_size() const { return 2 * pixels(); }
  [[nodiscard]] Index padded_width() const;
  [[nodiscard]] Index padded_height() const;
  bool operator==(const D2nnPlane&) const = default;
};

/// A rectangle of pixels, its first column and row, and its sides.
struct DetectorRegion {
  Index x = 0, y = 0, width = 1, height = 1;
  [[nodiscard]] Index pixels() const { return width * height; }
  bool operator==(const DetectorRegion&) const = default;
};

/// How a number x becomes light.
enum class D2nnEncoding {
  amplitude,  ///< u = x; a negative one has the opposite phase
  phase,      ///< u = exp(iπx) within the picture, dark around it
};

/// The picture that the input plane shows in its middle: rows × cols numbers, each a block of block × block
/// pixels, row by row. Where the margin is odd, the larger part is right and below.
struct D2nnInput {
  Index rows = 1, cols = 1, block = 1;
  D2nnEncoding encoding = D2nnEncoding::amplitude;
  [[nodiscard]] Index size() const { return rows * cols; }
  bool operator==(const D2nnInput&) const = default;
};

/// The reference: two masks of 128 × 128 pixels of 2 µm, green light, gaps of some mm.
struct D2nnPlan {
  D2nnPlane plane;
  std::vector<double> gaps_mm{2, 2};      ///< d_k behind mask k, 0 or more; as many as masks, 1 or more
  Index levels = 0;                       ///< of phase over a turn, at most 65 536; 0: any phase
  std::vector<DetectorRegion> detectors;  ///< one an output, 1 or more; they may overlap
  double entry_mm = 0;                    ///< from the input plane to the first mask; 0: the input lies on it
  D2nnInput input{};
  std::vector<Index> moving{};  ///< masks (from 0, ascending) that a system parameter moves, all alike
  std::string name{};           ///< of the physical layer: "d2nn1"

  [[nodiscard]] Index masks() const { return Index(gaps_mm.size()); }
  [[nodiscard]] Index out() const { return Index(detectors.size()); }
  [[nodiscard]] Index control_count() const { return masks() * plane.pixels(); }
  [[nodiscard]] bool moves(Index mask) const;
  bool operator==(const D2nnPlan&) const = default;
};

/// What is wrong with a plane, and with a plan; empty if nothing.
std::vector<std::string> check_plane(const D2nnPlane& plane);
std::vector<std::string> check_plan(const D2nnPlan& plan);

/// rows × cols squares of `side` pixels, row by row, each in the middle of an equal part of the plane.
std::vector<DetectorRegion> detector_grid(const D2nnPlane& plane, Index rows, Index cols, Index side);

}  // namespace pnn::platform
