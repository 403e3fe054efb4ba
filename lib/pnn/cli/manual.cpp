#include "pnn/cli/manual.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "pnn/cli/help.hpp"
#include "pnn/cli/presets.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"

namespace pnn::cli {
namespace {

// --- manual pages ----------------------------------------------------------------------------------------

/// A text without anything that troff reads as a command; hyphens stay hyphens, so that commands can be
/// pasted.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

/// A line of its own. A point or a quote at its beginning is text.
std::string line_of(const std::string& text) {
  return (text.starts_with('.') || text.starts_with('\'') ? "\\&" : "") + text + "\n";
}

/// Running text, as lines that no formatter finds too long.
std::string running(std::string_view text) {
  constexpr std::size_t longest = 70;
  std::string out, line;
  for (const std::string& word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && line.size() + word.size() > longest) out += line_of(line), line.clear();
    line += (line.empty() ? "" : " ") + plain(word);
  }
  return line.empty() ? out : out + line_of(line);
}

/// Lines as they stand.
std::string literal(std::string_view text) {
  std::string out = ".EX\n";
  for (const std::string& line : split(text, '\n')) out += line_of(plain(line));
  return out + ".EE\n";
}

/// Paragraphs that empty lines part; indented lines stay as they are.
std::string described(std::string_view text) {
  std::string out, paragraph;
  std::vector<std::string> kept;
  const auto end = [&] {
    if (!paragraph.empty()) out += ".PP\n" + running(paragraph);
    if (!kept.empty()) out += ".PP\n" + literal(join(kept, "\n"));
    paragraph.clear(), kept.clear();
  };
  for (const std::string& line : split(text, '\n')) {
    const bool indented = line.starts_with(' ');
    if (line.empty() || indented != !kept.empty()) end();
    if (indented)
      kept.push_back(line);
    else
      paragraph += line + " ";
  }
  end();
  return out;
}

std::string italic(const std::string& text) {
  return "\\fI" + plain(text) + "\\fR";
}
std::string bold(const std::string& text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::vector<std::string> spellings(const Option& option) {
  std::vector<std::string> names;
  if (option.letter != 0) names.push_back(std::string("-") + option.letter);
  if (!option.positional) names.push_back("--" + option.name);
  for (const std::string& alias : option.aliases) names.push_back("--" + alias);
  return names;
}

std::string entry(const Option& option) {
  std::vector<std::string> names;
  if (option.positional) names.push_back(italic(spoken_name(option)));
  for (const std::string& name : spellings(option)) names.push_back(bold(name));
  const bool valued = option.kind != Option::Kind::flag && !spellings(option).empty();
  return ".TP\n" + line_of(join(names, ", ") + (valued ? " " + italic(value_word(option)) : "")) +
         running(option.help + default_note(option));
}

/// Names of tools as references to their pages.
std::string with_references(const std::string& text) {
  std::vector<std::string> words = split(text, ' ');
  for (std::string& word : words) {
    const std::size_t end = std::min(word.find_last_not_of(",;.") + 1, word.size());
    if (word.starts_with("pnn-")) word.insert(end, "(1)");
  }
  return join(words, " ");
}

// --- completion --------------------------------------------------------------------------------------------

/// What may stand as the value of an option.
enum class Values { none, words, file, other };
Values values_of(const Option& option) {
  if (option.kind == Option::Kind::flag) return Values::none;
  if (!option.choices.empty() || option.name == "preset") return Values::words;
  const bool file = option.role == Option::Role::input || option.role == Option::Role::output ||
                    option.value_name.starts_with("FILE") || option.value_name == "FOLDER";
  return file ? Values::file : Values::other;
}

std::string words_of(const Option& option) {
  if (!option.choices.empty()) return join(option.choices, " ");
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  return join(names, " ");
}

/// The beginning of the help: what fits beside a name.
std::string in_short(const Option& option) {
  constexpr std::size_t longest = 64;
  std::string text = option.help.substr(0, option.help.find_first_of(":;("));
  if (text.size() > longest) text.resize(text.rfind(' ', longest));
  return std::string(trim(text));
}

/// The text with `before` each of `characters`.
std::string escaped(std::string_view text, std::string_view characters, std::string_view before = "\\") {
  std::string out;
  for (const char c : text) {
    if (characters.find(c) != std::string_view::npos) out += before;
    out += c;
  }
  return out;
}

std::string function_name(const ToolInfo& info) {
  std::string name = "_" + info.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string in_single_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string manual_page(const ToolInfo& info, const Options& options) {
  std::string title = info.name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  std::string text = ".\\\" made by " + info.name + " --help-man\n.TH " + title + " 1 " PNN_RELEASED +
                     " \"pnntools " + version() + "\" pnntools\n.SH NAME\n" + plain(info.name) + " \\- " +
                     plain(info.summary) + "\n.SH SYNOPSIS\n.nf\n.B " + plain(info.name) + "\n";
  const std::string usage = usage_line(info, options);
  text +=
      line_of(plain(usage.substr(usage.find(info.name) + info.name.size() + 1))) + ".fi\n.SH DESCRIPTION\n";
  text += running("Reads: " + info.reads + ".");
  if (!info.writes.empty()) text += ".br\n" + running("Writes: " + info.writes + ".");
  text += described(trim(info.details)) + ".SH OPTIONS\n";
  for (const std::string& group : groups_of(options)) {
    if (!group.empty()) text += ".SS " + plain(group) + "\n";
    for (const Option& option : options.all())
      if (option.group == group) text += entry(option);
  }
  text +=
      ".SH EXIT STATUS\n" + running(
                                "0 done; 1 something failed while running; 2 the command line, a file or a "
                                "value is wrong; 70 a bug; 75 interrupted, to be run again.");
  if (!info.example.empty()) text += ".SH EXAMPLES\n" + literal(trim(commands(info.example)));
  if (!info.see_also.empty()) text += ".SH SEE ALSO\n" + running(with_references(info.see_also));
  return text;
}

std::string bash_completion(const ToolInfo& info, const Options& options) {
  std::vector<std::string> names;
  std::string cases, first;
  for (const Option& option : options.all()) {
    const std::vector<std::string> own = spellings(option);
    names.insert(names.end(), own.begin(), own.end());
    if (values_of(option) != Values::words) continue;
    if (option.positional) first = words_of(option);
    if (!own.empty()) cases += "    " + join(own, " | ") + ") words='" + words_of(option) + "' ;;\n";
  }
  return "# made by " + info.name + " --help-bash\n" + function_name(info) +
         "() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=\n"
         "  [[ $current != = ]] || current=\n"
         "  [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "  case $before in\n" +
         cases +
         "    *)\n"
         "      words='" +
         first +
         "'\n"
         "      [[ $current != -* ]] || words='" +
         join(names, " ") +
         "'\n"
         "      ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F " +
         function_name(info) + " " + info.name + "\n";
}

std::string zsh_completion(const ToolInfo& info, const Options& options) {
  std::string text = "#compdef " + info.name + "\n# made by " + info.name + " --help-zsh\n_arguments -S";
  for (const Option& option : options.all()) {
    std::string value;
    if (const Values values = values_of(option); values != Values::none) {
      value = ":" + escaped(option.positional ? spoken_name(option) : option.value_name, "\\:") + ":";
      value += values == Values::words  ? "(" + words_of(option) + ")"
               : values == Values::file ? "_files"
                                        : " ";
    }
    const bool repeated = option.kind == Option::Kind::list;
    if (option.positional) text += " \\\n  " + in_single_quotes((repeated ? "*" : "") + value);
    for (const std::string& name : spellings(option))
      text += " \\\n  " + in_single_quotes((repeated ? "*" : "") + name + "[" +
                                           escaped(in_short(option), "\\[]:") + "]" + value);
  }
  return text + "\n";
}

std::string fish_completion(const ToolInfo& info, const Options& options) {
  std::string text = "# made by " + info.name + " --help-fish\n";
  for (const Option& option : options.all()) {
    const Values values = values_of(option);
    const std::string start = "complete -c " + info.name;
    if (option.positional && values == Values::words) text += start + " -a '" + words_of(option) + "'\n";
    std::string names;
    for (const std::string& name : spellings(option))
      names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (names.empty()) continue;
    text += start + names +
            (values == Values::words   ? " -x -a '" + words_of(option) + "'"
             : values == Values::file  ? " -r -F"
             : values == Values::other ? " -x"
                                       : "") +
            " -d '" + escaped(in_short(option), "\\'") + "'\n";
  }
  return text;
}

std::optional<std::string> generated_page(const std::string& word, const ToolInfo& info,
                                          const Options& options) {
  if (word == "--help-man") return manual_page(info, options);
  if (word == "--help-bash") return bash_completion(info, options);
  if (word == "--help-zsh") return zsh_completion(info, options);
  if (word == "--help-fish") return fish_completion(info, options);
  return std::nullopt;
}

}  // namespace pnn::cli
