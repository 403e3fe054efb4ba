#include "pnn/study/placement.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {
namespace {

using model::ChipCurves;

/// An element of the network.
struct Spot {
  std::size_t chip, element;
  auto operator<=>(const Spot&) const = default;
};

/// Some names of many, for a message.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 6;
  std::vector<std::string> shown(names.begin(), names.begin() + std::ptrdiff_t(std::min(most, names.size())));
  if (names.size() > most) shown.emplace_back("…");
  return join(shown, ", ");
}

/// What a comparable name consists of.
std::vector<std::string> words_of_name(const std::string& comparable) {
  return comparable.empty() ? std::vector<std::string>() : split(comparable, ' ');
}

bool is_number(const std::string& word) {
  return std::isdigit(static_cast<unsigned char>(word.front())) != 0;
}

/// The numbers of a comparable name, in their order.
std::string numbers_of(const std::string& comparable) {
  std::vector<std::string> numbers;
  for (const std::string& word : words_of_name(comparable))
    if (is_number(word)) numbers.push_back(word);
  return join(numbers, " ");
}

/// Whether a name has the numbers of `whole`, all of them, and beginnings of some of its words in their
/// places: "t 0 0 1" of "theta col 0 modes 0 1". Numbers alone are a row and a column.
bool abbreviates(const std::string& name, const std::string& whole) {
  const std::vector<std::string> parts = words_of_name(name), all = words_of_name(whole);
  if (std::all_of(parts.begin(), parts.end(), is_number))
    return parts.size() == 2 && whole == "row " + parts[0] + " col " + parts[1];
  auto part = parts.begin();
  for (const std::string& word : all) {
    const bool taken = part != parts.end() &&
                       (is_number(word) ? *part == word : !is_number(*part) && word.starts_with(*part));
    if (!taken && is_number(word)) return false;
    if (taken) ++part;
  }
  return part == parts.end();
}

/// The chips of a platform, without curves, and where their elements are found.
class Chips {
 public:
  Chips(const platform::Platform& platform, const std::vector<platform::AnyPlan>& plans) {
    for (const platform::LayerPlan& plan : plans) {
      if (&plan.platform() != &platform) continue;
      const auto same = [&](const ChipCurves& chip) { return chip.key == plan.chip_key(); };
      auto chip = std::find_if(all.begin(), all.end(), same);
      if (chip == all.end()) {
        chip = all.emplace(all.end());
        chip->key = plan.chip_key();
        chip->elements = plan.element_names();
        chip->platform = platform.word();
      }
      chip->layers.push_back(plan.name());
      enter(std::size_t(chip - all.begin()), plan.name());
    }
    for (std::size_t chip = 0; chip < all.size(); ++chip) {
      enter(chip, "");
      enter(chip, all[chip].key);
      needed.push_back(lab_of(platform).needed(all[chip].key, plans));
    }
  }
  /// Whether an element has this name in full.
  [[nodiscard]] bool has(const std::string& name) const { return spots_.contains(comparable_name(name)); }
  /// All elements that have this name, or if there are none, those whose name it abbreviates.
  [[nodiscard]] std::set<Spot> find(const std::string& name) const {
    const std::string wanted = comparable_name(name);
    if (const auto found = spots_.find(wanted); found != spots_.end()) return found->second;
    std::set<Spot> spots;
    if (const auto same = by_numbers_.find(numbers_of(wanted)); same != by_numbers_.end())
      for (const std::string& whole : same->second)
        if (abbreviates(wanted, whole)) spots.insert(spots_.at(whole).begin(), spots_.at(whole).end());
    return spots;
  }
  /// How many words at the beginning of a name are the name of a layer or a chip.
  [[nodiscard]] std::size_t words_before(const std::vector<std::string>& words) const {
    for (std::size_t count = words.size(); count > 0; --count)
      if (befores_.contains(join({words.begin(), words.begin() + std::ptrdiff_t(count)}, " "))) return count;
    return 0;
  }
  /// Whether a word begins one in names of elements.
  [[nodiscard]] bool begins_a_word(const std::string& word) const {
    return std::any_of(words_.begin(), words_.end(),
                       [&](const std::string& own) { return own.starts_with(word); });
  }
  [[nodiscard]] std::string name_of(const Spot& spot) const {
    return (all.size() > 1 ? all[spot.chip].layers.front() + " " : "") +
           all[spot.chip].elements[spot.element];
  }

  std::vector<ChipCurves> all;
  std::vector<std::vector<bool>> needed;  ///< whether the network needs a curve of each element

