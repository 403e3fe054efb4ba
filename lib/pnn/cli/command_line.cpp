#include "pnn/cli/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::cli {
namespace {

std::string spelling(const Option& option) {
  std::string words = option.letter ? std::string("-") + option.letter + "," : "";
  words += (option.positional ? "" : "--") + option.name;
  for (const std::string& alias : option.aliases) words += ",--" + alias;
  return words;
}

/// The parser hands over text: what an option accepts is known in core/options.cpp alone.
CLI::Option* declare(CLI::App& app, const Option& option) {
  if (option.kind == Option::Kind::flag) {
    CLI::Option* flag = app.add_flag(spelling(option));
    flag->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    return flag;
  }
  CLI::Option* parsed = app.add_option(spelling(option), CLI::callback_t());
  parsed->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  // without this a list would swallow the positionals that follow it
  parsed->allow_extra_args(option.positional && option.kind == Option::Kind::list);
  return parsed;
}

/// "--lr= model.h5" would otherwise take the next word as its value.
void refuse_empty_values(std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word == "--") return;
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      throw UsageError(word.substr(0, word.size() - 1) + ": expected a value after =, found nothing");
  }
}

void check_values(const Options& options, const Option& option, const std::vector<std::string>& values) {
  const std::string name = "--" + option.name;
  if (option.kind == Option::Kind::value && values.size() > 1)
    throw UsageError(name + ": expected once, found " + std::to_string(values.size()) + " times");
  for (const std::string& value : values) {
    const auto& all = options.all();
    const bool is_option = std::any_of(
        all.begin(), all.end(), [&](const Option& o) { return !o.positional && value == "--" + o.name; });
    if (is_option) throw UsageError(name + ": expected a value, found the option " + value);
  }
}

}  // namespace

CommandLine parse_command_line(const Options& options, std::span<const std::string> words) {
  refuse_empty_values(words);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<CLI::Option*> parsed;
  for (const Option& option : options.all()) parsed.push_back(declare(app, option));
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ArgumentMismatch&) {
    // every option takes one value, so only the last word can lack it
    throw UsageError((words.empty() ? std::string() : words.back()) +
                     ": expected a value, found the end of the command line");
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  CommandLine line;
  for (std::size_t k = 0; k < parsed.size(); ++k) {
    if (parsed[k]->count() == 0) continue;
    const Option& option = options.all()[k];
    std::vector<std::string> values = parsed[k]->results();
    if (option.kind == Option::Kind::flag) values = {values.back()};
    check_values(options, option, values);
    line.given.push_back({option.name, std::move(values), ""});
  }
  line.extras = app.remaining();
  return line;
}

void refuse_extras(const Options& options, const std::vector<std::string>& extras) {
  if (extras.empty()) return;
  const auto is_option = [](const std::string& word) {
    return word.size() > 1 && word[0] == '-' && !read_number(word);
  };
  const auto unknown = std::find_if(extras.begin(), extras.end(), is_option);
  if (unknown == extras.end())
    throw UsageError("\"" + extras.front() + "\": unexpected argument; see --help for what is expected");
  const std::string word = unknown->substr(0, unknown->find('='));
  const std::string name = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  std::vector<std::string> names;
  for (const Option& option : options.all()) {
    if (option.positional && option.name == name)
      throw UsageError(word + ": unknown option; this file is given by its place, without " + word);
    if (!option.positional) names.push_back(option.name);
    names.insert(names.end(), option.aliases.begin(), option.aliases.end());
  }
  const std::string nearest = nearest_word(name, names);
  throw UsageError(word + ": unknown option; " +
                   (nearest.empty() ? "see --help for the known ones" : "did you mean --" + nearest + "?"));
}

}  // namespace pnn::cli
