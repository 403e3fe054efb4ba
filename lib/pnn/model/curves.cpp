#include "pnn/model/curves.hpp"

#include "pnn/core/text.hpp"

namespace pnn::model {

std::string text_of(const std::vector<TakenUnder>& conditions) {
  std::vector<std::string> parts;
  for (const TakenUnder& c : conditions)
    parts.push_back(c.name + " = " + format_short(c.value, 6) + (c.unit == "1" ? "" : " " + c.unit));
  return join(parts, ", ");
}

}  // namespace pnn::model
