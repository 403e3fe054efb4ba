#include "pnn/cli/help.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "pnn/core/printable.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"

namespace pnn::cli {
namespace {

constexpr std::size_t page_width = 88;
constexpr std::size_t help_column = 26;

/// Words of `text` broken into lines that stand at `indent`.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  for (const std::string& word : split(text, ' ')) {
    if (word.empty()) continue;
    const std::size_t width = display_width(word);
    if (column > 0 && indent + column + 1 + width > page_width) {
      out.append("\n").append(indent, ' ');
      column = 0;
    }
    if (column > 0) out += ' ';
    out += word;
    column += width + (column > 0 ? 1 : 0);
  }
  return out;
}

/// Lines of a text, each wrapped on its own; indented lines (commands) stay as they are.
std::string paragraphs(std::string_view text) {
  std::string out;
  for (const std::string& line : split(text, '\n'))
    out += (line.starts_with(' ') ? line : wrapped(line, 0)) + "\n";
  return out;
}

/// Paragraphs that empty lines part, each broken anew; indented lines stay as they are.
std::string reflowed(std::string_view text) {
  std::vector<std::string> lines;
  bool goes_on = false;  // whether the last line is one of a paragraph
  for (const std::string& line : split(text, '\n')) {
    const bool of_paragraph = !line.empty() && !line.starts_with(' ');
    if (goes_on && of_paragraph)
      lines.back() += " " + line;
    else
      lines.push_back(line);
    goes_on = of_paragraph;
  }
  return paragraphs(join(lines, "\n"));
}

/// Words of a command, split at spaces that no quotes hold together.
std::vector<std::string> command_words(std::string_view line) {
  std::vector<std::string> words(1);
  char quote = 0;
  for (const char c : line) {
    if (quote == 0 && c == ' ') {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    if (c == quote)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    words.back() += c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// A command that can be pasted into a shell: what does not fit on a line goes on behind a backslash, and a
/// comment behind it (`# …`) then stands above it.
std::string pasteable(const std::string& line) {
  if (display_width(line) <= page_width) return line + "\n";
  constexpr std::string_view go_on = " \\";
  const std::vector<std::string> words = command_words(line);
  const auto comment = std::find(words.begin(), words.end(), "#");
  std::string out;
  if (comment != words.end()) out += join(std::vector<std::string>(comment, words.end()), " ") + "\n";
  std::size_t column = 0;
  for (auto word = words.begin(); word != comment; ++word) {
    const std::size_t width = display_width(*word);
    if (column > 0 && column + 1 + width + go_on.size() > page_width) {
      out.append(go_on).append("\n   ");
      column = 3;
    }
    if (column > 0) out += ' ';
    out += *word;
    column += width + (column > 0 ? 1 : 0);
  }
  return out + "\n";
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string left_column(const Option& option) {
  std::string left = "  ";
  if (option.positional) {
    left += spoken_name(option);
    for (const std::string& alias : option.aliases) left += ", --" + alias + " " + value_word(option);
    return left;
  }
  if (option.letter) left.append("-").append(1, option.letter).append(", ");
  left.append("--").append(option.name);
  for (const std::string& alias : option.aliases) left += ", --" + alias;
  if (option.kind != Option::Kind::flag) left.append(" ").append(value_word(option));
  return left;
}

std::string option_entry(const Option& option) {
  std::string left = left_column(option);
  const std::size_t width = display_width(left);
  if (width + 2 > help_column) {
    left += "\n" + std::string(help_column, ' ');
  } else {
    left += std::string(help_column - width, ' ');
  }
  return left + wrapped(option.help + default_note(option), help_column) + "\n";
}

}  // namespace

std::string spoken_name(const Option& option) {
  if (!option.positional) return "--" + option.name;
  const std::string name = option.choices.empty() ? upper(option.name) : join(option.choices, "|");
  return name + (option.kind == Option::Kind::list ? "..." : "");
}

std::string value_word(const Option& option) {
  return option.choices.empty() ? option.value_name : join(option.choices, "|");
}

std::string default_note(const Option& option) {
  if (option.required) return " [required]";
  const std::vector<std::string> values = option.get();
  const bool off = option.kind == Option::Kind::flag && values == std::vector<std::string>{"false"};
  std::string note = values.empty() || off ? "" : " [default: " + join(values, " ") + "]";
  if (option.kind == Option::Kind::list && !option.positional) note = " (may be repeated)" + note;
  return note;
}

std::string commands(const std::string& example) {
  std::string out;
  for (const std::string& line : split(example, '\n')) out += pasteable(line);
  return out;
}

std::vector<std::string> groups_of(const Options& options) {
  std::vector<std::string> groups;
  for (const Option& option : options.all())
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) groups.push_back(option.group);
  return groups;
}

std::string usage_line(const ToolInfo& info, const Options& options) {
  std::string line = "usage: " + info.name + " [options]";
  for (const Option& option : options.all())
    if (option.positional)
      line.append(option.required ? " " : " [")
          .append(spoken_name(option))
          .append(option.required ? "" : "]");
  for (const Option& option : options.all()) {
    if (!option.required || option.positional) continue;
    line += option.letter ? std::string(" -") + option.letter : " --" + option.name;
    if (option.kind != Option::Kind::flag) line.append(" ").append(value_word(option));
  }
  return line;
}

std::string help_text(const ToolInfo& info, const Options& options) {
  std::string text = usage_line(info, options) + "\n\n" + wrapped(info.summary, 0) + "\n";
  if (!info.reads.empty()) text += "Reads: " + info.reads + "\n";
  if (!info.writes.empty()) text += "Writes: " + info.writes + "\n";
  for (const std::string& group : groups_of(options)) {
    text.append("\n").append(group.empty() ? "Options" : group).append(":\n");
    for (const Option& option : options.all())
      if (option.group == group) text += option_entry(option);
  }
  if (!info.details.empty()) text.append("\n").append(reflowed(trim(info.details)));
  if (!info.example.empty()) text.append("\nExample:\n").append(commands(info.example));
  if (!info.see_also.empty()) text.append("\n").append(wrapped("See also: " + info.see_also, 0)).append("\n");
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

std::string version_line(const ToolInfo& info) {
  const std::string code = code_level(), processor = processor_level();
  std::string text = info.name + " " + version() + " (file format " + std::to_string(format_version.major) +
                     "." + std::to_string(format_version.minor) + ", code for " + code + ")\n";
  if (processor > code)  // the names of levels are in their order
    text += "This processor has " + processor +
            ", for which this build has no code: build with PNN_ARCH=" + processor + ", or native.\n";
  else if (code < "x86-64-v3")
    text +=
        "This processor has no fused multiply-add: work takes some sixty times as long, and last bits "
        "differ.\n";
  return text;
}

}  // namespace pnn::cli
