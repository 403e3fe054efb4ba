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

/// The two forms of an array; a text is for people, raw bytes are fast.
enum class ArrayForm { base64, raw };

struct Message {  // NOLINT(bugprone-exception-escape): moving a Json asserts, and does not throw
  Json fields;
  std::vector<std::size_t> shape;  ///< of its array; empty where it has none
  std::vector<float> values;
};

/// Sends a message; with a shape, `values` is its array.
void send(Channel& channel, const Json& fields, ArrayForm form, std::span<const std::size_t> shape = {},
          std::span<const float> values = {});
/// What a message may hold at most.
struct Bounds {
  std::size_t numbers = 0;  ///< in its array
  /// In its line, beside an array written as text. What is longer costs memory and time that no limit bounds.
  std::size_t bytes = std::size_t{1} << 26U;
};
/// The next message, or nothing at the end of the other side. Throws BrokenChannel for what is no message,
/// holds more than this, or nests deeper than thirty brackets.
std::optional<Message> receive(Channel& channel, const Bounds& most);

Json to_json(const Offer& offer);
/// Throws UsageError, naming everything that is missing or makes no sense.
Offer offer_of(const Json& fields);

/// What differs from conditions that ask for nothing. With `clock`, also time and draws.
Json to_json(const Conditions& conditions, bool clock);
/// Throws UsageError on what it does not know.
Conditions conditions_of(const Json& fields);

}  // namespace pnn::device
