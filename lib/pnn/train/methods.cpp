#include "pnn/train/methods.hpp"

#include <algorithm>

#include "pnn/core/text.hpp"

namespace pnn::train {
namespace {

/// What acts on a method that has a part.
struct PartOptions {
  bool (*has)(const MethodTraits&);
  std::vector<std::string> options;
};

const std::vector<PartOptions>& part_options() {
  static const std::vector<PartOptions> parts = {
      {[](const MethodTraits& m) { return m.learns_residuals; }, {"dat-states", "dat-lr"}},
      {[](const MethodTraits& m) { return !m.needs_model(); }, {"probe"}},
      {[](const MethodTraits& m) { return m.ascends || m.remembers; },
       {"rho", "rho-group", "rho-warmup", "radius", "ascent-norm"}},
      {[](const MethodTraits& m) { return m.ascends_freely(); },
       {"ascent-steps", "random-start", "reuse-ascent"}},
      {[](const MethodTraits& m) { return m.remembers; }, {"ascent-memory", "ascent-sign"}},
      {[](const MethodTraits& m) { return m.adds_noise; }, {"sigma"}},
      {[](const MethodTraits& m) { return m.may_move_weights; }, {"space"}},
      {[](const MethodTraits& m) { return m.penalises_slope; }, {"lambda"}},
  };
  return parts;
}

}  // namespace

std::vector<std::string> options_of(const MethodTraits& traits) {
  std::vector<std::string> options;
  for (const PartOptions& part : part_options()) {
    if (part.has(traits)) options.insert(options.end(), part.options.begin(), part.options.end());
  }
  return options;
}

std::string idle_reason(std::string_view option, const MethodTraits& traits) {
  for (const PartOptions& part : part_options()) {
    if (std::find(part.options.begin(), part.options.end(), option) == part.options.end() || part.has(traits))
      continue;
    return "--method " + std::string(traits.name) + " does not read it, but " + methods_with(part.has);
  }
  return "";
}

std::string methods_with(bool (*holds)(const MethodTraits&), std::string_view last_word) {
  std::vector<std::string> names;
  for (const MethodTraits& traits : method_table) {
    if (holds(traits)) names.emplace_back(traits.name);
  }
  if (names.size() < 2) return join(names, "");
  const std::string last = names.back();
  names.pop_back();
  return join(names, ", ") + " " + std::string(last_word) + " " + last;
}

std::string cost_in_words(const MethodTraits& m) {
  const auto thirds = [](int losses) {
    return losses % 3 == 0 ? std::to_string(losses / 3) : std::to_string(losses) + "/3";
  };
  if (m.losses_a_parameter > 0)
    return thirds(m.losses) + " + " + thirds(m.losses_a_parameter) + " a parameter";
  if (m.gradients == 0) return thirds(m.losses);
  std::string cost = std::to_string(m.gradients + (m.in_weight_space ? 1 : 0));
  if (m.ascends_freely()) cost += " + ascent steps";
  if (m.losses > 0) cost += " + " + thirds(m.losses);
  return cost;
}

std::string method_help() {
  std::string help = "how gradients are made";
  std::string separator = ": ";
  bool on_device = false;
  for (const MethodTraits& traits : method_table) {
    if (traits.on_device() && !on_device) separator = "; on a device (--device): ";
    on_device = traits.on_device();
    help += separator + std::string(traits.name) + " " + std::string(traits.step);
    separator = "; ";
  }
  return help;
}

}  // namespace pnn::train
