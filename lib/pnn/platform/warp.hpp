// How the picture of one plane is mapped onto another: an affine misalignment, computed by inverse mapping
// with bilinear interpolation, and a Gaussian blur.
//
// A point (x, y) of the source, x to the right, y down, pixel centres at integers, is mapped to
//
//   (x', y') = (x0, y0) + k · Rot(ρ) · (x − x0, y − y0) + (u, v),
//   Rot(ρ) = [[cos ρ, −sin ρ], [sin ρ, cos ρ]]
//
// with the centre (x0, y0) = ((width − 1)/2, (height − 1)/2), so that ρ > 0 turns x towards y. In terms of a
// System, ρ is rotation_rad, k = 1 + magnification, and (u, v) are the shifts in px. The source is dark
// outside its pixels, and its brightness falls off linearly from a border pixel to the first pixel beyond.
// Irradiance is kept: a pixel of the target has the irradiance of its point of the source, for any k. Tested
// by tests/platform/warp.cpp.
#pragma once

#include <cmath>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/system.hpp"

namespace pnn::platform {

/// The map from a plane of width × height pixels onto an equal one, for one misalignment.
class Warp {
 public:
  struct Point {
    double x, y;
  };
  /// Derivatives of a point of the source by each parameter.
  struct Slope {
    Point rotation, shift_x, shift_y, magnification;
  };

  Warp(Index width, Index height, const System& misalignment)
      : x0_(double(width - 1) / 2),
        y0_(double(height - 1) / 2),
        u_(misalignment.shift_x_px),
        v_(misalignment.shift_y_px),
        zoom_(1 / (1 + misalignment.magnification)),
        cosine_(zoom_ * std::cos(misalignment.rotation_rad)),
        sine_(zoom_ * std::sin(misalignment.rotation_rad)) {}

  /// The point of the source that is mapped to (x, y) of the target.
  [[nodiscard]] Point source(double x, double y) const {
    const double dx = x - x0_ - u_, dy = y - y0_ - v_;
    return {x0_ + cosine_ * dx + sine_ * dy, y0_ - sine_ * dx + cosine_ * dy};
  }
  /// Derivatives of source() by the parameters, at a point of the source.
  [[nodiscard]] Slope slope(const Point& source) const {
    const double rx = source.x - x0_, ry = source.y - y0_;
    return {{ry, -rx}, {-cosine_, sine_}, {-sine_, -cosine_}, {-zoom_ * rx, -zoom_ * ry}};
  }

 private:
  double x0_, y0_, u_, v_, zoom_, cosine_, sine_;
};

/// Bilinear interpolation: calls body(pixel, weight, ∂weight/∂x, ∂weight/∂y) for the up to four pixels around
/// a point of a plane; pixels beyond its border are left out. On the lines through pixel centres the
/// derivative is the right-hand one.
template <class Body>
void for_each_sample(const Warp::Point& point, Index width, Index height, const Body& body) {
  if (!(point.x > -1 && point.x < double(width) && point.y > -1 && point.y < double(height))) return;
  const double left = std::floor(point.x), top = std::floor(point.y);
  const double fx = point.x - left, fy = point.y - top;
  const auto x = Index(left), y = Index(top), corner = y * width + x;
  if (y >= 0) {
    if (x >= 0) body(corner, (1 - fx) * (1 - fy), fy - 1, fx - 1);
    if (x + 1 < width) body(corner + 1, fx * (1 - fy), 1 - fy, -fx);
  }
  if (y + 1 < height) {
    if (x >= 0) body(corner + width, (1 - fx) * fy, -fy, 1 - fx);
    if (x + 1 < width) body(corner + width + 1, fx * fy, fy, fx);
  }
}

/// Weights of a Gaussian blur: exp(−t²/2w²) at the integers t = −n … n, n = ceil(4w), divided by their sum;
/// {1} for w = 0. The blur is separable, and everything beyond the border is dark.
std::vector<double> gaussian_taps(double w);

}  // namespace pnn::platform
