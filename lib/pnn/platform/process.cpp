#include "pnn/platform/process.hpp"

#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {
namespace {

const char* const polarity_name = "mrr.polarity";

constexpr Index most_heated_rings = Index(1) << 14;  // their crosstalk is then 2 GiB
constexpr std::size_t most_chips = 4096;             // the streams of draw_errors and draw_rings

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

std::vector<std::string> check_layers(const std::vector<LayerPlan>& plans, const Process& process) {
  std::vector<std::string> wrong;
  const MrrProcess& rings = process.mrr;
  const double channels = channels_of_bus(rings.fsr_nm, rings.channel_spacing_nm);
  const bool heat_spreads = rings.crosstalk > 0;
  for (const LayerPlan& plan : plans) {
    const BankPlan* bank = plan.bank();
    if (bank == nullptr) continue;
    if (double(bank->chip_cols) > channels) {
      wrong.push_back(
          plan.name() + ": its chip has " + std::to_string(bank->chip_cols) +
          " columns, but a bus carries at most " + format_number(channels) +
          " channels (floor(mrr.fsr / mrr.channel.spacing)); take chip=ROWSxCOLUMNS with at most " +
          format_number(channels) + " columns, or a closer mrr.channel.spacing");
    }
    const Index heated =
        std::min<Index>(bank->out, bank->chip_rows) * std::min<Index>(bank->in, bank->chip_cols);
    if (heat_spreads && heated > most_heated_rings) {
      wrong.push_back(plan.name() + ": heat of " + std::to_string(heated) +
                      " rings of one chip on each other is a matrix of " +
                      format_short(8e-9 * double(heated) * double(heated), 3) +
                      " GB; take a chip of at most " + std::to_string(most_heated_rings) +
                      " rings, or mrr.crosstalk=0");
    }
  }
  std::set<std::string> chips;
  for (const LayerPlan& plan : plans) chips.insert(plan.chip_key());
  if (chips.size() > most_chips) {
    wrong.push_back("the network has " + std::to_string(chips.size()) + " chips, where random numbers are " +
                    "addressed for " + std::to_string(most_chips) + "; take fewer layers, or reuse=time");
  }
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
