#include "pnn/platform/shape.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

std::string Shape::to_string() const {
  if (field) return std::to_string(channels) + "c";
  if (height == 1 && width == 1) return std::to_string(channels);
  return std::to_string(channels) + "x" + std::to_string(height) + "x" + std::to_string(width);
}

void check_numbers(double numbers, double most, const char* what, const std::string& where) {
  if (numbers <= most) return;
  throw UsageError(where + ": " + format_short(numbers, 3) + " " + what + ", where " + format_short(most, 3) +
                   " is the most");
}

void check_picture(Index rows, Index cols, Index numbers, const std::string& where) {
  if (rows * cols == numbers) return;
  throw UsageError(where + ": image: " + std::to_string(rows) + "x" + std::to_string(cols) + " is " +
                   std::to_string(rows * cols) + " elements, and " + std::to_string(numbers) +
                   " numbers reach it; expected rows x columns of as many");
}

}  // namespace pnn::platform
