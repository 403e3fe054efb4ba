#include "pnn/platforms/freespace/plan.hpp"

namespace pnn::platforms::freespace {

Index Plan::element_at(Index x, Index y) const {
  const Index row = y / block_rows - guard_rows, col = x / block_cols - guard_cols;
  const bool lit = row >= 0 && row < image_rows && col >= 0 && col < image_cols;
  return lit ? row * image_cols + col : -1;
}

Index Plan::site_at(Index x, Index y) const {
  const Index element = element_at(x, y);
  if (!per_pixel || element < 0) return element;
  return (y - guard_rows * block_rows) * image_cols * block_cols + x - guard_cols * block_cols;
}

std::vector<std::string> check_plan(const Plan& p) {
  std::vector<std::string> wrong;
  if (p.out < 1 || p.in() < 1) wrong.emplace_back("a matrix needs an output and an input");
  if (p.block_rows < 1 || p.block_cols < 1) wrong.emplace_back("a block has at least one pixel");
  if (p.guard_rows < 0 || p.guard_cols < 0) wrong.emplace_back("a guard band is not negative");
  if (p.grid_rows < 1 || p.grid_cols < 1) wrong.emplace_back("a grid has at least one cell");
  constexpr double largest = 1 << 26;
  const double pixels = double(p.plane_cells()) * double(p.cell_height()) * double(p.cell_width());
  if (wrong.empty() && pixels > largest)
    wrong.push_back("a plane of " + std::to_string(p.width()) + "x" + std::to_string(p.height()) +
                    " px is more than " + std::to_string(Index(largest)) + " px; show fewer cells a picture");
  return wrong;
}

}  // namespace pnn::platforms::freespace
