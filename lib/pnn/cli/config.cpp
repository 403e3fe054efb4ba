#include "pnn/cli/config.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "pnn/cli/presets.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"

namespace pnn::cli {
namespace {

constexpr std::size_t largest_configuration = std::size_t{1} << 20;
/// Parts of a dotted key, tables in tables: names of a process have four.
constexpr std::size_t most_parts = 8;

/// The parser makes a table of every part of a dotted key, and walks through tables in tables by calling
/// itself: a key of many parts would take more stack than there is. (It bounds arrays and inline tables
/// itself.) Throws InputError.
void check_keys(std::string_view text, const std::string& source) {
  std::size_t line = 1, parts = 1;
  for (std::size_t k = 0; k < text.size(); ++k) {
    const char c = text[k];
    if (c == '"' || c == '\'') {  // one quote, or three of a text of several lines
      const bool three = k + 2 < text.size() && text[k + 1] == c && text[k + 2] == c;
      for (k += three ? 3 : 1; k < text.size(); ++k) {
        if (text[k] == '\n') ++line;
        if (text[k] == '\n' && !three) break;  // never closed: the parser complains
        if (text[k] == '\\' && c == '"') {
          ++k;
          if (k < text.size() && text[k] == '\n') ++line;
        } else if (text[k] == c &&
                   (!three || (k + 2 < text.size() && text[k + 1] == c && text[k + 2] == c))) {
          k += three ? 2 : 0;
          for (int own = 0; three && own < 2 && k + 1 < text.size() && text[k + 1] == c; ++own) ++k;
          break;
        }
      }
    } else if (c == '#') {
      while (k + 1 < text.size() && text[k + 1] != '\n') ++k;
    } else if (c == '.') {
      if (++parts > most_parts)
        throw InputError(source + ":" + std::to_string(line) + ": expected a key of at most " +
                         std::to_string(most_parts) + " parts, found more");
    } else if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') {
      parts = 1;
      if (c == '\n') ++line;
    }
  }
}

/// Whether --set of a tool means the fabrication process; that of the tools that evaluate means conditions of
/// a chip, and [process] is none of their business.
bool takes_process(const Option* set) {
  return set != nullptr && set->group != "Conditions";
}

/// Tables of one file that several tools share: a mistyped one must not pass for another tool's.
const std::vector<std::string>& tool_names() {
  static const std::vector<std::string> names{
      "pnn-data", "pnn-fabricate", "pnn-characterize", "pnn-fit",       "pnn-train",
      "pnn-eval", "pnn-transfer",  "pnn-perturb",      "pnn-landscape", "pnn-merge",
      "pnn-info", "pnn-device",    "pnn-export",       "pnn-tune",      "pnn-import"};
  return names;
}

class Reader {
 public:
  Reader(std::string source, std::string tool, const Options& options)
      : source_(std::move(source)), tool_(std::move(tool)), options_(options) {}

  Configuration read(const toml::table& root) {
    if (const toml::table* network = root["network"].as_table()) read_network(*network);
    begin_table();
    for (const auto& [key, node] : root)
      if (!node.is_table()) assign(std::string(key.str()), node);
    for (const auto& [key, node] : root)
      if (const toml::table* table = node.as_table()) read_table(std::string(key.str()), *table);
    return std::move(result_);
  }

 private:
  std::string place(const toml::node& node) const {
    return source_ + ":" + std::to_string(node.source().begin.line) + ": ";
  }

  const Option* option_of(const std::string& key) const {
    const auto find = [this](const std::string& name) {
      const auto& all = options_.all();
      const auto it = std::find_if(all.begin(), all.end(), [&](const Option& o) { return o.name == name; });
      return it == all.end() ? nullptr : &*it;
    };
    if (const Option* option = find(key)) return option;
    const Option* singular = key.ends_with('s') ? find(key.substr(0, key.size() - 1)) : nullptr;
    return singular && singular->kind == Option::Kind::list ? singular : nullptr;
  }

  /// Within one table an option may stand once (layer and layers are one); between tables the later wins.
  void begin_table() { table_ = static_cast<std::ptrdiff_t>(result_.assignments.size()); }

