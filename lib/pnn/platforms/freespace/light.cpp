#include "pnn/platforms/freespace/light.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "pnn/core/threads.hpp"

namespace pnn::platforms::freespace {

template <class Real>
Light<Real>::Light(const Plan& plan, bool conserve)
    : plan_(plan),
      conserve_(conserve),
      samples_(std::size_t(plan.width() * plan.height()) * samples_per_pixel),
      cells_(std::size_t(plan.plane_cells())),
      sums_(std::size_t(plan.plane_cells() * plan.in()), 0.0) {
  for (Index y = 0; y < plan.height(); ++y) {
    for (Index x = 0; x < plan.width(); ++x)
      shown_.push_back(std::int32_t(plan.element_at(x % plan.cell_width(), y % plan.cell_height())));
  }
}

template <class Real>
void Light<Real>::set_rows(const std::optional<Surroundings>& pixels) {
  if (pixels_ == pixels) return;
  pixels_ = pixels;
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
  return double(plan_.block_area()) * (conserve_ ? zoom * zoom : 1);
}

template <class Real>
Index Light<Real>::rows() const {
  return pixels_ ? (plan_.cell_height() + 2 * pixels_->reach) * pixels_->pitch : plan_.sites() + 1;
}

template <class Real>
template <class Body>
void Light<Real>::for_each_row(Index number, const Body& body) const {
  const Index left = number % plan_.grid_cols * plan_.cell_width(),
              top = number / plan_.grid_cols * plan_.cell_height();
  Index row = 0;
  if (pixels_) {
    const Index right = left + plan_.cell_width() + pixels_->reach, begin = left - pixels_->reach;
    for (Index y = top - pixels_->reach; y < top + plan_.cell_height() + pixels_->reach; ++y) {
      for (Index x = begin; x < begin + pixels_->pitch; ++x, ++row) {
        const bool on_plane = x >= 0 && x < std::min(right, plan_.width()) && y >= 0 && y < plan_.height();
        body(row, [&](const auto& pixel) {
          if (on_plane) pixel(x, y);
        });
      }
    }
    return;
  }
  const auto block = [&](const auto& pixel, Index x, Index y, Index width, Index height) {
    for (Index dy = 0; dy < height; ++dy)
      for (Index dx = 0; dx < width; ++dx) pixel(left + x + dx, top + y + dy);
  };
  const Index guard_x = plan_.guard_cols * plan_.block_cols, guard_y = plan_.guard_rows * plan_.block_rows;
  const Index image_width = plan_.image_cols * plan_.block_cols,
              image_height = plan_.image_rows * plan_.block_rows;
  for (; row < plan_.sites(); ++row) {
    body(row, [&](const auto& pixel) {
      if (plan_.per_pixel) {
        block(pixel, guard_x + row % image_width, guard_y + row / image_width, 1, 1);
      } else {
        block(pixel, guard_x + row % plan_.image_cols * plan_.block_cols,
              guard_y + row / plan_.image_cols * plan_.block_rows, plan_.block_cols, plan_.block_rows);
      }
    });
  }
  body(row, [&](const auto& pixel) {  // the guard band: above, below, left, right
    block(pixel, 0, 0, plan_.cell_width(), guard_y);
    block(pixel, 0, guard_y + image_height, plan_.cell_width(), guard_y);
    block(pixel, 0, guard_y, guard_x, image_height);
    block(pixel, guard_x + image_width, guard_y, guard_x, image_height);
  });
}

template <class Real>
void Light<Real>::assemble(Index number) {
  Cell& cell = cells_[std::size_t(number)];
  Sums& rows = cell.rows;
  double* sums = sums_.data() + number * plan_.in();
  const double unit = this->unit();
  const Index pixels = std::max(this->rows(), plan_.cell_width() * plan_.cell_height());
  rows.begin.resize(std::size_t(this->rows()) + 1);
  rows.make_room(std::size_t(pixels) * samples_per_pixel);
  std::uint32_t end = 0;
  for_each_row(number, [&](Index row, const auto& for_each_pixel) {
    const std::uint32_t begin = end;
    rows.begin[std::size_t(row)] = begin;
    for_each_pixel([&](Index x, Index y) {
      const Sample* sample = samples_.data() + std::size_t(y * plan_.width() + x) * samples_per_pixel;
      for (std::size_t k = 0; k < samples_per_pixel && sample[k].input >= 0; ++k) {
        const auto input = std::uint32_t(sample[k].input);
        const auto weight = double(sample[k].weight);
        if (pixels_) {  // the row is this pixel, whose samples are of different inputs
          rows.number[end] = input;
          rows.light[end++] = Real(weight / unit);
          continue;
        }
        if (sums[input] == 0) rows.number[end++] = input;
        sums[input] += weight;
      }
    });
    for (std::uint32_t k = begin; !pixels_ && k < end; ++k)
      rows.light[k] = Real(std::exchange(sums[rows.number[k]], 0.0) / unit);
  });
  rows.begin.back() = end;
  transpose(cell);
}

/// The same matrix by inputs, the terms of each in the order of the rows.
template <class Real>
void Light<Real>::transpose(Cell& cell) const {
  const Sums& rows = cell.rows;
  Sums& inputs = cell.inputs;
  const std::size_t count = rows.begin.back();
  inputs.make_room(count);
  // begin[input + 1] counts terms, then is where the next one of the input goes, and ends as where they end
  inputs.begin.assign(std::size_t(plan_.in()) + 1, 0);
  for (const std::uint32_t input : std::span(rows.number).first(count)) ++inputs.begin[input + 1];
  std::uint32_t next = 0;
  for (Index input = 1; input <= plan_.in(); ++input)
    next += std::exchange(inputs.begin[std::size_t(input)], next);
  for (Index row = 0; row < this->rows(); ++row) {
    for (std::uint32_t k = rows.begin[std::size_t(row)]; k < rows.begin[std::size_t(row) + 1]; ++k) {
      const std::uint32_t at = inputs.begin[rows.number[k] + 1]++;
      inputs.number[at] = std::uint32_t(row);
      inputs.light[at] = rows.light[k];
    }
  }
}

template <class Real>
System Light<Real>::slope(Index number, const std::function<double(Index row, Index input)>& weight) const {
  const Warp warp(plan_.width(), plan_.height(), misalignment_);
  const double unit = this->unit();
  System sum;
  double total = 0;
  for_each_row(number, [&](Index row, const auto& for_each_pixel) {
    for_each_pixel([&](Index x, Index y) {
      const Warp::Point at = warp.source(double(x), double(y));
      double by_x = 0, by_y = 0;
      for_each_sample(at, plan_.width(), plan_.height(),
                      [&](Index pixel, double share, double share_by_x, double share_by_y) {
                        const std::int32_t input = shown_[std::size_t(pixel)];
                        if (input < 0) return;
                        const double w = weight(row, input) / unit;
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
  });
  if (conserve_) sum.magnification -= 2 * total / (1 + misalignment_.magnification);
  return sum;
}

template class Light<float>;
template class Light<double>;

}  // namespace pnn::platforms::freespace
