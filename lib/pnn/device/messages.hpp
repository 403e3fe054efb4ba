// Messages of the driver protocol (protocol.hpp) as JSON and bytes. Private to the device room.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pnn/device/channel.hpp"
#include "pnn/device/protocol.hpp"

namespace pnn::device {

using Json = nlohmann::json;

/// The two encodings of an array: base64 is text that people can read and paste, raw bytes are fast.
enum class ArrayForm { base64, raw };

/// One message: the fields of its JSON object, and its array if it has one.
struct Message {  // NOLINT(bugprone-exception-escape): moving a Json asserts, and does not throw
  Json fields;
  std::vector<std::size_t> shape;  ///< of the array; empty if there is none
  std::vector<float> values;
};

/// Sends a message. If `shape` is not empty, `values` is its array.
void send(Channel& channel, const Json& fields, ArrayForm form, std::span<const std::size_t> shape = {},
          std::span<const float> values = {});
/// The largest message that is accepted.
struct Bounds {
  std::size_t numbers = 0;  ///< numbers in the array
  /// Bytes of the line besides an array written as text. The memory and time of a longer line would not be
  /// bounded.
  std::size_t bytes = std::size_t{1} << 26U;
};
/// The next message; empty at the end of the input. Throws BrokenChannel for anything that is no message,
/// exceeds `most`, or nests more than thirty brackets.
std::optional<Message> receive(Channel& channel, const Bounds& most);

/// The answer to hello.
Json to_json(const Offer& offer);
/// Reads such an answer. Throws UsageError, naming everything that is missing or invalid.
Offer offer_of(const Json& fields);

/// The conditions that differ from their defaults. With `clock` (a virtual device), also times and the number
/// of the sample.
Json to_json(const Conditions& conditions, bool clock);
/// Reads such conditions. Throws UsageError for an unknown name.
Conditions conditions_of(const Json& fields);

}  // namespace pnn::device
