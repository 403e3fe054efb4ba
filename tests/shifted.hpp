// Arrays at addresses that are chosen: what is computed must not depend on them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "pnn/core/random.hpp"

namespace pnn::test {

/// A copy of `values` that begins `shift` bytes behind an address divisible by 64, the widest vector of any
/// processor. `shift` is a multiple of the size of a number. What lies around it is no number.
template <class T>
class Shifted {
 public:
  Shifted(const std::vector<T>& values, std::size_t shift)
      : memory_(values.size() * sizeof(T) + 3 * width, std::byte{0xff}), size_(values.size()) {
    const std::size_t past = reinterpret_cast<std::uintptr_t>(memory_.data()) % width;
    data_ = reinterpret_cast<T*>(memory_.data() + (width - past) + shift);
    std::copy(values.begin(), values.end(), data_);
  }
  Shifted(const Shifted&) = delete;
  Shifted& operator=(const Shifted&) = delete;
  Shifted(Shifted&&) = default;
  Shifted& operator=(Shifted&&) = default;
  ~Shifted() = default;

  T* data() { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  std::span<T> span() { return {data_, size_}; }

 private:
  static constexpr std::size_t width = 64;
  std::vector<std::byte> memory_;
  std::size_t size_;
  T* data_;
};

/// Bytes by which an address may miss the vectors of a processor: every multiple of the size of a number.
template <class T>
std::vector<std::size_t> shifts() {
  std::vector<std::size_t> all;
  for (std::size_t shift = 0; shift < 64; shift += sizeof(T)) all.push_back(shift);
  return all;
}

/// Numbers of either sign and of sizes from 2^-`spread` to 2^`spread` with all their bits, so that every sum
/// of them is rounded and another order shows.
template <class T>
std::vector<T> rounding_numbers(std::size_t n, std::uint16_t stream, double spread = 3) {
  std::vector<double> signs(n), sizes(n);
  fill_symmetric({23, Purpose::test, stream}, signs);
  fill_symmetric({23, Purpose::test, stream, 1}, sizes);
  std::vector<T> values(n);
  for (std::size_t k = 0; k < n; ++k) values[k] = T(std::copysign(std::exp2(spread * sizes[k]), signs[k]));
  return values;
}

/// Equal bit for bit, so that −0 is not 0 and a number that is none equals itself.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

}  // namespace pnn::test
