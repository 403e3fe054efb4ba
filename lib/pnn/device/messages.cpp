#include "pnn/device/messages.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/base64.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::device {

static_assert(std::endian::native == std::endian::little, "arrays travel as they are in memory");

namespace {

/// No message of the protocol nests deeper than three.
constexpr int most_brackets = 30;

/// Whether brackets outside of texts nest deeper than that: a parser's memory grows with them.
bool nests_too_deep(std::string_view json) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t k = 0; k < json.size(); ++k) {
    if (in_text) {
      k = json.find_first_of("\"\\", k);
      if (k == std::string_view::npos) return false;
      if (json[k] == '"') in_text = false;
      if (json[k] == '\\') ++k;
    } else if (json[k] == '"') {
      in_text = true;
    } else if (json[k] == '[' || json[k] == '{') {
      if (++depth > most_brackets) return true;
    } else if (json[k] == ']' || json[k] == '}') {
      --depth;
    }
  }
  return false;
}

/// A whole number from 0 that fits, and nothing else that JSON would turn into one (true, 1.5, −1, 1e300).
template <class Count>
Count whole_number(const Json& value) {
  const bool fits = value.is_number_integer() &&
                    (value.is_number_unsigned() || value.get<std::int64_t>() >= 0) &&
                    value.get<std::uint64_t>() <= std::uint64_t(std::numeric_limits<Count>::max());
  if (!fits)
    throw BrokenChannel("a count that is none: " +
                        value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60));
  return Count(value.get<std::uint64_t>());
}

std::size_t count_of(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) count *= size;
  return count;
}

/// Text of a foreign program, fit for a line of ours.
std::string in_quotes(const std::string& text) {
  return "\"" + text.substr(0, 60) + (text.size() > 60 ? "…\"" : "\"");
}

/// Shape of an array with at most `most` numbers.
std::vector<std::size_t> shape_of(const Json& array, std::size_t most) {
  std::vector<std::size_t> shape;
  double count = 1;
  for (const Json& size : array.at("shape")) {
    shape.push_back(whole_number<std::size_t>(size));
    count *= double(shape.back());
  }
  if (shape.empty() || count > double(most))
    throw BrokenChannel("an array of shape " + array.at("shape").dump() + ", where at most " +
                        std::to_string(most) + " numbers belong");
  return shape;
}

void read_array(Channel& channel, const Json& array, std::size_t most, Message& message) {
  message.shape = shape_of(array, most);
  message.values.resize(count_of(message.shape));
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(message.values));
  if (array.contains("raw")) {
    if (whole_number<std::size_t>(array.at("raw")) != bytes.size())
      throw BrokenChannel("an array of shape " + array.at("shape").dump() + " in " + array.at("raw").dump() +
                          " bytes");
    return channel.read(bytes);
  }
  const auto decoded = from_base64(array.at("base64").get_ref<const std::string&>());
  if (!decoded || decoded->size() != bytes.size())
    throw BrokenChannel("an array of shape " + array.at("shape").dump() +
                        " whose base64 does not hold as many floats");
  std::ranges::copy(*decoded, bytes.begin());
}

/// Moves `value` from or to JSON where it is asked for by `key`.
class Field {
 public:
  Field(const Json& from, Complaints& wrong) : from_(from), wrong_(wrong) {}
  template <class T>
  void operator()(const std::string& key, T& value, bool required = true) {
    const auto found = from_.find(key);
    if (found == from_.end()) {
      if (required) wrong_.add(std::string("\"") + key + "\" is missing");
      return;
    }
    try {
      take(*found, value);
    } catch (const Error&) {
      wrong_.add(std::string("\"") + key + "\" makes no sense: " + in_quotes(found->dump()));
    } catch (const Json::exception&) {
      wrong_.add(std::string("\"") + key + "\" makes no sense: " + in_quotes(found->dump()));
    }
  }

 private:
  template <class T>
  static void take(const Json& from, T& value) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      value = whole_number<T>(from);
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!from.is_number()) throw UsageError("no number");
      value = from.get<T>();
    } else {
      value = from.get<T>();
    }
  }
  static void take(const Json& from, std::vector<std::size_t>& values) {
    if (!from.is_array()) throw UsageError("no list");
    values.clear();
    for (const Json& value : from) values.push_back(whole_number<std::size_t>(value));
  }

  const Json& from_;
  Complaints& wrong_;
};

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? format_number(value.get<double>()) : value.dump();
}