  void assign(const std::string& key, const toml::node& node) {
    // options that determine which file is read, and those that only people use
    static const std::vector<std::string> refused{"config", "print-config", "help", "version"};
    if (std::find(refused.begin(), refused.end(), key) != refused.end())
      throw UsageError(place(node) + key + ": belongs on the command line, not into a configuration");
    const Option* option = option_of(key);
    if (!option) {
      std::vector<std::string> known;
      for (const Option& o : options_.all()) known.push_back(o.name);
      throw UsageError(place(node) + "unknown key \"" + key + "\" for " + tool_ + did_you_mean(key, known));
    }
    const auto same = [&](const Assignment& assignment) { return assignment.option == option->name; };
    if (std::any_of(result_.assignments.begin() + table_, result_.assignments.end(), same))
      throw UsageError(place(node) + key + ": the same as \"" + option->name + "\" above; give one of them");
    result_.assignments.push_back({option->name, values(key, node, *option), place(node)});
  }

  std::vector<std::string> values(const std::string& key, const toml::node& node,
                                  const Option& option) const {
    const toml::array* array = node.as_array();
    if (!array) return {scalar(key, node)};
    std::vector<std::string> list;
    for (const toml::node& element : *array) list.push_back(scalar(key, element));
    // an option of one value that holds several reads them as a comma list
    return option.kind == Option::Kind::list ? list : std::vector<std::string>{join(list, ",")};
  }

  std::string scalar(const std::string& key, const toml::node& node) const {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
    if (const auto* number = node.as_floating_point()) return format_number(number->get());
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    throw UsageError(place(node) + key + ": expected text, a number, true or false, or a list of these");
  }

  void read_table(const std::string& name, const toml::table& table) {
    // a search of settings trains as pnn-train does; its own table comes later, and is stronger
    if (name == tool_ || (tool_ == "pnn-tune" && name == "pnn-train")) {
      begin_table();
      for (const auto& [key, node] : table) assign(std::string(key.str()), node);
    } else if (name == "process") {
      if (takes_process(option_of("set"))) read_process("", table);
    } else if (name != "network") {
      std::vector<std::string> known = tool_names();
      if (std::find(known.begin(), known.end(), name) != known.end()) return;
      known.insert(known.end(), {tool_, "network", "process"});
      throw UsageError(place(table) + "unknown table [" + name + "]" + did_you_mean(name, known));
    }
  }

  void read_network(const toml::table& table) {
    static const std::vector<std::string> known{"inputs", "layers", "layer"};
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw UsageError(place(node) + "unknown key \"" + name + "\" in [network]" +
                         did_you_mean(name, known));
      if (option_of(name)) assign(name, node);
    }
  }

  /// a.b.sigma = 0.1 is three tables to TOML and one name to us, quoted or not.
  void read_process(const std::string& prefix, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const toml::table* inner = node.as_table()) {
        read_process(name + ".", *inner);
      } else {
        result_.process.emplace_back(name, scalar(name, node));
      }
    }
  }

  std::string source_, tool_;
  const Options& options_;
  Configuration result_;
  std::ptrdiff_t table_ = 0;  ///< where the present table's assignments begin
};

std::string toml_string(const std::string& text) {
  std::ostringstream out;
  const toml::value<std::string> value(text);
  out << toml::toml_formatter(value, toml::format_flags::none);  // "…" with escapes, always on one line
  return out.str();
}

/// Bare where the bare form reads back to the same text, else a string.
std::string toml_scalar(const std::string& text, const Option& option) {
  if (option.kind == Option::Kind::flag) return text;
  const bool digits = !text.empty() && text.size() < 18 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && (text == "0" || text[0] != '0')) return text;
  const std::optional<double> number = read_number(text);
  const bool looks_real = text.find_first_of(".e") != std::string::npos && text[0] != '.';
  return number && looks_real && format_number(*number) == text ? text : toml_string(text);
}

}  // namespace

Configuration parse_configuration(const std::string& text, const std::string& source, const std::string& tool,
                                  const Options& options) {
  check_keys(text, source);
  try {
    return Reader(source, tool, options).read(toml::parse(text, source));
  } catch (const toml::parse_error& error) {
    throw InputError(source + ":" + std::to_string(error.source().begin.line) +
                     ": not TOML: " + std::string(error.description()));
  }
}

