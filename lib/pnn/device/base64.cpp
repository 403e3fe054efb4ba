#include "pnn/device/base64.hpp"

#include <array>
#include <cstdint>

namespace pnn::device {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_letter = 0xff;

constexpr std::array<std::uint8_t, 256> letter_values() {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = not_a_letter;
  for (std::size_t k = 0; k < alphabet.size(); ++k)
    values[static_cast<unsigned char>(alphabet[k])] = std::uint8_t(k);
  return values;
}
constexpr std::array<std::uint8_t, 256> value_of = letter_values();

/// Four letters as 24 bits; above 24 bits where one is no letter.
std::uint32_t group_of(const char* letters) {
  std::uint32_t bits = 0, seen = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const std::uint32_t value = value_of[static_cast<unsigned char>(letters[k])];
    seen |= value;
    bits = bits << 6U | (value & 63U);
  }
  return seen > 63 ? ~0U : bits;
}

}  // namespace

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* to = text.data();
  const auto byte = [&](std::size_t k) { return std::to_integer<std::uint32_t>(bytes[k]); };
  std::size_t k = 0;
  for (; k + 3 <= bytes.size(); k += 3) {
    const std::uint32_t bits = byte(k) << 16U | byte(k + 1) << 8U | byte(k + 2);
    for (const std::uint32_t shift : {18U, 12U, 6U, 0U}) *to++ = alphabet[bits >> shift & 63U];
  }
  const std::size_t rest = bytes.size() - k;
  if (rest > 0) {
    const std::uint32_t bits = byte(k) << 16U | (rest > 1 ? byte(k + 1) << 8U : 0U);
    *to++ = alphabet[bits >> 18U];
    *to++ = alphabet[bits >> 12U & 63U];
    if (rest > 1) *to = alphabet[bits >> 6U & 63U];
  }
  return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  if (text.ends_with("==")) {
    padding = 2;
  } else if (text.ends_with('=')) {
    padding = 1;
  }
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  std::byte* to = bytes.data();
  const std::size_t whole = text.size() - (padding > 0 ? 4 : 0);
  for (std::size_t k = 0; k < whole; k += 4) {
    const std::uint32_t bits = group_of(text.data() + k);
    if (bits > 0xffffffU) return std::nullopt;
    for (const std::uint32_t shift : {16U, 8U, 0U}) *to++ = std::byte(bits >> shift & 0xffU);
  }
  if (padding > 0) {
    std::array<char, 4> last{'A', 'A', 'A', 'A'};
    for (std::size_t k = 0; k < 4 - padding; ++k) last[k] = text[whole + k];
    const std::uint32_t bits = group_of(last.data());
    // the bits after the last byte must be zero, otherwise several texts would mean the same bytes
    if (bits > 0xffffffU || (bits & (padding == 2 ? 0xffffU : 0xffU)) != 0) return std::nullopt;
    *to++ = std::byte(bits >> 16U);
    if (padding == 1) *to = std::byte(bits >> 8U & 0xffU);
    bytes.resize(bytes.size() - padding);
  }
  return bytes;
}

}  // namespace pnn::device
