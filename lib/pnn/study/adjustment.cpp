#include "pnn/study/adjustment.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/evaluate.hpp"

namespace pnn::study {
namespace {

const char* const nothing = "none";

/// The trims of "temperature,batchnorm", in the order in which they are made.
std::vector<Trim> parse_trims(const std::string& text) {
  std::vector<Trim> trims;
  if (trim(text) == nothing) return trims;
  std::vector<std::string> known{nothing};
  for (const std::string& name : word_names<Trim>()) known.push_back(name);
  for (const std::string& part : split(text, ',')) {
    const std::string word(trim(part));
    const std::optional<Trim> found = read_word<Trim>(word);
    if (!found && word == nothing)
      throw UsageError("--trim " + text + ": none stands alone; give --trim none besides for a column of it");
    if (!found)
      throw UsageError("--trim: expected " + join(known, ", ") +
                       ", or some of them as temperature,batchnorm; found \"" + word + "\"" +
                       did_you_mean(word, known));
    if (std::find(trims.begin(), trims.end(), *found) != trims.end())
      throw UsageError("--trim " + text + ": " + word + " stands twice");
    trims.push_back(*found);
  }
  std::sort(trims.begin(), trims.end());
  return trims;
}

/// Whether these values of --trim show no samples but those of a fine-tuning.
bool trims_nothing(const std::vector<std::string>& trim) {
  return std::all_of(trim.begin(), trim.end(), [](const std::string& words) {
    return words == nothing || words == word_of(Trim::finetune);
  });
}

struct Unit {
  const char* name;
  double seconds;
};
constexpr Unit units[] = {{"h", 3600}, {"min", 60}, {"s", 1}};

/// "once", "always", "10min".
Adjustment parse_times(const std::string& text) {
  if (text == "once") return {};
  if (text == "always") return {.when = Adjustment::When::always};
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    const double every_s =
        unit.seconds *
        parse_number(text.substr(0, text.size() - std::string_view(unit.name).size()), "--recalibrate");
    if (!(every_s > 0)) throw UsageError("--recalibrate " + text + ": expected a time above 0");
    return {.when = Adjustment::When::periodically, .every_s = every_s};
  }
  throw UsageError(
      "--recalibrate: expected once, always, or a time with its unit as 30s, 10min or 1h; found \"" + text +
      "\"");
}

}  // namespace

bool Adjustment::does(Trim one) const {
  return std::find(trims.begin(), trims.end(), one) != trims.end();
}

std::string Adjustment::text() const {
  std::vector<std::string> words;
  for (const Trim one : trims) words.push_back(word_of(one));
  const std::string what = words.empty() ? nothing : join(words, ",");
  if (when == When::once) return what;
  if (when == When::always) return what + " always";
  for (const Unit& unit : units)
    if (const double count = every_s / unit.seconds; count == std::round(count))
      return what + " every " + format_number(count) + unit.name;
  return what + " every " + format_number(every_s) + "s";
}

Due due_at(double time_s, double first_s, double every_s) {
  constexpr double rounding = 1e-9;  // of an interval: times along a trace are sums
  const double passed = std::floor(std::max(0.0, time_s - first_s) / every_s + rounding);
  return {first_s + passed * every_s, 1 + std::size_t(passed)};
}

void MapSettings::describe(Options& o) {
  o.group("Deployment");
  o.choice("map", map,
           "what is carried to a device: the controls as trained, or the weights, inverted through the "
           "device's own model (--models)");
  std::string meanings;
  for (const Word<Trim>& word : word_table<Trim>)
    meanings += "; " + std::string(word.name) + " " + std::string(word.meaning);
  o.list(
      "trim", trim, "WORDS",
      "what training samples adjust on each device: none" + meanings +
          "; several of them as temperature,batchnorm, made in that order; --trim again for a further column "
          "of the comparison, with what it costs");
  o.integer("trim-samples", trim_samples, "N", "training samples shown while trimming",
            Limits::between(1, 1e6))
      .idle = [this] { return trims_nothing(trim) ? "nothing is trimmed (--trim)" : ""; };
  o.choice("statistics", statistics,
           "what batch normalisation divides by: file the running statistics of the training, which a "
           "deployed chip has; shown those of every " +
               std::to_string(network::evaluation_batch) +
               " samples shown, under the very condition that is evaluated: to compare with accuracies that "
               "were measured so, for no deployed chip has them");
}

void MapSettings::describe_recalibration(Options& o) {
  Option& option = o.list("recalibrate", recalibrate, "WHEN",
                          "when --trim is made: once, under the conditions of --set (also if this is not "
                          "given); always, anew under "
                          "every condition that is evaluated; or every so often along a --trace, as 10min "
                          "(s, min, h), under the drift of "
                          "that moment; again for a further column of the comparison");
  option.later = true;
  option.idle = [this] { return trims_nothing(trim) ? "nothing is trimmed (--trim)" : ""; };
}

std::vector<Adjustment> MapSettings::adjustments(bool fine_tunes) const {
  std::vector<Adjustment> asked, all;
  for (const std::string& words : trim) asked.push_back({.trims = parse_trims(words)});
  const bool named =
      std::any_of(asked.begin(), asked.end(), [](const Adjustment& a) { return a.finetunes(); });
  if (named && !fine_tunes)
    throw UsageError("--trim finetune: says of how many steps nothing; give --finetune-steps (pnn-transfer)");
  for (Adjustment& one : asked) {
    if (fine_tunes && !named) one.trims.insert(one.trims.begin(), Trim::finetune);
    if (!one.trims_any() || recalibrate.empty()) {
      all.push_back(one);
      continue;
    }
    for (const std::string& text : recalibrate) {
      Adjustment when = parse_times(text);
      when.trims = one.trims;
      all.push_back(when);
    }
  }
  for (std::size_t k = 0; k < all.size(); ++k)
    if (std::find(all.begin(), all.begin() + std::ptrdiff_t(k), all[k]) != all.begin() + std::ptrdiff_t(k))
      throw UsageError("--trim: " + all[k].text() + " stands twice");
  return all;
}

bool MapSettings::shows_samples(bool fine_tunes) const {
  const std::vector<Adjustment> all = adjustments(fine_tunes);
  return std::any_of(all.begin(), all.end(), [](const Adjustment& a) { return !a.trims.empty(); });
}

void MapSettings::check(bool has_models, bool fine_tunes) const {
  const std::vector<Adjustment> all = adjustments(fine_tunes);
  const bool takes =
      std::any_of(all.begin(), all.end(), [](const Adjustment& a) { return a.does(Trim::batchnorm); });
  if (statistics == NormalizedBy::shown && takes)
    throw UsageError(
        "--statistics shown reads no running statistics, and --trim batchnorm takes them: give one");
  if (map == Carried::weights && !has_models)
    throw UsageError("--map weights: needs --models, a model file fitted to the curves of these devices");
  if (map == Carried::controls && has_models && !fine_tunes)
    throw UsageError("--models: only --map weights and --finetune-steps read them");
}

}  // namespace pnn::study
