#include "pnn/platforms/freespace/light.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platforms::freespace {

template <class Real>
Light<Real>::Light(const Plan& plan, const Optics& optics)
    : plan_(plan),
      optics_(optics),
      taps_(gaussian_taps(optics.blur_px)),
      samples_(std::size_t(plan.width() * plan.height()) * samples_per_pixel),
      cells_(std::size_t(plan.plane_cells())),
      sums_(std::size_t(plan.plane_cells() * plan.in()), 0.0),
      scratch_(std::size_t(plan.plane_cells()) * scratch_size()) {
  for (Index y = 0; y < plan.height(); ++y) {
    for (Index x = 0; x < plan.width(); ++x)
      shown_.push_back(std::int32_t(plan.element_at(x % plan.cell_width(), y % plan.cell_height())));
  }
}

template <class Real>
void Light<Real>::set_gain(std::vector<double> gain) {
  require(gain.empty() || gain.size() == shown_.size(), "a gain for every pixel of the plane");
  gain_ = std::move(gain);
  aligned_ = false;
}

template <class Real>
void Light<Real>::align(const System& misalignment) {
  if (aligned_ && misalignment == misalignment_) return;
  misalignment_ = misalignment;
  parallel_for(std::size_t(plan_.height()), [&](std::size_t y) { sample_row(Index(y)); });
  parallel_for(cells_.size(), [&](std::size_t number) { assemble(Index(number)); });
  aligned_ = true;
}

template <class Real>
void Light<Real>::sample_row(Index y) {
  const Warp warp(plan_.width(), plan_.height(), misalignment_);
  for (Index x = 0; x < plan_.width(); ++x) {
    Sample* begin = samples_.data() + std::size_t(y * plan_.width() + x) * samples_per_pixel;
    Sample* end = begin;
    // neighbouring pixels mostly show one input
    for_each_sample(warp.source(double(x), double(y)), plan_.width(), plan_.height(),
                    [&](Index pixel, double weight, double, double) {
                      const std::int32_t input = shown_[std::size_t(pixel)];
                      if (input < 0 || weight <= 0) return;
                      Sample* same =
                          std::find_if(begin, end, [&](const Sample& s) { return s.input == input; });
                      if (same == end)
                        *end++ = {input, Real(weight)};
                      else
                        same->weight += Real(weight);
                    });
    std::fill(end, begin + samples_per_pixel, Sample{-1, 0});
  }
}

template <class Real>
double Light<Real>::unit() const {
  const double zoom = 1 + misalignment_.magnification;
  return double(plan_.block_area()) * (optics_.conserve ? zoom * zoom : 1);
}

template <class Real>
std::size_t Light<Real>::scratch_size() const {
  const Index border = Index(taps_.size()) - 1;
  return std::size_t((plan_.cell_width() + border) * (2 * plan_.cell_height() + border));
}

template <class Real>
template <class Body>
void Light<Real>::spread(Index x, Index y, Index width, Index height, std::span<double> scratch,
                         const Body& body) const {
  const Index reach = Index(taps_.size() / 2), wide = width + 2 * reach, high = height + 2 * reach;
  // a separable blur: along the rows of the rectangle, then across them
  const std::span<double> along = scratch.first(std::size_t(height * wide)),
                          both = scratch.subspan(along.size(), std::size_t(high * wide));
  std::fill(along.begin(), along.end(), 0.0);
  std::fill(both.begin(), both.end(), 0.0);
  for (Index dy = 0; dy < height; ++dy) {
    for (Index dx = 0; dx < width; ++dx) {
      const double gain = gain_.empty() ? 1 : gain_[std::size_t((y + dy) * plan_.width() + x + dx)];
      double* line = along.data() + dy * wide + dx;
      for (std::size_t k = 0; k < taps_.size(); ++k) line[k] += gain * taps_[k];
    }
    for (std::size_t k = 0; k < taps_.size(); ++k) {
      const double* from = along.data() + dy * wide;
      double* to = both.data() + (dy + Index(k)) * wide;
      for (Index bx = 0; bx < wide; ++bx) to[bx] += taps_[k] * from[bx];
    }
  }
  for (Index by = std::max<Index>(0, reach - y); by < std::min(high, plan_.height() - y + reach); ++by) {
    for (Index bx = std::max<Index>(0, reach - x); bx < std::min(wide, plan_.width() - x + reach); ++bx) {
      const double part = both[std::size_t(by * wide + bx)];
      if (part != 0) body(x + bx - reach, y + by - reach, part);
    }
  }
}

