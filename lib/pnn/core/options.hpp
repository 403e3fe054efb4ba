// Options that describe themselves: declared once, next to the struct that they fill. The command
// line, configuration files, presets, --print-config, the help and the record in every HDF5 file
// all read this one declaration.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pnn {

/// What an option's value may be; checked when it is set.
struct Limits {
  double min = -1e300, max = 1e300;
  bool min_open = false;  ///< min itself is not allowed
  static Limits positive() { return {0, 1e300, true}; }
  static Limits non_negative() { return {0, 1e300, false}; }
  static Limits between(double lo, double hi) { return {lo, hi, false}; }
  static Limits at_least(double lo) { return {lo, 1e300, false}; }
};

/// One option. `name` is without dashes. A `list` may be repeated and takes one value each time.
struct Option {
  enum class Kind { flag, value, list };
  enum class Role {
    setting,    ///< part of the canonical command that a file records
    input,      ///< a path of an input file: recorded as a parent with its content hash, not as a path
    output,     ///< where results go: never recorded
    transport,  ///< threads, shard, resume, verbosity: never recorded
  };
  std::string name;
  std::vector<std::string> aliases;  ///< other names on the command line, without dashes
  std::string value_name;            ///< "N", "FILE", "nm" …; empty for a flag
  std::string help;                  ///< one sentence; the unit of a number is in it
  std::string group;                 ///< heading in the help
  Kind kind = Kind::value;
  Role role = Role::setting;
  char letter = 0;
  bool positional = false;
  bool required = false;
  std::vector<std::string> choices;  ///< words allowed; empty if any
  /// Parses and stores; throws UsageError naming the option, what was expected and what was found.
  std::function<void(std::span<const std::string>)> set;
  /// The present value(s) in the form that `set` reads; empty if unset.
  std::function<std::vector<std::string>()> get;
  bool given = false;  ///< set by command line, configuration or preset
};

/// The options of one tool, in the order of declaration. Each function declares one option and returns it
/// for finishing touches; the reference holds until the next declaration. Names are unique. Setting a
/// number refuses nan, inf, hexadecimal forms and what lies outside its limits; a refused value changes
/// nothing.
class Options {
 public:
  /// Heading of what follows in the help.
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
  /// A word out of `choices`.
  Option& choice(std::string name, std::string& value, std::vector<std::string> choices, std::string help);
  /// Repeatable.
  Option& list(std::string name, std::vector<std::string>& values, std::string value_name, std::string help);
  /// A comma list of numbers or a range, for example 21,22,23 or 21:23:1.
  Option& numbers(std::string name, std::vector<double>& values, std::string value_name, std::string help,
                  Limits limits = {});
  /// Input file given by name (--data FILE; optional unless `required` is set) or, as positional_input(s),
  /// by place (required unless `required` is cleared).
  Option& input(std::string name, std::string& path, std::string help);
  Option& inputs(std::string name, std::vector<std::string>& paths, std::string help);
  Option& positional_input(std::string name, std::string& path, std::string help);
  Option& positional_inputs(std::string name, std::vector<std::string>& paths, std::string help);
  /// The output file, -o FILE: required unless `required` is cleared.
  Option& output(std::string& path);

  [[nodiscard]] std::vector<Option>& all() { return options_; }
  [[nodiscard]] const std::vector<Option>& all() const { return options_; }
  [[nodiscard]] Option* find(std::string_view name);
  /// The known option nearest to a mistyped one ("leraning-rate" → "learning-rate"), or empty.
  [[nodiscard]] std::string nearest(std::string_view name) const;
  /// Every setting with its effective value: what a file records. "name=value" in the order of declaration,
  /// a list once for each value, values quoted as a shell would need; an unset option is left out.
  [[nodiscard]] std::string canonical() const;

 private:
  Option& add(Option option);
  std::vector<Option> options_;
  std::string group_;
};

}  // namespace pnn
