#include "pnn/platforms/d2nn/plan.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/platforms/d2nn/fourier.hpp"

namespace pnn::platforms::d2nn {

namespace {

constexpr Index longest_side = Index(1) << 14;  // times the padding
constexpr Index most_padding = 64;
constexpr double longest_way_mm = 1e4;

}  // namespace

Index Plane::padded_width() const {
  return padding * good_length(width);
}
Index Plane::padded_height() const {
  return padding * good_length(height);
}

std::vector<std::string> check_plane(const Plane& plane) {
  std::vector<std::string> complaints;
  const bool padding_fits = plane.padding >= 1 && plane.padding <= most_padding;
  if (!padding_fits)
    complaints.push_back("padding: expected 1 to " + std::to_string(most_padding) + ", found " +
                         std::to_string(plane.padding));
  const Index longest = longest_side / (padding_fits ? plane.padding : 2);
  const auto side = [&](const char* name, Index value) {
    if (value < 1 || value > longest)
      complaints.push_back(std::string(name) + ": expected 1 to " + std::to_string(longest) +
                           " pixels, found " + std::to_string(value));
    else if (plane.padding == 1 && good_length(value) != value)
      complaints.push_back(
          "padding: without padding (padding=1) a side has no other factors than 2, 3, 5 and 7, as " +
          std::to_string(good_length(value)) + " pixels have; found a " + name + " of " +
          std::to_string(value));
  };
  side("width", plane.width);
  side("height", plane.height);
  const auto within = [&](const char* name, const char* unit, double value, double least, double most) {
    if (!(value >= least && value <= most))
      complaints.push_back(std::string(name) + ": expected " + format_number(least) + " to " +
                           format_number(most) + " " + unit + ", found " + format_number(value));
  };
  within("pitch", "µm", plane.pixel_um, 0.01, 1e4);
  within("wavelength", "nm", plane.wavelength_nm, 10, 1e6);
  return complaints;
}

bool Plan::moves(Index mask) const {
  return std::find(moving.begin(), moving.end(), mask) != moving.end();
}

std::vector<std::string> check_plan(const Plan& plan) {
  std::vector<std::string> complaints = check_plane(plan.plane);
  if (plan.gaps_mm.empty()) complaints.emplace_back("gaps_mm: expected one a mask, found none");
  const auto distance = [&](const char* name, double d) {
    if (!(d >= 0 && d <= longest_way_mm))
      complaints.push_back(std::string(name) + ": expected a distance of 0 to " +
                           format_number(longest_way_mm) + " mm, found " + format_number(d));
  };
  for (const double d : plan.gaps_mm) distance("gap", d);
  distance("entry", plan.entry_mm);
  const Input& input = plan.input;
  if (input.rows < 1 || input.cols < 1 || input.block < 1) {
    complaints.emplace_back("input: expected a picture of one block of pixels or more");
  } else if (input.rows > plan.plane.height / input.block || input.cols > plan.plane.width / input.block) {
    complaints.push_back("input: a picture of " + std::to_string(input.rows) + "x" +
                         std::to_string(input.cols) + " blocks of " + std::to_string(input.block) + "x" +
                         std::to_string(input.block) + " pixels does not fit a plane of " +
                         std::to_string(plan.plane.height) + "x" + std::to_string(plan.plane.width) +
                         " (rows x columns)");
  }
  for (const Index mask : plan.moving) {
    if (mask < 0 || mask >= plan.masks())
      complaints.push_back("moving: expected masks below " + std::to_string(plan.masks()) + ", found " +
                           std::to_string(mask));
  }
  if (plan.levels < 0 || plan.levels == 1 || plan.levels > 65536)
    complaints.push_back("levels: expected 2 to 65536, or 0 for any phase, found " +
                         std::to_string(plan.levels) +
                         (plan.levels == 1 ? "; a mask of one level has nothing to train" : ""));
  if (plan.detectors.empty()) complaints.emplace_back("detectors: expected one an output, found none");
  const auto inside = [](Index first, Index length, Index side) {
    return first >= 0 && first < side && length >= 1 && length <= side - first;
  };
  for (std::size_t r = 0; r < plan.detectors.size(); ++r) {
    const DetectorRegion& region = plan.detectors[r];
    if (!inside(region.x, region.width, plan.plane.width) ||
        !inside(region.y, region.height, plan.plane.height))
      complaints.push_back("detectors: region " + std::to_string(r) + " is empty or not inside the plane");
  }
  return complaints;
}

std::vector<DetectorRegion> detector_grid(const Plane& plane, Index rows, Index cols, Index side) {
  std::vector<DetectorRegion> regions;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) {
      regions.push_back({((2 * j + 1) * plane.width / cols - side) / 2,
                         ((2 * i + 1) * plane.height / rows - side) / 2, side, side});
    }
  }
  return regions;
}

}  // namespace pnn::platforms::d2nn
