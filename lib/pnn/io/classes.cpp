#include "pnn/io/classes.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t longest_label = 250;  // bytes; a file keeps all labels in the width of the longest
/// More different numbers than these may be values of a quantity.
constexpr std::size_t surely_classes = 20;
constexpr std::size_t fewest_of_a_class = 3;

/// What two spellings of one label have in common.
std::string key_of(std::string_view label) {
  const std::optional<double> number = read_number(label);
  return number ? format_number(*number + 0.0) : std::string(label);  // −0 is 0
}

}  // namespace

bool is_no_label(std::string_view text) {
  static const std::set<std::string, std::less<>> words = {"", "nan", "na", "n/a", "?"};
  return words.contains(lower_case(text.substr(0, 5)));
}

Classes::Classes(const std::vector<std::string>& labels, const std::string& where, std::vector<Note>& notes) {
  std::map<std::string, std::set<std::string_view>> spellings;
  for (const std::string& label : labels) {
    if (label.size() > longest_label)
      throw InputError(where + ": a label of " + std::to_string(label.size()) + " bytes, where " +
                       std::to_string(longest_label) + " are the most");
    spellings[key_of(label)].insert(label);
  }
  bool all_numbers = true, fractions = false;
  for (const auto& [key, written] : spellings) {
    const std::optional<double> number = read_number(key);
    all_numbers = all_numbers && number;
    fractions = fractions || (number && *number != std::floor(*number));
  }
  if (spellings.size() < 2)
    throw InputError(where + ": expected two classes or more, found only \"" +
                     (spellings.empty() ? "" : spellings.begin()->first) + "\"");
  if (all_numbers && spellings.size() > surely_classes &&
      (fractions || labels.size() < fewest_of_a_class * spellings.size())) {
    throw InputError(
        where + ": " + std::to_string(spellings.size()) + " different numbers in " +
        std::to_string(labels.size()) +
        " samples, which are no classes but values of a quantity (more than " +
        std::to_string(surely_classes) +
        " numbers, with fractions or fewer than 3 samples each); learn the quantity itself with "
        "--regression, name "
        "the column of the classes (--label-column), write intervals of the quantity as classes, or give the "
        "classes names that are no numbers");
  }
  std::vector<std::string> keys;
  for (const auto& [key, written] : spellings) {
    keys.push_back(key);
    if (written.size() == 1) continue;
    const std::vector<std::string> all(written.begin(), written.end());
    notes.push_back({"the labels " + join(all, ", ") + " are one class, \"" + key + "\"", true});
  }
  const auto name_of = [&](const std::string& key) {
    const std::set<std::string_view>& written = spellings.at(key);
    return written.size() == 1 ? std::string(*written.begin()) : key;
  };
  std::sort(keys.begin(), keys.end(), [&](const std::string& a, const std::string& b) {
    return all_numbers ? *read_number(a) < *read_number(b) : name_of(a) < name_of(b);
  });
  for (const std::string& key : keys) {
    number_of_[key] = std::int32_t(names_.size());
    names_.push_back(name_of(key));
  }
}

std::vector<std::int32_t> Classes::numbers(const std::vector<std::string>& labels,
                                           const std::function<std::string(std::size_t)>& where) const {
  std::vector<std::int32_t> numbers;
  numbers.reserve(labels.size());
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const auto found = number_of_.find(key_of(labels[k]));
    if (found == number_of_.end())
      throw InputError(where(k) + ": label \"" + labels[k] + "\" is none of the " +
                       std::to_string(names_.size()) + " classes of the training samples");
    numbers.push_back(found->second);
  }
  return numbers;
}

}  // namespace pnn::io