 private:
  void enter(std::size_t chip, const std::string& before) {
    befores_.insert(comparable_name(before));
    for (std::size_t element = 0; element < all[chip].elements.size(); ++element) {
      const std::string name = comparable_name(before + " " + all[chip].elements[element]);
      spots_[name].insert({chip, element});
      by_numbers_[numbers_of(name)].insert(name);
      for (std::string& word : words_of_name(comparable_name(all[chip].elements[element])))
        if (!is_number(word)) words_.insert(std::move(word));
    }
  }
  std::map<std::string, std::set<Spot>> spots_;
  std::map<std::string, std::set<std::string>> by_numbers_;
  std::set<std::string> befores_, words_;
};

std::string advice(const Chips& chips) {
  std::vector<std::string> layers;
  for (const ChipCurves& chip : chips.all)
    layers.insert(layers.end(), chip.layers.begin(), chip.layers.end());
  return "elements of this network have names like \"" + chips.name_of({0, 0}) + "\", in " +
         (layers.size() == 1 ? "layer " : "layers ") + some_of(layers) +
         ": name them so, give columns row and col, or an --element-map; or say --repeat-elements, and the "
         "measured elements stand in turn for all";
}

/// The name with every number of it one less, as a table that counts from 1 would mean it; empty if it has no
/// number, or a 0.
std::string counted_from_0(const std::string& name) {
  std::string out;
  bool numbers = false;
  for (const std::string& word : split(comparable_name(name), ' ')) {
    const std::optional<double> number = read_number(word);
    if (number && *number < 1) return {};
    numbers = numbers || number;
    out += (out.empty() ? "" : " ") + (number ? format_number(*number - 1) : word);
  }
  return numbers ? out : std::string();
}

/// Finds the elements of the network that imported ones are.
class Finder {
 public:
  Finder(const ChipCurves& from, const Chips& chips, const ElementMap& map, const std::string& where)
      : from_(from), chips_(chips), complaints_(where) {
    for (const auto& [name, place] : map) {
      const auto [known, fresh] = sent_.emplace(comparable_name(name), place);
      if (!fresh && comparable_name(known->second) != comparable_name(place))
        complaints_.add("--element-map: " + name + " is sent to " + known->second + " and to " + place);
    }
    find_idle_words();
  }

  /// The element of each imported one, chips.all.size() as chip where it has none.
  std::vector<Spot> spots(Missing missing, std::vector<std::string>& notes) {
    std::vector<Spot> spots;
    std::vector<std::string> unknown, several;
    std::map<Spot, std::string> taken;
    std::size_t most = 0;
    std::string read_so;
    for (const std::string& name : from_.elements) {
      const std::string place = place_of(name);
      const std::set<Spot> found = chips_.find(place);
      if (found.size() == 1 && read_so.empty() && !chips_.has(mapped(name).value_or(name)))
        read_so = "\"" + name + "\" was taken as " + chips_.name_of(*found.begin()) +
                  ", and so were names of its form";
      spots.push_back(found.size() == 1 ? *found.begin() : Spot{chips_.all.size(), 0});
      if (found.empty()) {
        const std::optional<std::string> sent = mapped(name);
        unknown.push_back(sent ? name + " (" + *sent + ")" : name);
      } else if (found.size() > 1) {
        several.push_back(name);
        most = std::max(most, found.size());
      } else if (const auto [other, fresh] = taken.emplace(spots.back(), name); !fresh) {
        complaints_.add("the elements " + other->second + " and " + name + " are both " +
                        chips_.name_of(spots.back()));
      }
    }
    if (!several.empty())
      complaints_.add(
          std::to_string(several.size()) + (several.size() == 1 ? " element" : " elements") + " (" +
          some_of(several) + ") " + (several.size() == 1 ? "is" : "are") + " on up to " +
          std::to_string(most) + " chips of the network; put the layer before the name, as in \"" +
          chips_.name_of(*chips_.find(place_of(several.front())).begin()) + "\", or give a column layer");
    tell_unknown(unknown, missing, notes);
    complaints_.raise();
    if (!read_so.empty()) notes.push_back(read_so);
    return spots;
  }

