// Samples that stay in a file, for sets that are larger than memory.
#pragma once

#include <cstdint>
#include <span>

#include "pnn/core/matrix.hpp"

namespace pnn::network {

/// The inputs of samples, read when they are shown.
class StoredRows {
 public:
  StoredRows() = default;
  StoredRows(const StoredRows&) = delete;
  StoredRows& operator=(const StoredRows&) = delete;
  virtual ~StoredRows() = default;
  [[nodiscard]] virtual Index rows() const = 0;
  [[nodiscard]] virtual Index cols() const = 0;
  /// The least of all numbers.
  [[nodiscard]] virtual float least() const = 0;
  /// Row `numbers[k]` becomes row k of `to`, with the bits that it has in memory. On one thread at a time.
  /// Throws what reading throws.
  virtual void read(std::span<const std::uint32_t> numbers, MatrixView<float> to) const = 0;
};

}  // namespace pnn::network
