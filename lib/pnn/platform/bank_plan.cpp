#include "pnn/platform/bank_plan.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

std::vector<std::uint16_t> chip_numbers(const std::vector<BankPlan>& plans) {
  std::vector<std::string> keys;
  std::vector<std::uint16_t> numbers;
  for (const BankPlan& plan : plans) {
    const std::string key = plan.chip_key();
    const auto it = std::find(keys.begin(), keys.end(), key);
    numbers.push_back(std::uint16_t(it - keys.begin()));
    if (it == keys.end()) keys.push_back(key);
  }
  return numbers;
}

std::vector<std::string> layer_names(const std::vector<BankPlan>& plans) {
  std::vector<std::string> names;
  names.reserve(plans.size());
  for (const BankPlan& plan : plans) names.push_back(plan.name);
  return names;
}

std::vector<bool> select_layers(const std::vector<std::string>& names, const std::string& list) {
  if (trim(list).empty()) return std::vector<bool>(names.size(), true);
  std::vector<bool> selected(names.size(), false);
  for (const std::string& part : split(list, ',')) {
    const std::string name(trim(part));
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      throw UsageError("--only-layers: no physical layer \"" + name + "\"" + did_you_mean(name, names) +
                       " (there are " + join(names, ", ") + ")");
    }
    selected[std::size_t(it - names.begin())] = true;
  }
  return selected;
}

}  // namespace pnn::platform
