// Reads and writes arrays in the form of safetensors: a header of JSON, then the values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pnn/io/array.hpp"
#include "pnn/network/digital_network.hpp"

namespace pnn::io {

/// Whether the bytes begin as such a file: the size of the header (8 bytes, the lowest first) and a brace.
bool is_safetensors(const std::string& bytes);

/// The arrays with their names in natural order. Throws InputError "name: …" for damaged files and for types
/// of values that are none of F64, F32, F16, BF16, I8 to I64, U8 to U64 and BOOL.
std::vector<std::pair<std::string, StoredArray>> safetensors_arrays(const std::string& bytes,
                                                                    const std::string& name);

/// Values of bfloat16, which are the upper halves of floats, as floats.
StoredArray widened(const StoredArray& brain_floats);

/// A file of these arrays, in their order, as F32.
std::string safetensors_bytes(const std::vector<network::NamedValues>& arrays);

/// The values as floats of 32 bits, the lowest byte first.
std::string float_bytes(const std::vector<float>& values);

}  // namespace pnn::io
