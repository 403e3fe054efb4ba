#include "pnn/platforms/freespace/targets.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/platform/warp.hpp"

namespace pnn::platforms::freespace {
namespace {

/// Elements of an image for which on(row, column) holds.
template <class On>
std::vector<float> picture_of(const Plan& plan, const On& on) {
  std::vector<float> picture(std::size_t(plan.in()));
  for (Index row = 0; row < plan.image_rows; ++row) {
    for (Index col = 0; col < plan.image_cols; ++col)
      picture[std::size_t(row * plan.image_cols + col)] = on(row, col) ? 1.0F : 0.0F;
  }
  return picture;
}

/// Stripes across x or y, lit in the first half of each period.
std::vector<float> stripes(const Plan& plan, bool along_x, Index period, Index aside) {
  return picture_of(plan, [&](Index row, Index col) {
    return ((along_x ? col : row) - aside + period) % period < period / 2;
  });
}

/// Period of fine stripes, and the side from which there are coarse ones, in elements.
constexpr Index fine = 4, fewest_coarse = 16;
/// About two periods a side, in quarters of whole elements.
Index coarse_period(Index side) {
  return side / 8 * 4;
}

}  // namespace

Index widest_period(const Plan& plan, bool along_x) {
  const Index side = along_x ? plan.image_cols : plan.image_rows;
  const Index elements = side >= fewest_coarse ? coarse_period(side) : side >= fine ? fine : 0;
  return elements * (along_x ? plan.block_cols : plan.block_rows);
}

std::vector<Target> all_targets(const Plan& plan) {
  std::vector<Target> targets;
  for (const bool along_x : {true, false}) {
    const Index side = along_x ? plan.image_cols : plan.image_rows;
    const std::string axis = along_x ? " x" : " y";
    const auto add = [&](const std::string& name, Index period, Index aside, bool coarse) {
      targets.push_back(
          {name, stripes(plan, along_x, period, 0), stripes(plan, along_x, period, aside), coarse});
    };
    if (side >= fewest_coarse) {
      const Index period = coarse_period(side);
      add("coarse" + axis + "−", period, -period / 4, true);
      add("coarse" + axis + "+", period, period / 4, true);
    }
    if (side < fine) continue;
    const bool only = side < fewest_coarse;
    add("fine" + axis + "−", fine, -1, only);
    add("fine" + axis + "+", fine, 1, only);
    add("fine" + axis + ", on itself", fine, 0, false);
    add("fine" + axis + ", on its gaps", fine, fine / 2, false);
  }
  const std::vector<float> all(std::size_t(plan.in()), 1.0F);
  const auto in_middle = [](Index k, Index side) { return side >= fine && std::abs(2 * k + 1 - side) <= 2; };
  const std::vector<float> cross = picture_of(plan, [&](Index row, Index col) {
    return in_middle(row, plan.image_rows) || in_middle(col, plan.image_cols);
  });
  targets.push_back({"cross", cross, cross, false});
  targets.push_back({"all", all, all, true});
  return targets;
}

void show_target(const Plan& plan, const Target& target, std::span<float> controls) {
  require(Index(controls.size()) == plan.control_count(), "free space: controls of the plan");
  std::fill(controls.begin(), controls.end(), 0.0F);
  for (Index y = 0; y < plan.cell_height(); ++y) {
    for (Index x = 0; x < plan.cell_width(); ++x) {
      const Index element = plan.element_at(x, y);
      if (element < 0) continue;
      for (Index output = 0; output < plan.out; ++output)
        controls[std::size_t(plan.control(0, output, plan.site_at(x, y)))] =
            target.passed[std::size_t(element)];
    }
  }
}

TargetReadings::TargetReadings(const Plan& plan, const Process& process, bool coarse_alone)
    : plan_(plan),
      gain_length_(process.gain_length),
      leak_(process.contrast > 0 ? 1 / process.contrast : 0),
      conserve_(process.conserve > 0),
      targets_(all_targets(plan)),
      shown_(std::size_t(plan.width() * plan.height())),
      picture_(shown_.size()),
      row_(std::size_t(std::max(plan.width(), plan.height()))),
      across_(gain_functions(gain_length_, plan.width())),
      down_(gain_functions(gain_length_, plan.height())) {
  if (coarse_alone) std::erase_if(targets_, [](const Target& target) { return !target.coarse; });
}

void TargetReadings::project(const Target& target, const Standing& standing) {
  const Index width = plan_.width(), height = plan_.height();
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const Index element = plan_.element_at(x % plan_.cell_width(), y % plan_.cell_height());
      shown_[std::size_t(y * width + x)] = element < 0 ? 0 : double(target.shown[std::size_t(element)]);
    }
  }
  const Warp warp(width, height, standing.misalignment);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      double sum = 0;
      for_each_sample(
          warp.source(double(x), double(y)), width, height,
          [&](Index pixel, double weight, double, double) { sum += weight * shown_[std::size_t(pixel)]; });
      picture_[std::size_t(y * width + x)] = sum;
    }
  }
  const std::vector<double> taps = gaussian_taps(standing.blur_px);
  if (taps.size() == 1) return;
  const Index reach = Index(taps.size() / 2);
  const auto blur_line = [&](double* line, Index count, Index step) {
    for (Index k = 0; k < count; ++k) row_[std::size_t(k)] = line[k * step];
    for (Index k = 0; k < count; ++k) {
      double sum = 0;
      for (Index t = std::max(-reach, -k); t <= std::min(reach, count - 1 - k); ++t)
        sum += taps[std::size_t(t + reach)] * row_[std::size_t(k + t)];
      line[k * step] = sum;
    }
  };
  for (Index y = 0; y < height; ++y) blur_line(picture_.data() + y * width, width, 1);
  for (Index x = 0; x < width; ++x) blur_line(picture_.data() + x, height, width);
}

