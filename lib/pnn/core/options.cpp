#include "pnn/core/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn {
namespace {

using Values = std::span<const std::string>;

/// An option as messages call it: "--lr", and what is told from its place in capitals, "SOURCE".
std::string called(const std::string& name) {
  return name.front() >= 'A' && name.front() <= 'Z' ? name : "--" + name;
}

std::string bound(double value) {
  // to_chars would print a million as 1e+06
  const bool integral = value == std::floor(value) && std::abs(value) < 1e15;
  return integral ? std::to_string(static_cast<std::int64_t>(value)) : format_number(value);
}

/// "an integer at least 1", "a number above 0 and at most 5", …
std::string expectation(const std::string& noun, const Limits& limits) {
  const bool low = limits.min > -1e300, high = limits.max < 1e300;
  if (low && high && !limits.min_open)
    return noun + " between " + bound(limits.min) + " and " + bound(limits.max);
  std::string text = noun;
  if (low) text += (limits.min_open ? " above " : " at least ") + bound(limits.min);
  if (high) text += (low ? " and at most " : " at most ") + bound(limits.max);
  return text;
}

bool within(double value, const Limits& limits) {
  return value <= limits.max && (limits.min_open ? value > limits.min : value >= limits.min);
}

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found) {
  throw UsageError(where + ": expected " + expected + ", found \"" + found + "\"");
}

const std::string& only(Values values, const std::string& where) {
  if (values.size() != 1)
    throw UsageError(where + ": expected one value, found " + std::to_string(values.size()));
  return values[0];
}

double checked_number(const std::string& text, const std::string& where, const Limits& limits) {
  const std::optional<double> value = read_number(text);
  if (!value || !within(*value, limits)) refuse(where, expectation("a number", limits), text);
  return *value;
}

template <class Integer>
Integer checked_integer(const std::string& text, const std::string& where, Limits limits) {
  if constexpr (std::is_unsigned_v<Integer>) limits.min = std::max(limits.min, 0.0);
  const std::string_view digits = trim(text);
  Integer value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // A number beyond the type is refused with the type's own end, which no limit may have named.
  if (error == std::errc::result_out_of_range)
    limits.max = std::min(limits.max, static_cast<double>(std::numeric_limits<Integer>::max()));
  if (error != std::errc{} || end != digits.data() + digits.size() ||
      !within(static_cast<double>(value), limits))
    refuse(where, expectation("an integer", limits), text);
  return value;
}

template <class Integer>
void bind_integer(Option& option, Integer& value, const Limits& limits) {
  option.set = [&value, limits, where = called(option.name)](Values v) {
    value = checked_integer<Integer>(only(v, where), where, limits);
  };
  option.get = [&value] { return std::vector<std::string>{std::to_string(value)}; };
}

/// An empty text is an unset one: nothing to print, record or inherit.
void bind_text(Option& option, std::string& value, const std::string& where) {
  option.set = [&value, where](Values v) { value = only(v, where); };
  option.get = [&value] { return value.empty() ? std::vector<std::string>{} : std::vector{value}; };
}

void bind_list(Option& option, std::vector<std::string>& values) {
  option.kind = Option::Kind::list;
  option.set = [&values](Values v) { values.assign(v.begin(), v.end()); };
  option.get = [&values] { return values; };
}

Option named(std::string name, std::string value_name, std::string help) {
  Option option;
  option.name = std::move(name);
  option.value_name = std::move(value_name);
  option.help = std::move(help);
  return option;
}

/// One word of a command line: as a shell would read it, control characters made visible.
std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-_.,:=/+@%^~").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  constexpr std::string_view hex = "0123456789abcdef";
  std::string word = "'";
  for (char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\'') {
      word += "'\\''";
    } else if (code < 0x20 || code == 0x7f) {
      word += "\\x";
      word += hex[code >> 4U];
      word += hex[code & 15U];
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace

Option& Options::add(Option option) {
  require(find(option.name) == nullptr, "an option is declared once");
  option.group = group_;
  options_.push_back(std::move(option));
  return options_.back();
}

Option& Options::flag(std::string name, bool& value, std::string help) {
  Option option = named(std::move(name), "", std::move(help));
  option.kind = Option::Kind::flag;
  option.set = [&value, where = called(option.name)](Values v) {
    const std::string& word = only(v, where);
    if (word != "true" && word != "false") refuse(where, "true or false", word);
    value = word == "true";
  };
  option.get = [&value] { return std::vector<std::string>{value ? "true" : "false"}; };
  return add(std::move(option));
}

Option& Options::number(std::string name, double& value, std::string value_name, std::string help,
                        Limits limits) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  option.set = [&value, limits, where = called(option.name)](Values v) {
    value = checked_number(only(v, where), where, limits);
  };
  option.get = [&value] { return std::vector<std::string>{format_number(value)}; };
  return add(std::move(option));
}

Option& Options::number(std::string name, std::optional<double>& value, std::string value_name,
                        std::string help, Limits limits) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  option.set = [&value, limits, where = called(option.name)](Values v) {
    value = checked_number(only(v, where), where, limits);
  };
  option.get = [&value] {
    return value ? std::vector<std::string>{format_number(*value)} : std::vector<std::string>{};
  };
  return add(std::move(option));
}

