// The shape of the signals between layers.
#pragma once

#include <string>
#include <utility>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// Signals are images [channels, height, width] (width fastest in memory); a vector has height = width = 1. A
/// field is a vector of complex amplitudes: its real parts, then its imaginary parts.
struct Shape {
  Index channels = 0, height = 1, width = 1;
  bool field = false;
  /// Number of real values of one signal.
  [[nodiscard]] Index size() const { return channels * height * width * (field ? 2 : 1); }
  /// Rows and columns of the picture that a plane shows: channels one below the other; a vector is one row.
  [[nodiscard]] std::pair<int, int> picture() const {
    return height * width > 1 ? std::pair(int(channels * height), int(width)) : std::pair(1, int(size()));
  }
  bool operator==(const Shape&) const = default;
  [[nodiscard]] std::string to_string() const;  ///< "784", "1x28x28", or "64c" for 64 amplitudes
};

/// Throws UsageError, beginning with `where`, if `numbers` is larger than `most`. Sizes may come from files,
/// so that impossible ones are refused before they are multiplied or allocated.
void check_numbers(double numbers, double most, const char* what, const std::string& where);

/// Throws UsageError, beginning with `where`, unless a picture of rows × cols elements holds exactly
/// `numbers` values.
void check_picture(Index rows, Index cols, Index numbers, const std::string& where);

}  // namespace pnn::platform