LayerOffer layer_offer_of(const Json& from, Complaints& wrong) {
  LayerOffer layer;
  Field field(from, wrong);
  field("name", layer.name);
  field("unit", layer.unit);
  field("inputs", layer.inputs);
  field("outputs", layer.outputs);
  field("controls", layer.controls);
  field("lower", layer.lower);
  field("upper", layer.upper);
  layer.safe = layer.lower;
  field("safe", layer.safe, false);
  if (!(layer.lower < layer.upper) || !(layer.safe >= layer.lower && layer.safe <= layer.upper))
    wrong.add("layer " + layer.name + ": expected lower < upper and a safe value between, found " +
              format_number(layer.lower) + ", " + format_number(layer.upper) + " and " +
              format_number(layer.safe));
  try {
    const platform::FloatRange range = platform::within(layer.lower, layer.upper, "layer " + layer.name);
    // bounds without a float between them, or whose squares overflow, are no range of a control
    if (std::max(std::abs(range.lower), std::abs(range.upper)) > 1e12F || !(range.lower < range.upper))
      wrong.add("layer " + layer.name + ": no range that a control can have, from " +
                format_number(layer.lower) + " to " + format_number(layer.upper));
  } catch (const UsageError& error) {
    wrong.add(error.what());
  }
  return layer;
}

Disturbance& disturbance(Conditions& conditions, const std::string& name) {
  return conditions.response[name];
}
const Disturbance& disturbance(const Conditions& conditions, const std::string& name) {
  static const Disturbance none;
  const auto found = conditions.response.find(name);
  return found == conditions.response.end() ? none : found->second;
}

/// One member of Conditions with the name that it has in a message. `clock`: of time and draws.
template <class Visit>
void visit_conditions(const Visit& visit) {
  visit(
      "temperature_c", [](auto& c) -> auto& { return c.temperature_c; }, false);
  visit(
      "drift_k", [](auto& c) -> auto& { return c.drift_k; }, false);
  visit(
      "rotation_rad", [](auto& c) -> auto& { return c.system.rotation_rad; }, false);
  visit(
      "shift_x_px", [](auto& c) -> auto& { return c.system.shift_x_px; }, false);
  visit(
      "shift_y_px", [](auto& c) -> auto& { return c.system.shift_y_px; }, false);
  visit(
      "magnification", [](auto& c) -> auto& { return c.system.magnification; }, false);
  visit(
      "axial_um", [](auto& c) -> auto& { return c.system.axial_um; }, false);
  for (const platform::SystemParameter& parameter : platform::system_parameters()) {
    if (parameter.shared == nullptr)
      visit(
          parameter.name, [own = parameter.own](auto& c) -> auto& { return c.system.own[own]; }, false);
  }
  for (const platform::ResponseOffset* offset : platform::response_offsets()) {
    const std::string &name = offset->common.name, &unit = offset->common.unit;
    visit(
        name + "_" + unit, [&](auto& c) -> auto& { return disturbance(c, name).common; }, false);
    visit(
        name + "_sigma_" + unit, [&](auto& c) -> auto& { return disturbance(c, name).sigma; }, false);
  }
  visit(
      "dac_bits", [](auto& c) -> auto& { return c.dac_bits; }, false);
  visit(
      "readout_noise", [](auto& c) -> auto& { return c.readout_noise; }, false);
  visit(
      "reaches", [](auto& c) -> auto& { return c.reaches; }, false);
  visit(
      "environment", [](auto& c) -> auto& { return c.environment; }, false);
  visit(
      "draw", [](auto& c) -> auto& { return c.draw; }, true);
  visit(
      "dt_s", [](auto& c) -> auto& { return c.dt_s; }, true);
  visit(
      "start_s", [](auto& c) -> auto& { return c.start_s; }, true);
  visit(
      "trace_time_s", [](auto& c) -> auto& { return c.trace_time_s; }, true);
  visit(
      "trace_offset_k", [](auto& c) -> auto& { return c.trace_offset_k; }, true);
}

template <class T>
Json value_to_json(const T& value) {
  return value;
}
template <class T>
Json value_to_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
template <class T>
void value_from_json(const Json& from, T& value) {
  value = from.get<T>();
}
template <class T>
void value_from_json(const Json& from, std::optional<T>& value) {
  value = from.get<T>();
}

template <>
Json value_to_json(const Environment& value) {
  return word_of(value);
}
template <>
void value_from_json(const Json& from, Environment& value) {
  const std::optional<Environment> known =
      from.is_string() ? read_word<Environment>(from.get<std::string>()) : std::nullopt;
  if (!known) throw UsageError("conditions: unknown environment " + from.dump());
  value = *known;
}

}  // namespace

const std::vector<std::string>& condition_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all;
    visit_conditions([&](const std::string& key, const auto&, bool clock) {
      if (!clock) all.emplace_back(key);
    });
    return all;
  }();
  return keys;
}

