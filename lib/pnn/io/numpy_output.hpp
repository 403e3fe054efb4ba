// Writes arrays as NumPy does (.npy, and .npz archives of them).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pnn::io {

/// The lowest `bytes` bytes of a number, the lowest first.
std::string little_endian(std::uint64_t value, std::size_t bytes);

/// A file as numpy.save writes it, version 1.0 (numpy.lib.format): values of a type such as "<f4", the first
/// axis slowest.
std::string npy_bytes(std::string_view type, const std::vector<std::size_t>& shape, std::string_view data);

/// An archive as numpy.savez writes it, of names without ending and the bytes of arrays. Throws RunError
/// beyond 4 GiB.
std::string npz_bytes(const std::vector<std::pair<std::string, std::string>>& arrays);

}  // namespace pnn::io
