// Reads one dataset of any file, without a schema: what it says of itself, and its values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pnn/core/stop.hpp"
#include "pnn/io/hdf5.hpp"
#include "pnn/io/reader.hpp"

namespace pnn::io {

/// One dataset, open: what it says of itself, and its numbers without more memory than they take in the file.
class Content {
 public:
  using Class = h5::Description::Class;

  Content(const Reader& reader, const std::string& path)
      : dataset_(h5::open_dataset(reader.file(), path, &reader.known())),
        description_(h5::describe(dataset_.id(), reader.budget())),
        scale_(h5::read_number_attribute(dataset_.id(), "scale").value_or(1)) {}

  [[nodiscard]] const h5::Description& description() const { return description_; }
  [[nodiscard]] std::string attribute(const std::string& name) const {
    return h5::read_text_attribute(dataset_.id(), name).value_or("");
  }
  [[nodiscard]] h5::Labels labels() const {
    return h5::read_labels(dataset_.id(), description_.shape.size());
  }
  [[nodiscard]] std::vector<std::string> texts() const { return h5::read_texts(dataset_.id(), description_); }
  /// visit(value, text of it) in order; the text has the digits that the stored type needs.
  template <class Visit>
  void numbers(const Visit& visit) const {
    const bool small = description_.element_bytes <= 4;
    if (description_.kind == Class::integer && description_.element_bytes == 1)
      return each<std::uint8_t>(visit);
    if (description_.kind == Class::integer && small) return each<std::int32_t>(visit);
    if (description_.kind == Class::integer) return each<std::uint64_t>(visit);
    if (description_.kind == Class::real && small) return each<float>(visit);
    if (description_.kind == Class::real) return each<double>(visit);
  }

 private:
  template <class T, class Visit>
  void each(const Visit& visit) const {
    std::size_t count = 1;
    for (const std::size_t size : description_.shape) count *= size;
    if (count == 0) return;
    const auto values = std::make_unique<T[]>(count);
    h5::read_dataset(dataset_.id(), h5::element_of<T>(), values.get());
    std::size_t seen = 0;
    for (const T value : std::span<const T>(values.get(), count)) {
      if (++seen % (std::size_t{1} << 16) == 0) stop_if_asked();
      if (scale_ != 1) {
        visit(static_cast<float>(value * scale_));
      } else {
        visit(value);
      }
    }
  }

  h5::Handle dataset_;
  h5::Description description_;
  double scale_;
};

}  // namespace pnn::io