void TargetReadings::count(Index plane_cell, const Target* passed, double share,
                           const std::vector<double>& gain, double& y, Matrix<double>* by_gain, Index row) {
  const Index left = plane_cell % plan_.grid_cols * plan_.cell_width(),
              top = plane_cell / plan_.grid_cols * plan_.cell_height();
  for (Index dy = 0; dy < plan_.cell_height(); ++dy) {
    Eigen::Matrix<double, 1, gain_knots_a_side> along = decltype(along)::Zero();
    for (Index dx = 0; dx < plan_.cell_width(); ++dx) {
      const Index element = plan_.element_at(dx, dy);
      const double open = element < 0 || passed == nullptr ? 0 : double(passed->passed[std::size_t(element)]);
      const auto pixel = std::size_t((top + dy) * plan_.width() + left + dx);
      const double light = share * (leak_ + (1 - leak_) * open) * picture_[pixel];
      y += light * (gain.empty() ? 1 : gain[pixel]);
      if (by_gain != nullptr) along += light * across_.row(left + dx);
    }
    if (by_gain == nullptr) continue;
    for (Index knot = 0; knot < gain_knots_a_side; ++knot)
      by_gain->row(row).segment(knot * gain_knots_a_side, gain_knots_a_side) += down_(top + dy, knot) * along;
  }
}

void TargetReadings::predict(const Standing& standing, std::span<double> y, Matrix<double>* by_gain) {
  require(Index(y.size()) == readings(), "a reading for every target and cell");
  if (by_gain != nullptr) by_gain->setZero(readings(), gain_knots);
  std::vector<double> gain;
  if (!standing.gain.empty()) gain = gain_field(standing.gain, across_, down_);
  const double zoom = 1 + standing.misalignment.magnification;
  const double unit = 1 / double(plan_.block_area()) / (conserve_ ? zoom * zoom : 1);
  Index row = 0;
  const std::vector<float>* projected = nullptr;
  for (const Target& target : targets_) {
    if (projected == nullptr || *projected != target.shown) project(target, standing);
    projected = &target.shown;
    double inputs = 0;
    for (const float x : target.shown) inputs += double(x);
    for (Index cell = 0; cell < plan_.cells(); ++cell, ++row) {
      double& sum = y[std::size_t(row)];
      sum = plan_.signs == Signs::offset ? -inputs : 0;
      count(cell, &target, plan_.signs == Signs::offset ? 2 * unit : unit, gain, sum, by_gain, row);
      if (plan_.signs == Signs::exposures) count(cell, nullptr, -unit, gain, sum, by_gain, row);
      if (plan_.signs == Signs::halves) count(cell + plan_.cells(), nullptr, -unit, gain, sum, by_gain, row);
    }
  }
}

}  // namespace pnn::platforms::freespace
