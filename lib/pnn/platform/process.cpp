#include "pnn/platform/process.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {
namespace {

const char* const polarity_name = "mrr.polarity";

/// The spread mzi.bs in the other convention in use.
const Quantity& split_quantity() {
  static const Quantity split{
      "mzi.split",
      "1",
      "Spread of the splitters' power errors e, (1+e)/2 : (1-e)/2; another way to say mzi.bs.",
      0,
      1,
      false,
      true};
  return split;
}

const ProcessField* find_field(std::string_view name) {
  for (const ProcessField& field : process_fields())
    if (field.name == name) return &field;
  return nullptr;
}

[[noreturn]] void refuse(std::string_view name, std::vector<std::string> known) {
  known.push_back(split_quantity().name);
  for (const ProcessField& field : process_fields()) known.push_back(field.name);
  throw UsageError("unknown process value \"" + std::string(name) + "\"" + did_you_mean(name, known));
}

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
    for (const FreespaceQuantity& q : freespace_quantities())
      fields.push_back({q, [member = q.value](Process& p) -> double& { return p.freespace.*member; }});
    for (const D2nnQuantity& q : d2nn_quantities())
      fields.push_back({q, [member = q.value](Process& p) -> double& { return p.d2nn.*member; }});
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
  if (name != split_quantity().name && find_field(name) == nullptr) refuse(name, {polarity_name});
  set_process_value(process, name, parse_quantity(process_quantity(name), text));
}

const Quantity& process_quantity(std::string_view name) {
  if (name == split_quantity().name) return split_quantity();
  if (const ProcessField* field = find_field(name)) return *field;
  refuse(name, {});
}

std::string process_number(std::string_view name) {
  return name == split_quantity().name ? "mzi.bs" : std::string(name);
}

void set_process_value(Process& process, std::string_view name, double value) {
  const std::string wrong = complaint_about(process_quantity(name), value);
  if (!wrong.empty()) throw UsageError(wrong);
  find_field(process_number(name))->at(process) = name == split_quantity().name ? split_angle(value) : value;
}

std::vector<std::string> check_process(const Process& process) {
  std::vector<std::string> wrong = check_process(process.mrr);
  for (const auto& more :
       {check_process(process.mzi), check_process(process.freespace), check_process(process.d2nn)})
    wrong.insert(wrong.end(), more.begin(), more.end());
  return wrong;
}

Process scale_spreads(Process process, double factor) {
  process.mrr = scale_spreads(process.mrr, factor);
  process.mzi = scale_spreads(process.mzi, factor);
  process.freespace = scale_spreads(process.freespace, factor);
  process.d2nn = scale_spreads(process.d2nn, factor);
  return process;
}

}  // namespace pnn::platform
