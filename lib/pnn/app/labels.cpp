#include "pnn/app/labels.hpp"

#include <algorithm>

#include "pnn/core/text.hpp"

namespace pnn::app {
namespace {

/// Settings of a training, word by word, but for those that trainings of one method may differ in.
std::vector<std::string> settings_of_method(const Provenance& header) {
  std::vector<std::string> words = split(header.command, ' ');
  std::erase_if(
      words, [](const std::string& word) { return word.starts_with("seed=") || word.starts_with("index="); });
  return words;
}

}  // namespace

std::vector<std::string> mixed_labels(const std::vector<Training>& trainings) {
  std::vector<std::string> mixed, remarks;
  for (const Training& training : trainings) {
    const std::string& label = training.label;
    const auto first = std::find_if(trainings.begin(), trainings.end(),
                                    [&](const Training& other) { return other.label == label; });
    const std::vector<std::string> ours = settings_of_method(training.header),
                                   theirs = settings_of_method(first->header);
    if (ours == theirs || std::find(mixed.begin(), mixed.end(), label) != mixed.end()) continue;
    mixed.push_back(label);
    const auto other = std::find_if(ours.begin(), ours.end(), [&](const std::string& word) {
      return std::find(theirs.begin(), theirs.end(), word) == theirs.end();
    });
    remarks.push_back("trainings of the label \"" + label + "\" differ in their settings" +
                      (other == ours.end() ? "" : " (" + *other + ")") +
                      " and count as one method; give each method a --label of its own");
  }
  return remarks;
}

}  // namespace pnn::app
