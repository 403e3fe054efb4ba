#include "pnn/study/search_space.hpp"

#include <algorithm>
#include <array>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <cstdlib>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"

namespace pnn::study {
namespace {

/// What is no matter of choice: the length of trainings is that of the command line and of its rungs.
constexpr std::array fixed_options{"task",   "label",         "epochs",         "steps",
                                   "budget", "budget-epochs", "evaluate-every", "checkpoint-every"};

/// The options of trainings, of settings of their own.
struct Declared {
  train::TrainSettings settings;
  Options options;
  Declared() { settings.describe(options); }
  Declared(const Declared&) = delete;
  Declared& operator=(const Declared&) = delete;
};

bool accepts(Option& option, const std::string& value) {
  try {
    option.set(std::vector{value});
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

void parse_range_of(Searched& s, Option& option, const std::string& where) {
  const std::vector<std::string> parts = split(s.range, ':');
  if (parts.size() > 3 || (parts.size() == 3 && parts[2] != "log"))
    throw UsageError(where + ": expected LOW:HIGH or LOW:HIGH:log, found \"" + s.range + "\"");
  if (option.kind == Option::Kind::flag || !option.choices.empty())
    throw UsageError(where + ": takes words, and no range: list those to try, as " + s.name + "=" +
                     (option.choices.empty() ? "true,false" : join(option.choices, ",")));
  s.low = parse_number(parts[0], where), s.high = parse_number(parts[1], where);
  s.logarithmic = parts.size() == 3;
  if (!(s.low < s.high)) throw UsageError(where + ": expected a range that rises, found \"" + s.range + "\"");
  if (s.logarithmic && s.low <= 0)
    throw UsageError(where + ": a logarithmic range begins above 0, found " + parts[0]);
  for (const std::string& end : {parts[0], parts[1]}) {
    try {
      option.set(std::vector{end});
    } catch (const UsageError& error) {
      throw UsageError("--search " + std::string(error.what()).substr(2));
    }
  }
  // what takes both ends takes every number between them, unless it takes integers alone
  const double between = std::floor(s.low) + 0.5;
  if (between < s.high && !accepts(option, format_number(between))) s.kind = Searched::Kind::integer;
}

void parse_list_of(Searched& s, Option& option, const std::string& where) {
  s.kind = Searched::Kind::value;
  for (const std::string& part : split(s.range, ',')) {
    const std::string value(trim(part));
    try {
      option.set(std::vector{value});
    } catch (const UsageError& error) {
      throw UsageError("--search " + std::string(error.what()).substr(2));
    }
    if (std::find(s.values.begin(), s.values.end(), value) != s.values.end())
      throw UsageError(where + ": the value " + value + " stands twice");
    s.values.push_back(value);
  }
  if (s.values.size() < 2)
    throw UsageError(where + ": expected a range (LOW:HIGH) or several values (a,b,c), found \"" + s.range +
                     "\"; a single one is given as --" + s.name + " " + s.range);
}

}  // namespace

std::string Searched::at(double uniform) const {
  if (kind == Kind::value) {
    const auto number = std::size_t(uniform * double(values.size()));
    return values[std::min(number, values.size() - 1)];
  }
  const double from = logarithmic ? std::log(low) : low;
  const double end = kind == Kind::integer ? high + 1 : high;
  const double value = from + uniform * ((logarithmic ? std::log(end) : end) - from);
  const double said = logarithmic ? std::exp(value) : value;
  if (kind == Kind::integer) return format_number(std::clamp(std::floor(said), low, high));
  return format_number(std::clamp(parse_number(format_short(said, 4), name), low, high));
}

Searched parse_searched(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw UsageError("--search: expected NAME=LOW:HIGH, NAME=LOW:HIGH:log or NAME=a,b,c, found \"" + text +
                     "\"");
  Searched s;
  s.name = text.substr(0, equals), s.range = text.substr(equals + 1);
  const std::string where = "--search " + s.name;
  Declared declared;
  Option* option = declared.options.find(s.name);
  if (option == nullptr) {
    const std::string nearest = declared.options.nearest(s.name);
    throw UsageError(where + ": no option of trainings has this name" +
                     (nearest.empty() ? "; see pnn-train --help" : "; did you mean " + nearest + "?"));
  }
  if (std::find(fixed_options.begin(), fixed_options.end(), s.name) != fixed_options.end())
    throw UsageError(where + ": is the same for all trainings of a search, and cannot be searched");
  const bool takes_text =
      option->choices.empty() && option->kind == Option::Kind::value && accepts(*option, "no number");
  if (option->kind == Option::Kind::list || takes_text)
    throw UsageError(where +
                     ": takes names or several values at once, and cannot be searched; numbers and "
                     "words of a choice can");
  if (s.range.find(':') != std::string::npos) {
    parse_range_of(s, *option, where);
  } else {
    parse_list_of(s, *option, where);
  }
  return s;
}

std::vector<Searched> parse_search(const std::vector<std::string>& texts) {
  std::vector<Searched> all;
  for (const std::string& text : texts) {
    Searched s = parse_searched(text);
    if (std::any_of(all.begin(), all.end(), [&](const Searched& other) { return other.name == s.name; }))
      throw UsageError("--search " + s.name + ": stands twice; give one range");
    all.push_back(std::move(s));
  }
  if (all.empty())
    throw UsageError("--search: a search needs an option and its range, as --search lr=1e-3:3e-2:log");
  return all;
}

std::vector<SearchPoint> search_points(const std::vector<Searched>& searched, std::size_t count,
                                       std::uint64_t seed) {
  require(count > 0, "a search has the settings of the command line");
  constexpr double whole = 0x1p32;
  std::vector<SearchPoint> points(count);
  std::vector<std::uint32_t> shifts;
  for (std::size_t k = 0; k < searched.size(); ++k)
    shifts.push_back(
        std::uint32_t(whole * uniform({seed, Purpose::search_point, std::uint16_t(k), 0, 0}, 0)));
  boost::random::sobol_engine<std::uint32_t, 32> sequence(searched.size());
  for (std::size_t n = 1; n < count; ++n)
    for (std::size_t k = 0; k < searched.size(); ++k) {
      const std::uint32_t bits = n == 1 ? 0 : sequence();  // Boost leaves out the first point, which is 0
      points[n].push_back(searched[k].at(double(bits ^ shifts[k]) / whole));
    }
  return points;
}

train::TrainSettings settings_at(const train::TrainSettings& base, const std::vector<Searched>& searched,
                                 SearchPoint& point) {
  const SearchPoint wanted = point;
  std::vector<char> acts(searched.size(), wanted.empty() ? 0 : 1);
  for (;;) {
    train::TrainSettings settings = base;
    Options options;
    settings.describe(options);
    point.clear();
    for (std::size_t k = 0; k < searched.size(); ++k) {
      Option& option = *options.find(searched[k].name);
      if (acts[k] != 0) option.set(std::vector{wanted[k]});
      point.push_back(join(option.get(), ","));
    }
    bool settled = true;
    for (std::size_t k = 0; k < searched.size(); ++k) {
      if (acts[k] == 0 || settings.idle_reason(searched[k].name).empty()) continue;
      acts[k] = 0;
      settled = false;
      break;  // without it, others may act
    }
    if (!settled) continue;
    settings.check();
    return settings;
  }
}

std::vector<std::string> command_words(const train::TrainSettings& settings) {
  train::TrainSettings own = settings;
  Options said;
  own.describe(said);
  const Declared fresh;
  std::vector<std::string> words;
  for (std::size_t k = 0; k < said.all().size(); ++k) {
    const Option& option = said.all()[k];
    const std::vector<std::string> values = option.get();
    if (values == fresh.options.all()[k].get()) continue;
    for (const std::string& value : values) {
      words.push_back("--" + option.name +
                      (option.kind == Option::Kind::flag && value == "false" ? "=false" : ""));
      if (option.kind != Option::Kind::flag) words.push_back(value);
    }
  }
  return words;
}

}  // namespace pnn::study
