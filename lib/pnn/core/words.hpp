// Choices: enumerations whose values have words on the command line and in files. The words of an enumeration
// stand once, in a table beside it, and options, help, records and messages are all made from that table:
//
//   enum class Direction { up, down };
//   constexpr auto words_of(Direction) {
//     return std::to_array<Word<Direction>>({{Direction::up, "up", "towards higher currents"},
//                                            {Direction::down, "down", "towards lower currents"}});
//   }
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pnn/core/errors.hpp"

namespace pnn {

/// A value of an enumeration with its word, and what the help says of it ("" if it says nothing).
template <class Enum>
struct Word {
  Enum value;
  std::string_view name, meaning = {};
};

/// An enumeration beside which a table words_of(Enum) stands. A value without a line in the table cannot be
/// chosen.
template <class Enum>
concept Worded = std::is_enum_v<Enum> && requires(Enum value) {
  words_of(value);
};

template <Worded Enum>
inline constexpr auto word_table = words_of(Enum{});

/// The words, in the order of their table.
template <Worded Enum>
std::vector<std::string> word_names() {
  std::vector<std::string> names;
  for (const Word<Enum>& word : word_table<Enum>) names.emplace_back(word.name);
  return names;
}

/// The word of a value; throws InternalError where the table has none.
template <Worded Enum>
std::string word_of(Enum value) {
  const auto& table = word_table<Enum>;
  const auto it = std::find_if(table.begin(), table.end(),
                               [value](const Word<Enum>& word) { return word.value == value; });
  require(it != table.end(), "a value that is written has a word");
  return std::string(it->name);
}

/// The value of a word, or nothing.
template <Worded Enum>
std::optional<Enum> read_word(std::string_view text) {
  for (const Word<Enum>& word : word_table<Enum>) {
    if (word.name == text) return word.value;
  }
  return std::nullopt;
}

}  // namespace pnn