Configuration read_configuration(const std::string& path, const std::string& tool, const Options& options) {
  // a folder opens like a file and fails only when read
  std::error_code absent;
  errno = std::filesystem::is_directory(path, absent) ? EISDIR : 0;
  std::ifstream file;
  if (errno == 0) file.open(path, std::ios::binary);
  std::string text(largest_configuration + 1, '\0');
  if (file.is_open()) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    const int number = errno;
    if (const std::string shortage = explain_shortage(number); !shortage.empty())
      throw RunError(path + ": configuration cannot be read: " + shortage);
    throw InputError(path + ": configuration cannot be read: " + std::strerror(number));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_configuration)
    throw InputError(path + ": expected a configuration of at most 1 MiB, found more");
  return parse_configuration(text, path, tool, options);
}

Configuration find_preset(const std::string& name, const std::string& tool, const Options& options) {
  std::vector<std::string> known;
  for (const Preset& preset : presets()) {
    if (preset.name == name) return parse_configuration(preset.toml, "preset " + name, tool, options);
    known.push_back(preset.name);
  }
  throw UsageError("--preset: unknown preset \"" + name + "\"" + did_you_mean(name, known) +
                   " (known: " + (known.empty() ? "none" : join(known, ", ")) + ")");
}

namespace {

/// Notes who asked for the present values of an option.
void ask(Option& option, Origin origin) {
  option.by_preset = origin == Origin::preset && (option.by_preset || !option.asked);
  option.asked = true;
}

}  // namespace

void apply_assignments(const std::vector<Assignment>& assignments, Origin origin, Options& options) {
  for (const Assignment& assignment : assignments) {
    Option* option = options.find(assignment.option);
    require(option != nullptr, "an assignment names a known option");
    const std::vector<std::string> before = option->get();
    try {
      option->set(assignment.values);
    } catch (const UsageError& error) {
      throw UsageError(assignment.where + error.what());
    }
    option->given = true;
    const bool by_command_line = assignment.where.empty();
    if (by_command_line || option->get() != before) ask(*option, origin);
  }
}

void apply_process(const std::vector<std::pair<std::string, std::string>>& process, Origin origin,
                   Options& options) {
  Option* option = options.find("set");
  if (!takes_process(option) || process.empty()) return;
  const std::vector<std::string> stronger = option->get();
  std::vector<std::string> merged;
  for (std::size_t k = 0; k < process.size(); ++k) {
    const std::string key = process[k].first + "=";
    const auto same = [&](const std::string& text) { return text.starts_with(key); };
    const bool again = std::any_of(process.begin() + static_cast<std::ptrdiff_t>(k) + 1, process.end(),
                                   [&](const auto& later) { return later.first == process[k].first; });
    if (!again && std::none_of(stronger.begin(), stronger.end(), same))
      merged.push_back(key + process[k].second);
  }
  merged.insert(merged.end(), stronger.begin(), stronger.end());
  option->set(merged);
  option->given = true;
  ask(*option, origin);
}

std::string print_configuration(const std::string& tool, const Options& options) {
  std::string text = "# settings of " + tool + ", to be read with --config\n";
  for (const Option& option : options.all()) {
    if (option.role != Option::Role::setting && !option.given) continue;
    static const std::vector<std::string> skipped{"config", "preset", "print-config", "help", "version"};
    if (std::find(skipped.begin(), skipped.end(), option.name) != skipped.end()) continue;
    text += "\n# " + option.help + "\n";
    const std::vector<std::string> values = option.get();
    if (option.by_preset && option.idle && !option.idle().empty()) text += "# ";  // acts on nothing here
    if (option.kind == Option::Kind::list) {
      text += option.name + " = [";
      for (std::size_t k = 0; k < values.size(); ++k)
        text += (k ? ", " : "") + toml_scalar(values[k], option);
      text += "]\n";
    } else if (values.empty()) {
      text += "# " + option.name + " =\n";
    } else {
      text += option.name + " = " + toml_scalar(values[0], option) + "\n";
    }
  }
  return text;
}

}  // namespace pnn::cli