Option& Options::integer(std::string name, std::int64_t& value, std::string value_name, std::string help,
                         Limits limits) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  bind_integer(option, value, limits);
  return add(std::move(option));
}

Option& Options::integer(std::string name, std::uint64_t& value, std::string value_name, std::string help,
                         Limits limits) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  bind_integer(option, value, limits);
  return add(std::move(option));
}

Option& Options::integer(std::string name, int& value, std::string value_name, std::string help,
                         Limits limits) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  bind_integer(option, value, limits);
  return add(std::move(option));
}

Option& Options::text(std::string name, std::string& value, std::string value_name, std::string help) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  bind_text(option, value, "--" + option.name);
  return add(std::move(option));
}

Option& Options::choice(std::string name, std::string& value, std::vector<std::string> words,
                        std::string help) {
  return choice(
      std::move(name), words, std::move(help), [&value](const std::string& word) { value = word; },
      [&value] { return value; });
}

Option& Options::choice(std::string name, std::vector<std::string> words, std::string help,
                        std::function<void(const std::string&)> choose, std::function<std::string()> chosen) {
  Option option = named(std::move(name), "WORD", std::move(help));
  option.choices = std::move(words);
  option.set = [choose = std::move(choose), words = option.choices, where = called(option.name)](Values v) {
    const std::string& word = only(v, where);
    if (std::find(words.begin(), words.end(), word) == words.end())
      throw UsageError(where + ": " + expected_one_of(words, word));
    choose(word);
  };
  option.get = [chosen = std::move(chosen)] {
    std::string word = chosen();
    return word.empty() ? std::vector<std::string>{} : std::vector{std::move(word)};
  };
  return add(std::move(option));
}

Option& Options::list(std::string name, std::vector<std::string>& values, std::string value_name,
                      std::string help) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  bind_list(option, values);
  return add(std::move(option));
}

Option& Options::numbers(std::string name, std::vector<double>& values, std::string value_name,
                         std::string help, Limits limits) {
  Option option = named(std::move(name), std::move(value_name), std::move(help));
  option.set = [&values, limits, where = called(option.name)](Values v) {
    std::vector<double> parsed = parse_range(only(v, where), where);
    for (double value : parsed)
      if (!within(value, limits)) refuse(where, expectation("numbers", limits), format_number(value));
    values = std::move(parsed);
  };
  option.get = [&values] {
    std::vector<std::string> parts;
    parts.reserve(values.size());
    for (double value : values) parts.push_back(format_number(value));
    return parts.empty() ? parts : std::vector<std::string>{join(parts, ",")};
  };
  return add(std::move(option));
}

Option& Options::input(std::string name, std::string& path, std::string help) {
  Option& option = text(std::move(name), path, "FILE", std::move(help));
  option.role = Option::Role::input;
  return option;
}

Option& Options::inputs(std::string name, std::vector<std::string>& paths, std::string help) {
  Option& option = list(std::move(name), paths, "FILE", std::move(help));
  option.role = Option::Role::input;
  return option;
}

Option& Options::positional_input(std::string name, std::string& path, std::string help) {
  Option& option = input(std::move(name), path, std::move(help));
  option.positional = option.required = true;
  return option;
}

Option& Options::positional_inputs(std::string name, std::vector<std::string>& paths, std::string help) {
  Option& option = inputs(std::move(name), paths, std::move(help));
  option.positional = option.required = true;
  return option;
}

Option& Options::output(std::string& path) {
  Option& option = text("output", path, "FILE", "file to write; - is standard output");
  option.letter = 'o';
  option.role = Option::Role::output;
  option.required = true;
  return option;
}

void Options::idle_since(std::size_t first, const std::function<std::string()>& reason) {
  for (std::size_t k = first; k < options_.size(); ++k) {
    options_[k].idle = [reason, before = std::move(options_[k].idle)] {
      std::string why = before ? before() : "";
      return why.empty() ? reason() : why;
    };
  }
}

void Options::ask_changed(const Options& fresh) {
  for (std::size_t k = 0; k < options_.size(); ++k)
    options_[k].asked = options_[k].asked || options_[k].get() != fresh.options_[k].get();
}

std::vector<std::string> Options::idle() const {
  std::vector<std::string> sentences;
  for (const Option& option : options_) {
    const std::string why = option.asked && !option.by_preset && option.idle ? option.idle() : "";
    if (!why.empty()) sentences.push_back("--" + option.name + ": acts on nothing here; " + why);
  }
  return sentences;
}

Option* Options::find(std::string_view name) {
  const auto it = std::find_if(options_.begin(), options_.end(),
                               [name](const Option& option) { return option.name == name; });
  return it == options_.end() ? nullptr : &*it;
}

std::string Options::nearest(std::string_view name) const {
  std::vector<std::string> names;
  for (const Option& option : options_) names.push_back(option.name);
  return nearest_word(name, names);
}

std::string Options::canonical() const {
  std::string text;
  for (const Option& option : options_) {
    if (option.role != Option::Role::setting || (option.later && !option.asked)) continue;
    for (const std::string& value : option.get())
      text += (text.empty() ? "" : " ") + option.name + "=" + shell_word(value);
  }
  return text;
}

}  // namespace pnn
