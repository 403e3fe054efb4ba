#include "pnn/io/checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "pnn/core/text.hpp"

namespace pnn::io {
namespace {

constexpr const char* open_axes = "…";

std::vector<std::string> declared(const Item& item) {
  return item.axes.empty() ? std::vector<std::string>() : split(item.axes, ',');
}

/// Declared axes with "…" spread to as many as the rank needs; none if it does not fit.
std::optional<std::vector<std::string>> spread(const Item& item, std::size_t rank) {
  std::vector<std::string> axes;
  const std::vector<std::string> names = declared(item);
  bool open = false;
  for (const std::string& name : names) {
    if (name != open_axes) {
      axes.push_back(name);
      continue;
    }
    open = true;
    if (rank + 1 < names.size()) return std::nullopt;
    axes.insert(axes.end(), rank + 1 - names.size(), open_axes);
  }
  if (!open && names.size() != rank) return std::nullopt;
  return axes;
}

template <class T>
bool is_nan(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

template <class T>
bool is_finite(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isfinite(value);
  return true;
}

/// Whether every value is finite and from `min` to `max`: one pass without a branch.
template <class T>
bool all_between(std::span<const T> values, double min, double max) {
  constexpr double most = std::numeric_limits<double>::max();
  const double low = std::max(min, -most), high = std::min(max, most);
  const T* v = values.data();
  const std::size_t count = values.size();
  int wrong = 0;
#pragma omp simd reduction(| : wrong)
  for (std::size_t k = 0; k < count; ++k)
    wrong |= int(!(static_cast<double>(v[k]) >= low && static_cast<double>(v[k]) <= high));
  return wrong == 0;
}

}  // namespace

std::optional<std::vector<std::string>> axis_names(const Item& item, std::size_t rank,
                                                   const std::vector<std::string>& given) {
  std::optional<std::vector<std::string>> axes = spread(item, rank);
  if (!axes) return axes;
  for (std::size_t k = 0; k < axes->size(); ++k) {
    std::string& name = (*axes)[k];
    if (name == open_axes) name = k < given.size() ? given[k] : std::string("axis") + std::to_string(k);
    if (name.starts_with('/')) name.erase(0, 1);
  }
  return axes;
}

std::optional<std::string> AxisSizes::note(const Item& item, const std::string& path,
                                           const std::vector<std::size_t>& shape) {
  const auto axes = spread(item, shape.size());
  if (!axes) {
    const std::vector<std::string> names = declared(item);
    return path + ": expected " + (names.empty() ? "a scalar" : "axes " + join(names, ", ")) +
           ", found shape " + shape_text(shape);
  }
  const std::string group = path.substr(0, path.rfind('/') + 1);
  for (std::size_t k = 0; k < axes->size(); ++k) {
    const std::string& name = (*axes)[k];
    if (name == open_axes) continue;
    const std::string key = name.starts_with('/') ? name : group + name;
    const auto [known, fresh] = sizes_.try_emplace(key, shape[k], path);
    if (!fresh && known->second.first != shape[k]) {
      return path + ": expected " + std::to_string(known->second.first) + " along axis " +
             name.substr(name.starts_with('/') ? 1 : 0) + " as in " + known->second.second + ", found " +
             std::to_string(shape[k]);
    }
  }
  return std::nullopt;
}

template <class T>
std::optional<std::string> check_values(const Item& item, const std::string& path,
                                        std::span<const T> values) {
  if (all_between(values, item.min, item.max)) return std::nullopt;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const T value = values[k];
    if (is_nan(value) && item.numbers == Numbers::nan_allowed) continue;
    if (!is_finite(value))
      return path + ": value " + std::to_string(k) + " of " + std::to_string(values.size()) +
             " is not finite";
    const auto number = static_cast<double>(value);
    if (number < item.min || number > item.max) {
      const std::string expected = item.max == std::numeric_limits<double>::infinity()
                                       ? "at least " + format_number(item.min)
                                       : format_number(item.min) + " … " + format_number(item.max);
      return path + ": expected " + expected + ", found " + format_number(number) + " (value " +
             std::to_string(k) + ")";
    }
  }
  return std::nullopt;
}

template std::optional<std::string> check_values(const Item&, const std::string&, std::span<const float>);
template std::optional<std::string> check_values(const Item&, const std::string&, std::span<const double>);
template std::optional<std::string> check_values(const Item&, const std::string&,
                                                 std::span<const std::int32_t>);
template std::optional<std::string> check_values(const Item&, const std::string&,
                                                 std::span<const std::uint64_t>);

std::string shape_text(const std::vector<std::size_t>& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (std::size_t k = 0; k < shape.size(); ++k)
    text.append(k > 0 ? "x" : "").append(std::to_string(shape[k]));
  return text;
}

}  // namespace pnn::io
