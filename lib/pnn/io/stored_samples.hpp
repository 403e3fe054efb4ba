// Samples that a training reads from their file batch by batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "pnn/io/hdf5.hpp"
#include "pnn/io/schema.hpp"
#include "pnn/io/source.hpp"
#include "pnn/network/stored_rows.hpp"

namespace pnn::io {

/// to[i] = bytes[i] · scale. For a scale of 1/255 this is k/255 rounded to float: k/255 repeats every eight
/// binary digits, so it is never so near the middle of two floats that rounding in double first could matter.
template <class T>
void numbers_of_bytes(std::span<const std::uint8_t> bytes, double scale, T* to) {
#pragma omp simd
  for (std::size_t i = 0; i < bytes.size(); ++i) to[i] = static_cast<T>(bytes[i] * scale);
}

/// The rows of a dataset of an open HDF5 file, by its first axis; of bytes, which are multiplied, where there
/// is a `scale`.
class StoredSamples final : public network::StoredRows {
 public:
  StoredSamples(const Source& source, const std::string& path, std::optional<double> scale);
  [[nodiscard]] Index rows() const override { return rows_; }
  [[nodiscard]] Index cols() const override { return cols_; }
  [[nodiscard]] float least() const override { return least_; }
  void read(std::span<const std::uint32_t> numbers, MatrixView<float> to) const override;
  /// Reads everything once, block by block: a complaint about the first value that is not allowed.
  [[nodiscard]] std::optional<std::string> check(const Item& item);

 private:
  void read_block(Index first, Index count, float* to) const;

  std::string name_, path_;
  h5::Handle file_, dataset_;
  std::optional<double> scale_;
  Index rows_ = 0, cols_ = 0;
  float least_ = 0;
  mutable std::vector<std::uint8_t> bytes_;
};

}  // namespace pnn::io
