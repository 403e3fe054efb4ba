// Options that describe themselves: each is declared once, next to the struct that it fills. The command
// line, configuration files, presets, --print-config, the help and the record in every HDF5 file use this one
// declaration.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pnn/core/words.hpp"

namespace pnn {

/// The allowed range of a number, which is checked when it is set.
struct Limits {
  double min = -1e300, max = 1e300;
  bool min_open = false;  ///< whether min itself is excluded
  static Limits positive() { return {0, 1e300, true}; }
  static Limits non_negative() { return {0, 1e300, false}; }
  static Limits between(double lo, double hi) { return {lo, hi, false}; }
  static Limits at_least(double lo) { return {lo, 1e300, false}; }
};

/// One option. `name` is without dashes. A `list` may be given several times, with one value each.
struct Option {
  enum class Kind { flag, value, list };
  enum class Role {
    setting,    ///< part of the canonical command that files record
    input,      ///< path of an input file: files record it as a parent with its content hash, not as a path
    output,     ///< where results are written: never recorded
    transport,  ///< threads, shard, resume, verbosity: never recorded
  };
  std::string name;
  std::vector<std::string> aliases;  ///< other names on the command line, without dashes
  std::string value_name;            ///< "N", "FILE", "nm" …; empty for a flag
  std::string help;                  ///< one sentence; the unit of a number is in it
  std::string group;                 ///< its heading in the help
  Kind kind = Kind::value;
  Role role = Role::setting;
  char letter = 0;
  bool positional = false;
  bool required = false;
  std::vector<std::string> choices;  ///< allowed words; empty: any text
  /// Parses and stores the value. Throws UsageError, naming the option, what was expected and what was found.
  std::function<void(std::span<const std::string>)> set;
  /// The present values in the form that `set` reads; empty if there is none.
  std::function<std::vector<std::string>()> get;
  bool given = false;  ///< whether command line, configuration or preset have set it
  /// Whether somebody wants its value: the command line named it, or a configuration or preset changed it.
  bool asked = false;
  /// Whether a preset alone asked for it. A preset is general, and what stands beside it may leave its values
  /// without effect: they are then not refused.
  bool by_preset = false;
  /// Declared when files of format 1.2 had been written: recorded only where it was asked for, so that work
  /// which an earlier version left unfinished, or shards of it, are still of the same settings.
  bool later = false;
  /// Why it acts on nothing beside the present values of the other options; empty if it acts. An option that
  /// was asked for, not by a preset alone, and acts on nothing is refused (Options::idle).
  std::function<std::string()> idle;
};

/// The options of one tool, in the order of declaration. Each function declares one option and returns it for
/// further settings; the reference is valid until the next declaration. Names must be unique. Numbers are
/// refused if they are nan, inf, hexadecimal or outside their limits; a refused value changes nothing.
class Options {
 public:
  /// Starts a new heading of the help, under which the following options are listed.
  void group(std::string title) { group_ = std::move(title); }

  Option& flag(std::string name, bool& value, std::string help);
  Option& number(std::string name, double& value, std::string value_name, std::string help,
                 Limits limits = {});
  Option& number(std::string name, std::optional<double>& value, std::string value_name, std::string help,
                 Limits limits = {});
  Option& integer(std::string name, std::int64_t& value, std::string value_name, std::string help,
                  Limits limits = {});
  Option& integer(std::string name, std::uint64_t& value, std::string value_name, std::string help,
                  Limits limits = {});
  Option& integer(std::string name, int& value, std::string value_name, std::string help, Limits limits = {});
  Option& text(std::string name, std::string& value, std::string value_name, std::string help);
  /// One of the words of an enumeration (words.hpp), or of those that are given. The help goes on with what
  /// the words mean, where their table says it: "help: up towards higher currents; down …".
  template <Worded Enum>
  Option& choice(std::string name, Enum& value, std::string help, std::initializer_list<Enum> among = {}) {
    std::vector<std::string> names;
    std::string separator = ": ";
    for (const Word<Enum>& word : word_table<Enum>) {
      if (among.size() > 0 && std::find(among.begin(), among.end(), word.value) == among.end()) continue;
      names.emplace_back(word.name);
      if (word.meaning.empty()) continue;
      help += separator + names.back() + " " + std::string(word.meaning);
      separator = "; ";
    }
    return choice(
        std::move(name), std::move(names), std::move(help),
        [&value](const std::string& word) { value = *read_word<Enum>(word); },
        [&value] { return word_of(value); });
  }
  /// One of words that no enumeration has.
  Option& choice(std::string name, std::string& value, std::vector<std::string> words, std::string help);
  /// A list of texts: the option may be given several times.
  Option& list(std::string name, std::vector<std::string>& values, std::string value_name, std::string help);
  /// A list of numbers ("21,22,23") or a range ("21:23:1").
  Option& numbers(std::string name, std::vector<double>& values, std::string value_name, std::string help,
                  Limits limits = {});
  /// An input file, given by name (--data FILE; optional unless `required` is set) or, for
  /// positional_input(s), by position (required unless `required` is cleared).
  Option& input(std::string name, std::string& path, std::string help);
  Option& inputs(std::string name, std::vector<std::string>& paths, std::string help);
  Option& positional_input(std::string name, std::string& path, std::string help);
  Option& positional_inputs(std::string name, std::vector<std::string>& paths, std::string help);
  /// The output file, -o FILE; required unless `required` is cleared.
  Option& output(std::string& path);

  /// Gives every option that was declared when there were already `first` of them a further reason to act on
  /// nothing.
  void idle_since(std::size_t first, const std::function<std::string()>& reason);
  /// Takes for asked every option whose value differs from that in `fresh`, the same declarations of other
  /// structs: for settings that a program sets, and no command line.
  void ask_changed(const Options& fresh);
  /// A sentence on each option that was asked for, not by a preset alone, and acts on nothing; empty when
  /// fine.
  [[nodiscard]] std::vector<std::string> idle() const;

  [[nodiscard]] std::vector<Option>& all() { return options_; }
  [[nodiscard]] const std::vector<Option>& all() const { return options_; }
  [[nodiscard]] Option* find(std::string_view name);
  /// The option with the name nearest to a mistyped one ("leraning-rate" → "learning-rate"); empty if none is
  /// near.
  [[nodiscard]] std::string nearest(std::string_view name) const;
  /// All settings with their effective values, as files record them: "name=value" in the order of
  /// declaration, a list once for each value, values quoted for a shell; options without a value are left
  /// out.
  [[nodiscard]] std::string canonical() const;

 private:
  Option& add(Option option);
  /// `choose` is called with one of the words; `chosen` gives the present one, or "" if there is none.
  Option& choice(std::string name, std::vector<std::string> words, std::string help,
                 std::function<void(const std::string&)> choose, std::function<std::string()> chosen);
  std::vector<Option> options_;
  std::string group_;
};

}  // namespace pnn
