#include "pnn/io/stored_samples.hpp"

#include <algorithm>
#include <limits>

#include "pnn/core/stop.hpp"
#include "pnn/io/checks.hpp"
#include "pnn/io/reader.hpp"

namespace pnn::io {
namespace {

constexpr Index block_numbers = Index{1} << 22;  ///< read at once to be checked

}  // namespace

StoredSamples::StoredSamples(const Source& source, const std::string& path, std::optional<double> scale)
    : name_(source.name),
      path_(path),
      file_(h5::open_file(source.path)),
      dataset_(h5::open_dataset(file_.id(), path)),
      scale_(scale) {
  h5::Budget budget(source.bytes);
  const h5::Shape shape = h5::describe(dataset_.id(), budget).shape;
  rows_ = shape.empty() ? 0 : Index(shape.front());
  cols_ = 1;
  for (std::size_t k = 1; k < shape.size(); ++k) cols_ *= Index(shape[k]);
}

void StoredSamples::read_block(Index first, Index count, float* to) const {
  const auto row = std::size_t(first), rows = std::size_t(count);
  if (!scale_) return h5::read_rows(dataset_.id(), h5::Element::float32, row, rows, to);
  bytes_.resize(rows * std::size_t(cols_));
  h5::read_rows(dataset_.id(), h5::Element::uint8, row, rows, bytes_.data());
  numbers_of_bytes(std::span<const std::uint8_t>(bytes_), *scale_, to);
}

void StoredSamples::read(std::span<const std::uint32_t> numbers, MatrixView<float> to) const {
  try {
    for (std::size_t k = 0; k < numbers.size(); ++k)
      read_block(Index(numbers[k]), 1, to.data() + Index(k) * cols_);
  } catch (const h5::Failure& failure) {
    raise_read_failure(name_, failure);
  }
}

std::optional<std::string> StoredSamples::check(const Item& item) {
  const Index step = std::max<Index>(1, block_numbers / std::max<Index>(1, cols_));
  std::vector<float> block;
  least_ = std::numeric_limits<float>::max();
  for (Index first = 0; first < rows_; first += step) {
    stop_if_asked();
    const Index count = std::min(step, rows_ - first);
    block.resize(std::size_t(count * cols_));
    read_block(first, count, block.data());
    if (auto complaint = check_values<float>(item, path_, block))
      return *complaint + ", of the samples from " + std::to_string(first) + " on";
    for (const float value : block) least_ = std::min(least_, value);
  }
  return std::nullopt;
}

}  // namespace pnn::io