template <class Real>
template <class Body>
void Light<Real>::for_each_source(Index number, Index row, std::span<double> scratch,
                                  const Body& body) const {
  const Index left = number % plan_.grid_cols * plan_.cell_width(),
              top = number / plan_.grid_cols * plan_.cell_height();
  const auto spread_block = [&](Index x, Index y, Index width, Index height) {
    spread(left + x, top + y, width, height, scratch, body);
  };
  const Index guard_x = plan_.guard_cols * plan_.block_cols, guard_y = plan_.guard_rows * plan_.block_rows;
  const Index image_width = plan_.image_cols * plan_.block_cols,
              image_height = plan_.image_rows * plan_.block_rows;
  if (row == plan_.sites()) {  // the guard band: above, below, left, right
    spread_block(0, 0, plan_.cell_width(), guard_y);
    spread_block(0, guard_y + image_height, plan_.cell_width(), guard_y);
    spread_block(0, guard_y, guard_x, image_height);
    spread_block(guard_x + image_width, guard_y, guard_x, image_height);
  } else if (plan_.per_pixel) {
    spread_block(guard_x + row % image_width, guard_y + row / image_width, 1, 1);
  } else {
    spread_block(guard_x + row % plan_.image_cols * plan_.block_cols,
                 guard_y + row / plan_.image_cols * plan_.block_rows, plan_.block_cols, plan_.block_rows);
  }
}

template <class Real>
void Light<Real>::assemble(Index number) {
  Cell& cell = cells_[std::size_t(number)];
  double* sums = sums_.data() + number * plan_.in();
  const std::span<double> scratch =
      std::span(scratch_).subspan(std::size_t(number) * scratch_size(), scratch_size());
  const double unit = this->unit();
  cell.begin.clear();
  cell.input.clear();
  cell.light.clear();
  for (Index row = 0; row <= plan_.sites(); ++row) {
    const std::size_t begin = cell.input.size();
    cell.begin.push_back(std::uint32_t(begin));
    for_each_source(number, row, scratch, [&](Index x, Index y, double part) {
      const Sample* sample = samples_.data() + std::size_t(y * plan_.width() + x) * samples_per_pixel;
      for (std::size_t k = 0; k < samples_per_pixel && sample[k].input >= 0; ++k) {
        double& sum = sums[sample[k].input];
        if (sum == 0) cell.input.push_back(std::uint32_t(sample[k].input));
        sum += part * double(sample[k].weight);
      }
    });
    for (std::size_t k = begin; k < cell.input.size(); ++k) {
      cell.light.push_back(Real(sums[cell.input[k]] / unit));
      sums[cell.input[k]] = 0;
    }
  }
  cell.begin.push_back(std::uint32_t(cell.input.size()));
}

template <class Real>
System Light<Real>::slope(Index number, const std::function<double(Index row, Index input)>& weight) const {
  const Warp warp(plan_.width(), plan_.height(), misalignment_);
  const double unit = this->unit();
  System sum;
  double total = 0;
  std::vector<double> scratch(scratch_size());
  for (Index row = 0; row <= plan_.sites(); ++row) {
    for_each_source(number, row, scratch, [&](Index x, Index y, double part) {
      const Warp::Point at = warp.source(double(x), double(y));
      double by_x = 0, by_y = 0;
      for_each_sample(at, plan_.width(), plan_.height(),
                      [&](Index pixel, double share, double share_by_x, double share_by_y) {
                        const std::int32_t input = shown_[std::size_t(pixel)];
                        if (input < 0) return;
                        const double w = part / unit * weight(row, input);
                        total += w * share;
                        by_x += w * share_by_x;
                        by_y += w * share_by_y;
                      });
      const Warp::Slope slope = warp.slope(at);
      sum.rotation_rad += by_x * slope.rotation.x + by_y * slope.rotation.y;
      sum.shift_x_px += by_x * slope.shift_x.x + by_y * slope.shift_x.y;
      sum.shift_y_px += by_x * slope.shift_y.x + by_y * slope.shift_y.y;
      sum.magnification += by_x * slope.magnification.x + by_y * slope.magnification.y;
    });
  }
  if (optics_.conserve) sum.magnification -= 2 * total / (1 + misalignment_.magnification);
  return sum;
}

template class Light<float>;
template class Light<double>;

}  // namespace pnn::platforms::freespace
