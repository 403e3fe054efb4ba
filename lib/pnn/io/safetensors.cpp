#include "pnn/io/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"
#include "pnn/io/numpy_output.hpp"

namespace pnn::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t before_header = 8, most_header = std::size_t{100} << 20;

std::uint64_t header_size(const std::string& bytes) {
  std::uint64_t size = 0;
  for (std::size_t k = before_header; k-- > 0;) size = size << 8 | static_cast<unsigned char>(bytes[k]);
  return size;
}

const std::map<std::string, ValueType>& types() {
  static const std::map<std::string, ValueType> table = {
      {"F64", {'f', 8}}, {"F32", {'f', 4}}, {"F16", {'f', 2}}, {"BF16", {'f', 2}}, {"I64", {'i', 8}},
      {"I32", {'i', 4}}, {"I16", {'i', 2}}, {"I8", {'i', 1}},  {"U64", {'u', 8}},  {"U32", {'u', 4}},
      {"U16", {'u', 2}}, {"U8", {'u', 1}},  {"BOOL", {'b', 1}}};
  return table;
}

/// The numbers of a member of an object; empty if there are none.
std::vector<std::uint64_t> numbers_of(const Json& object, const char* member) {
  std::vector<std::uint64_t> numbers;
  const auto it = object.find(member);
  if (it == object.end() || !it->is_array()) return {};
  for (const Json& number : *it) {
    if (!number.is_number_unsigned()) return {};
    numbers.push_back(number.get<std::uint64_t>());
  }
  return numbers;
}

StoredArray array_of(const Json& entry, std::string_view data, const std::string& where) {
  if (!entry.is_object()) throw InputError(where + ": damaged header; copy it again");
  const auto dtype = entry.find("dtype");
  const std::string word = dtype != entry.end() && dtype->is_string() ? dtype->get<std::string>() : "";
  const auto type = types().find(word);
  if (type == types().end())
    throw InputError(where + ": values of type \"" + word + "\"; expected numbers, as F32");
  StoredArray array;
  array.type = type->second;
  std::uint64_t bytes = array.type.size;
  for (const std::uint64_t size : numbers_of(entry, "shape")) {
    array.shape.push_back(size);
    if (size > 0 && bytes > data.size() / size) throw InputError(where + ": truncated; copy it again");
    bytes *= size;
  }
  const std::vector<std::uint64_t> ends = numbers_of(entry, "data_offsets");
  if (ends.size() != 2 || ends[0] > ends[1] || entry.find("shape") == entry.end() ||
      array.shape.size() != entry.at("shape").size())
    throw InputError(where + ": damaged header; copy it again");
  if (ends[1] > data.size()) throw InputError(where + ": truncated; copy it again");
  if (ends[1] - ends[0] != bytes)
    throw InputError(where + ": " + std::to_string(ends[1] - ends[0]) +
                     " bytes, where its shape and type need " + std::to_string(bytes));
  const std::string_view own = data.substr(ends[0], bytes);
  array.data.assign(own.begin(), own.end());
  if (word == "BF16") array = widened(array);
  return array;
}

}  // namespace

StoredArray widened(const StoredArray& brain_floats) {
  StoredArray array{brain_floats.shape, std::vector<std::uint8_t>(brain_floats.data.size() * 2), {'f', 4}};
  for (std::size_t k = 0; k + 1 < brain_floats.data.size(); k += 2)
    std::copy_n(brain_floats.data.begin() + std::ptrdiff_t(k), 2,
                array.data.begin() + std::ptrdiff_t(2 * k + 2));
  return array;
}

bool is_safetensors(const std::string& bytes) {
  return bytes.size() > before_header && bytes[before_header] == '{' && header_size(bytes) <= most_header;
}

std::vector<std::pair<std::string, StoredArray>> safetensors_arrays(const std::string& bytes,
                                                                    const std::string& name) {
  if (!is_safetensors(bytes)) throw InputError(name + ": no safetensors");
  const std::uint64_t size = header_size(bytes);
  if (size > bytes.size() - before_header) throw InputError(name + ": truncated; copy it again");
  const std::string_view header = std::string_view(bytes).substr(before_header, size),
                         data = std::string_view(bytes).substr(before_header + size);
  const Json entries = Json::parse(header, nullptr, false);
  if (!entries.is_object()) throw InputError(name + ": damaged header; copy it again");
  std::vector<std::pair<std::string, StoredArray>> arrays;
  for (const auto& [key, entry] : entries.items())
    if (key != "__metadata__") arrays.emplace_back(key, array_of(entry, data, name + ": " + key));
  std::stable_sort(arrays.begin(), arrays.end(),
                   [](const auto& a, const auto& b) { return natural_less(a.first, b.first); });
  return arrays;
}

std::string float_bytes(const std::vector<float>& values) {
  std::string out;
  out.reserve(values.size() * sizeof(float));
  for (const float value : values) out += little_endian(std::bit_cast<std::uint32_t>(value), sizeof(float));
  return out;
}

std::string safetensors_bytes(const std::vector<network::NamedValues>& arrays) {
  Json entries = Json::object();
  std::string data;
  for (const network::NamedValues& array : arrays) {
    const std::size_t begin = data.size();
    data += float_bytes(array.values.data);
    entries[array.name] = {
        {"dtype", "F32"}, {"shape", array.values.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string header = entries.dump();
  header.resize((header.size() + before_header - 1) / before_header * before_header, ' ');
  return little_endian(header.size(), before_header) + header + data;
}

}  // namespace pnn::io
