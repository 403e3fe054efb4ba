#include "pnn/study/placement.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "pnn/core/errors.hpp"
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
  /// All elements that have this name.
  [[nodiscard]] std::set<Spot> find(const std::string& name) const {
    const auto found = spots_.find(comparable_name(name));
    return found == spots_.end() ? std::set<Spot>() : found->second;
  }
  [[nodiscard]] std::string name_of(const Spot& spot) const {
    return (all.size() > 1 ? all[spot.chip].layers.front() + " " : "") +
           all[spot.chip].elements[spot.element];
  }

  std::vector<ChipCurves> all;
  std::vector<std::vector<bool>> needed;  ///< whether the network needs a curve of each element

 private:
  void enter(std::size_t chip, const std::string& before) {
    for (std::size_t element = 0; element < all[chip].elements.size(); ++element)
      spots_[comparable_name(before + " " + all[chip].elements[element])].insert({chip, element});
  }
  std::map<std::string, std::set<Spot>> spots_;
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
  }

  /// The element of each imported one, chips.all.size() as chip where it has none.
  std::vector<Spot> spots(Missing missing, std::vector<std::string>& notes) {
    std::vector<Spot> spots;
    std::vector<std::string> unknown, several;
    std::map<Spot, std::string> taken;
    std::size_t most = 0;
    for (const std::string& name : from_.elements) {
      const std::string& place = place_of(name);
      const std::set<Spot> found = chips_.find(place);
      spots.push_back(found.size() == 1 ? *found.begin() : Spot{chips_.all.size(), 0});
      if (found.empty()) {
        unknown.push_back(place == name ? name : name + " (" + place + ")");
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
    return spots;
  }

 private:
  [[nodiscard]] const std::string& place_of(const std::string& name) const {
    const auto mapped = sent_.find(comparable_name(name));
    return mapped == sent_.end() ? name : mapped->second;
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
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
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