 private:
  /// Where the map sends this name.
  [[nodiscard]] std::optional<std::string> mapped(const std::string& name) const {
    const auto to = sent_.find(comparable_name(name));
    return to == sent_.end() ? std::nullopt : std::optional(to->second);
  }
  [[nodiscard]] std::string place_of(const std::string& name) const {
    return mapped(name).value_or(without_idle_words(name));
  }
  /// The words of a name before its first number, behind the name of a layer or a chip: where they are.
  [[nodiscard]] std::pair<std::size_t, std::size_t> front_of(const std::vector<std::string>& words) const {
    const std::size_t begin = chips_.words_before(words);
    const auto end = std::find_if(words.begin() + std::ptrdiff_t(begin), words.end(), is_number);
    return {begin, std::size_t(end - words.begin())};
  }
  /// The name as it is, or without the words in front that all names share.
  [[nodiscard]] std::string without_idle_words(const std::string& name) const {
    std::vector<std::string> words = words_of_name(comparable_name(name));
    const auto [begin, end] = front_of(words);
    const auto first = words.begin() + std::ptrdiff_t(begin),
               kept = std::remove_if(first, words.begin() + std::ptrdiff_t(end),
                                     [&](const std::string&word) { return idle_words_.contains(word); });
    if (kept == words.begin() + std::ptrdiff_t(end)) return name;
    words.erase(kept, words.begin() + std::ptrdiff_t(end));
    return join(words, " ");
  }
  /// Finds the words in front that all names share and that no element of the network has ("heater" of
  /// "heater_0_1", …).
  void find_idle_words() {
    bool first = true;
    for (const std::string& name : from_.elements) {
      if (mapped(name)) continue;
      const std::vector<std::string> words = words_of_name(comparable_name(name));
      const auto [begin, end] = front_of(words);
      std::set<std::string> own, both;
      for (std::size_t k = begin; k < end; ++k)
        if (!chips_.begins_a_word(words[k])) own.insert(words[k]);
      std::set_intersection(own.begin(), own.end(), idle_words_.begin(), idle_words_.end(),
                            std::inserter(both, both.end()));
      idle_words_ = first ? std::move(own) : std::move(both);
      first = false;
    }
  }
  /// How many elements that the network needs have these names; nothing if a name is of none, or of several.
  template <class NameOf>
  [[nodiscard]] std::optional<std::size_t> useful(const NameOf& name_of) const {
    std::size_t count = 0;
    for (const std::string& name : from_.elements) {
      const std::set<Spot> found = chips_.find(name_of(place_of(name)));
      if (found.size() != 1) return std::nullopt;
      count += chips_.needed[found.begin()->chip][found.begin()->element] ? 1 : 0;
    }
    return count;
  }
  void tell_unknown(const std::vector<std::string>& unknown, Missing missing,
                    std::vector<std::string>& notes) {
    const auto as_they_are = useful([](const std::string&name) { return name; }),
               from_1 = useful(counted_from_0);
    if (from_1 && (!as_they_are || *from_1 > *as_they_are)) {
      complaints_.add("numbers of " + from_.elements.front() + " … count from 0, and counted from 1 " +
                      std::to_string(*from_1) + " of " + std::to_string(from_.elements.size()) +
                      " measured elements would be what the network needs, where as they are " +
                      std::to_string(as_they_are.value_or(0)) +
                      " are: take 1 from them, or give an --element-map");
      return;
    }
    if (unknown.empty()) {
      if (from_1 && from_.elements.size() > 1)
        notes.push_back(
            "no measured element has a row or a column 0; numbers count from 0, so that a table that "
            "counts from 1 stands one row and column too far");
      return;
    }
    const std::string text = std::to_string(unknown.size()) + " of " + std::to_string(from_.elements.size()) +
                             " measured elements " + (unknown.size() == 1 ? "is" : "are") +
                             " none of the network (" + some_of(unknown) + ")";
    if (missing == Missing::refuse || unknown.size() == from_.elements.size()) {
      complaints_.add(text + "; " + advice(chips_));
    } else {
      notes.push_back(text + ", passed over");
    }
  }

  const ChipCurves& from_;
  const Chips& chips_;
  Complaints complaints_;
  std::map<std::string, std::string> sent_;
  std::set<std::string> idle_words_;  ///< in front of names, which are read without them
};

}  // namespace

void PlacementSettings::describe(Options& o) {
  o.choice("missing", missing, "elements of the network that have no curve").later = true;
  o.flag("repeat-elements", repeat,
         "let imported curves stand in turn for all elements of the network, whatever their names")
      .later = true;
}

std::string comparable_name(const std::string& name) {
  std::string out;
  std::string_view rest = name;
  const auto add = [&](std::string word) {
    if (word == "r") word = "row";
    if (word == "c" || word == "column") word = "col";
    out += (out.empty() ? "" : " ") + word;
  };
  const auto kind = [](char c) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isdigit(letter) != 0) return 1;
    return std::isalpha(letter) != 0 || letter >= 0x80 ? 2 : 0;
  };
  while (!rest.empty()) {
    const int of_first = kind(rest.front());
    std::size_t end = 1;
    while (end < rest.size() && kind(rest[end]) == of_first) ++end;
    std::string word(rest.substr(0, end));
    rest.remove_prefix(end);
    if (of_first == 0) continue;
    if (of_first == 1) word.erase(0, std::min(word.find_first_not_of('0'), word.size() - 1));
    word = lower_case(word);
    if (word == "\xce\xb8" || word == "\xce\x98") word = "theta";
    if (word == "\xcf\x86" || word == "\xcf\x95" || word == "\xce\xa6") word = "phi";
    add(std::move(word));
  }
  return out;
}

