#include "pnn/platform/process.hpp"

#include <algorithm>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::platform {
namespace {

constexpr std::size_t most_chips = 4096;  // streams by which random numbers of a chip are addressed

const std::vector<QuantityAlias>& aliases() {
  static const std::vector<QuantityAlias> all = [] {
    std::vector<QuantityAlias> found;
    for (const Platform* platform : registry()) {
      const std::vector<QuantityAlias> own = platform->aliases();
      found.insert(found.end(), own.begin(), own.end());
    }
    return found;
  }();
  return all;
}

const QuantityAlias* find_alias(std::string_view name) {
  for (const QuantityAlias& alias : aliases())
    if (alias.name == name) return &alias;
  return nullptr;
}

const ProcessField* find_field(std::string_view name) {
  for (const ProcessField& field : process_fields())
    if (field.name == name) return &field;
  return nullptr;
}

[[noreturn]] void refuse(std::string_view name) {
  std::vector<std::string> known;
  for (const QuantityAlias& alias : aliases()) known.push_back(alias.name);
  for (const ProcessField& field : process_fields()) known.push_back(field.name);
  throw UsageError("unknown process value \"" + std::string(name) + "\"" + did_you_mean(name, known));
}

}  // namespace

Process::Process() {
  values_.reserve(process_fields().size());
  for (const ProcessField& field : process_fields()) values_.push_back(field.initial);
}

std::size_t Process::first_of(std::string_view name) {
  const ProcessField* field = find_field(name);
  require(field != nullptr, "a process of a platform that is registered");
  return field->number;
}

const std::vector<ProcessField>& process_fields() {
  static const std::vector<ProcessField> all = [] {
    std::vector<ProcessField> fields;
    for (const Platform* platform : registry()) {
      for (const Quantity& quantity : platform->quantities())
        fields.push_back({quantity, fields.size(), platform->word()});
    }
    return fields;
  }();
  return all;
}

void set_process_value(Process& process, std::string_view assignment) {
  const auto equal = assignment.find('=');
  if (equal == std::string_view::npos) {
    throw UsageError("process value \"" + std::string(assignment) + "\": expected NAME=VALUE, for example " +
                     process_example());
  }
  const std::string_view name = trim(assignment.substr(0, equal));
  const std::string_view text = trim(assignment.substr(equal + 1));
  set_process_value(process, name, parse_quantity(process_quantity(name), text));
}

const Quantity& process_quantity(std::string_view name) {
  if (const QuantityAlias* alias = find_alias(name)) return *alias;
  if (const ProcessField* field = find_field(name)) return *field;
  refuse(name);
}

std::string process_number(std::string_view name) {
  const QuantityAlias* alias = find_alias(name);
  return alias != nullptr ? alias->stands_for : std::string(name);
}

void set_process_value(Process& process, std::string_view name, double value) {
  const std::string wrong = complaint_about(process_quantity(name), value);
  if (!wrong.empty()) throw UsageError(wrong);
  const QuantityAlias* alias = find_alias(name);
  process[find_field(process_number(name))->number] = alias != nullptr ? alias->convert(value) : value;
}

namespace {

void check_correlation_length(const std::string& name, const Process& process, const std::string& option) {
  constexpr std::string_view length = ".correlation.length";
  if (!name.ends_with(length)) return;
  const std::string begin = name.substr(0, name.size() - length.size() + 1);
  std::vector<std::string> shares;
  for (const ProcessField& field : process_fields()) {
    if (!field.name.starts_with(begin) || !field.name.ends_with(".smooth")) continue;
    shares.push_back(field.name);
    if (field.of(process) > 0) return;
  }
  throw UsageError(option + " " + name + ": acts on nothing here; no share of a deviation varies smoothly (" +
                   join(shares, ", ") + ")");
}

}  // namespace

void check_process_value(const std::string& name, const std::vector<AnyPlan>& plans, const Process& process,
                         const std::string& option) {
  const ProcessField& field = *find_field(process_number(process_quantity(name).name));
  std::vector<std::string> words;
  for (const LayerPlan& plan : plans) {
    const std::string word = plan.platform().word();
    if (word == field.platform) return check_correlation_length(field.name, process, option);
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  throw UsageError(option + " " + name + ": acts on layers of " + field.platform + ", and this network has " +
                   (words.empty() ? "no physical one" : "those of " + join(words, ", ")));
}

std::string process_example() {
  const auto spread = std::find_if(process_fields().begin(), process_fields().end(),
                                   [](const ProcessField& field) { return field.spread; });
  require(spread != process_fields().end(), "some platform has a spread");
  return spread->name + "=" + format_number(spread->initial);
}

std::vector<std::string> check_process(const Process& process) {
  std::vector<std::string> wrong;
  for (const Platform* platform : registry()) {
    for (std::string& complaint : platform->complaints_about(process)) wrong.push_back(std::move(complaint));
  }
  return wrong;
}

std::vector<std::string> check_layers(const std::vector<AnyPlan>& plans, const Process& process) {
  std::vector<std::string> wrong;
  std::set<std::string> chips;
  for (const LayerPlan& plan : plans) {
    for (std::string& complaint : plan.complaints_about(process)) wrong.push_back(std::move(complaint));
    chips.insert(plan.chip_key());
  }
  if (chips.size() > most_chips) {
    wrong.push_back("the network has " + std::to_string(chips.size()) + " chips, where random numbers are " +
                    "addressed for " + std::to_string(most_chips) + "; take fewer layers, or reuse=time");
  }
  return wrong;
}

Process scale_spreads(Process process, double factor) {
  for (const ProcessField& field : process_fields())
    if (field.spread) process[field.number] *= factor;
  return process;
}

}  // namespace pnn::platform