void send(Channel& channel, const Json& fields, ArrayForm form, std::span<const std::size_t> shape,
          std::span<const float> values) {
  std::string line = fields.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shape.empty()) return channel.write(line + "\n");
  require(count_of(shape) == values.size(), "a message's array is as large as its shape");
  const auto bytes = std::as_bytes(values);
  line.back() = ',';  // replaces the closing brace: the array follows as the last member
  line += "\"array\":{\"shape\":" + Json(std::vector<std::size_t>(shape.begin(), shape.end())).dump();
  if (form == ArrayForm::base64) return channel.write(line + ",\"base64\":\"" + to_base64(bytes) + "\"}}\n");
  line += ",\"raw\":" + std::to_string(bytes.size()) + "}}\n";
  const std::string_view raw(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::size_t small = 1 << 16;  // sent in one write, so that the other side wakes up once
  if (raw.size() <= small) return channel.write(line.append(raw));
  channel.write(line);
  channel.write(raw);
}

std::optional<Message> receive(Channel& channel, const Bounds& most) {
  const std::optional<std::string> line =
      channel.read_line(most.bytes + (most.numbers * sizeof(float) + 2) / 3 * 4);
  if (!line) return std::nullopt;
  if (nests_too_deep(*line)) throw BrokenChannel("a line that nests too deep: " + in_quotes(*line));
  Message message;
  message.fields = Json::parse(*line, nullptr, false);
  if (!message.fields.is_object()) throw BrokenChannel("a line that is no JSON object: " + in_quotes(*line));
  try {
    if (const auto array = message.fields.find("array"); array != message.fields.end())
      read_array(channel, *array, most.numbers, message);
  } catch (const Json::exception&) {
    throw BrokenChannel("an array without its shape or its numbers: " + in_quotes(*line));
  }
  return message;
}

Json to_json(const Offer& offer) {
  Json layers = Json::array();
  for (const LayerOffer& l : offer.layers) {
    layers.push_back({{"name", l.name},
                      {"unit", l.unit},
                      {"inputs", l.inputs},
                      {"outputs", l.outputs},
                      {"controls", l.controls},
                      {"lower", l.lower},
                      {"upper", l.upper},
                      {"safe", l.safe}});
  }
  Json fields = {{"version", offer.version},       {"name", offer.name},   {"instruments", offer.instruments},
                 {"devices", offer.devices},       {"layers", layers},     {"sensors", offer.sensors},
                 {"conditions", offer.conditions}, {"clock", offer.clock}, {"states", offer.states}};
  if (!offer.network.empty()) fields["network"] = {{"inputs", offer.inputs}, {"layers", offer.network}};
  for (const auto& [name, value] : offer.process) {
    const std::optional<double> number = read_number(value);
    fields["process"][name] = number ? Json(*number) : Json(value);
  }
  if (offer.hash.empty()) return fields;
  fields["origin"] = {{"filetype", offer.filetype},
                      {"hash", offer.hash},
                      {"creator", offer.origin.creator},
                      {"command", offer.origin.command},
                      {"history", offer.origin.history}};
  return fields;
}

Offer offer_of(const Json& fields) {
  Offer offer;
  Complaints wrong("hello");
  Field field(fields, wrong);
  field("version", offer.version);
  field("name", offer.name);
  field("instruments", offer.instruments, false);
  offer.devices = {0};
  field("devices", offer.devices, false);
  if (offer.devices.empty()) wrong.add("\"devices\" names none");
  field("sensors", offer.sensors, false);
  field("conditions", offer.conditions, false);
  field("clock", offer.clock, false);
  field("states", offer.states, false);
  Json layers = Json::array();
  field("layers", layers);
  for (const Json& layer : layers) offer.layers.push_back(layer_offer_of(layer, wrong));
  if (offer.layers.empty()) wrong.add("\"layers\" names none");
  if (fields.contains("network")) {
    Field network(fields["network"], wrong);
    network("inputs", offer.inputs);
    network("layers", offer.network);
  }
  Json process = Json::object();
  field("process", process, false);
  for (const auto& [name, value] : process.items()) offer.process[name] = text_of(value);
  if (fields.contains("origin")) {
    Field origin(fields["origin"], wrong);
    origin("filetype", offer.filetype);
    origin("hash", offer.hash);
    origin("creator", offer.origin.creator);
    origin("command", offer.origin.command);
    origin("history", offer.origin.history);
  }
  if (!wrong.empty()) throw UsageError("hello: " + join(wrong.list(), "; "));
  return offer;
}

Json to_json(const Conditions& conditions, bool clock) {
  Json fields = Json::object();
  const Conditions nothing;
  visit_conditions([&](const std::string& key, const auto& member, bool of_clock) {
    if (of_clock && !clock) return;
    if (member(conditions) != member(nothing)) fields[key] = value_to_json(member(conditions));
  });
  return fields;
}

Conditions conditions_of(const Json& fields) {
  Conditions conditions;
  std::size_t known = 0;
  visit_conditions([&](const std::string& key, const auto& member, bool) {
    const auto found = fields.find(key);
    if (found == fields.end()) return;
    value_from_json(*found, member(conditions));
    ++known;
  });
  if (known != fields.size()) throw UsageError("conditions that nobody knows: " + fields.dump());
  return conditions;
}

}  // namespace pnn::device