std::vector<bool> without_curve(const ChipCurves& chip, const std::vector<platform::AnyPlan>& plans,
                                std::optional<std::size_t> device) {
  std::vector<bool> out(chip.elements.size(), false);
  const platform::LayerPlan* layer = layer_of_chip(chip, plans);
  if (layer == nullptr) return out;
  const std::vector<bool> needed = lab_of(layer->platform()).needed(chip.key, plans);
  const std::size_t elements = chip.response.dim(1), samples = chip.response.dim(2) * chip.response.dim(3);
  for (std::size_t d = device.value_or(0); d < (device ? *device + 1 : chip.response.dim(0)); ++d) {
    for (std::size_t element = 0; element < std::min(elements, needed.size()); ++element) {
      const auto from = chip.response.data.begin() + std::ptrdiff_t((d * elements + element) * samples);
      const bool measured =
          std::any_of(from, from + std::ptrdiff_t(samples), [](double x) { return std::isfinite(x); });
      if (needed[element] && !measured) out[element] = true;
    }
  }
  return out;
}

Placement place_curves(const model::Curves& imported, const platform::Platform& platform,
                       const std::vector<platform::AnyPlan>& plans, const PlacementSettings& settings,
                       const ElementMap& map, const std::string& where) {
  require(imported.chips.size() == 1, "a table is one chip until its elements are placed");
  const ChipCurves& from = imported.chips.front();
  Chips chips(platform, plans);
  if (chips.all.empty())
    throw UsageError(where + ": curves of " + platform.elements() +
                     ", and no layer of the network runs on them; name a layer " + platform.word() +
                     ", or say with --platform what was measured");
  Placement out;
  const std::vector<Spot> spots = Finder(from, chips, map, where).spots(settings.missing, out.notes);

  const std::size_t devices = from.response.dim(0), sweeps = from.response.dim(2),
                    points = from.response.dim(3), samples = sweeps * points;
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t number = 0; number < chips.all.size(); ++number) {
    ChipCurves& chip = chips.all[number];
    chip.temperature_c = from.temperature_c;
    chip.direction = from.direction;
    chip.control_unit = from.control_unit;
    chip.control = chip.response = chip.sigma =
        Array<double>({devices, chip.elements.size(), sweeps, points}, none);
    const bool drifted = !from.reading_temperature_c.data.empty();
    if (drifted) chip.reading_temperature_c = chip.control;
    for (std::size_t element = 0; element < from.elements.size(); ++element) {
      if (spots[element].chip != number) continue;
      for (std::size_t device = 0; device < devices; ++device) {
        const std::size_t source = (device * from.elements.size() + element) * samples,
                          target = (device * chip.elements.size() + spots[element].element) * samples;
        for (const auto& [values, into] : {std::pair{&from.control, &chip.control},
                                           {&from.response, &chip.response},
                                           {&from.sigma, &chip.sigma},
                                           {&from.reading_temperature_c, &chip.reading_temperature_c}})
          if (!values->data.empty())
            std::copy_n(values->data.begin() + std::ptrdiff_t(source), samples,
                        into->data.begin() + std::ptrdiff_t(target));
      }
    }
  }

  std::vector<std::string> missing;
  std::size_t needed = 0;
  for (std::size_t number = 0; number < chips.all.size(); ++number) {
    const std::vector<bool> without = without_curve(chips.all[number], plans);
    needed += std::size_t(std::count(chips.needed[number].begin(), chips.needed[number].end(), true));
    for (std::size_t element = 0; element < without.size(); ++element)
      if (without[element]) missing.push_back(chips.name_of({number, element}));
  }
  if (!missing.empty()) {
    const std::string text = std::to_string(missing.size()) + " of the " + std::to_string(needed) +
                             " elements that the network needs have no curve (" + some_of(missing) + ")";
    if (settings.missing == Missing::refuse)
      throw InputError(
          where + ": " + text +
          "; measure them, or say --missing design (their design values) or --missing mean (the mean "
          "of the measured ones)");
    out.notes.push_back(text + ": --missing " + word_of(settings.missing));
  }
  out.curves.averages = imported.averages;
  out.curves.settle_s = imported.settle_s;
  out.curves.chips = std::move(chips.all);
  return out;
}

}  // namespace pnn::study
