#include "pnn/platform/process.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {
namespace {

const char* const polarity_name = "mrr.polarity";
const char* const split_name = "mzi.split";

void set_polarity(MrrProcess& process, std::string_view text) {
  if (text == "drop-thru") {
    process.polarity = Polarity::drop_thru;
  } else if (text == "thru-drop") {
    process.polarity = Polarity::thru_drop;
  } else {
    throw UsageError(std::string(polarity_name) + ": expected drop-thru or thru-drop, found \"" +
                     std::string(text) + "\"");
  }
}

}  // namespace

const std::vector<ProcessField>& process_fields() {
  static const std::vector<ProcessField> all = [] {
    std::vector<ProcessField> fields;
    for (const MrrQuantity& q : mrr_quantities())
      fields.push_back({q, [member = q.value](Process& p) -> double& { return p.mrr.*member; }});
    for (const MziQuantity& q : mzi_quantities())
      fields.push_back({q, [member = q.value](Process& p) -> double& { return p.mzi.*member; }});
    return fields;
  }();
  return all;
}

void set_process_value(Process& process, std::string_view assignment) {
  const auto equal = assignment.find('=');
  if (equal == std::string_view::npos) {
    throw UsageError("process value \"" + std::string(assignment) +
                     "\": expected NAME=VALUE, for example mrr.delta.sigma=0.1");
  }
  const std::string_view name = trim(assignment.substr(0, equal));
  const std::string_view text = trim(assignment.substr(equal + 1));
  if (name == polarity_name) return set_polarity(process.mrr, text);
  if (name == split_name) {
    const double split = parse_quantity({split_name, "1", "", 0, 1, false, true}, text);
    process.mzi.split_sigma_rad = split_angle(split);
    return;
  }
  const auto& fields = process_fields();
  const auto field =
      std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
  if (field == fields.end()) {
    std::vector<std::string> known{polarity_name, split_name};
    for (const ProcessField& f : fields) known.push_back(f.name);
    throw UsageError("unknown process value \"" + std::string(name) + "\"" + did_you_mean(name, known));
  }
  field->at(process) = parse_quantity(*field, text);
}

std::vector<std::string> check_process(const Process& process) {
  std::vector<std::string> wrong = check_process(process.mrr);
  const std::vector<std::string> more = check_process(process.mzi);
  wrong.insert(wrong.end(), more.begin(), more.end());
  return wrong;
}

Process scale_spreads(Process process, double factor) {
  process.mrr = scale_spreads(process.mrr, factor);
  process.mzi = scale_spreads(process.mzi, factor);
  return process;
}

}  // namespace pnn::platform
