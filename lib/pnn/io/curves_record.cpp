#include <cmath>
#include <numeric>

#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::io {
namespace {

/// Padding is padding in all three: a current without a response (or the reverse) is a broken curve.
void check_padding(Reader& in, const std::string& group, const model::ChipCurves& chip) {
  for (std::size_t k = 0; k < chip.control.size(); ++k) {
    const bool padded = std::isnan(chip.control.data[k]);
    if (padded == std::isnan(chip.response.data[k]) && padded == std::isnan(chip.sigma.data[k])) continue;
    return in.complain(group + ": control, response and sigma are not NaN in the same places (value " +
                       std::to_string(k) + ")");
  }
}

void check_direction(Reader& in, const std::string& group, const model::ChipCurves& chip) {
  for (const int direction : chip.direction) {
    if (direction == 1 || direction == -1) continue;
    return in.complain(group + "/direction: expected 1 or -1, found " + std::to_string(direction));
  }
}

void check_pairs(Reader& in, const std::string& group, const model::ChipCurves& chip) {
  for (const auto* list : {&chip.pair_victim, &chip.pair_aggressor}) {
    for (const int element : *list) {
      if (static_cast<std::size_t>(element) < chip.elements.size()) continue;
      return in.complain(group + ": a pair names element " + std::to_string(element) + " of " +
                         std::to_string(chip.elements.size()));
    }
  }
}

model::ChipCurves& read_pairs(Reader& in, const std::string& group, model::ChipCurves& chip) {
  chip.pair_victim = in.vector<std::int32_t>(group + "/pair_victim");
  chip.pair_aggressor = in.vector<std::int32_t>(group + "/pair_aggressor");
  chip.pair_victim_control = in.array<double>(group + "/pair_victim_control");
  chip.pair_control = in.array<double>(group + "/pair_control");
  chip.pair_response = in.array<double>(group + "/pair_response");
  chip.pair_sigma = in.array<double>(group + "/pair_sigma");
  std::size_t present = 0;
  const char* names[] = {"pair_victim",  "pair_aggressor", "pair_victim_control",
                         "pair_control", "pair_response",  "pair_sigma"};
  for (const char* name : names) present += in.has(group + "/" + name) ? 1 : 0;
  if (present != 0 && present != std::size(names))
    in.complain(group + ": expected all of the pair_ datasets, or none");
  return chip;
}

/// The platforms of imported curves, which no layer tells.
std::vector<std::string> platforms_of(const model::Curves& curves) {
  std::vector<std::string> words;
  for (const model::ChipCurves& chip : curves.chips)
    if (!chip.platform.empty()) words.push_back(chip.platform);
  return words;
}

std::string read_platform(Reader& in, const std::string& path) {
  std::string word = in.text(path);
  if (in.sound() && platform::find_platform(word) == nullptr)
    in.complain(path + ": unknown platform \"" + word + "\"");
  return word;
}

std::vector<model::TakenUnder> read_conditions(Reader& in, const std::string& group) {
  std::vector<model::TakenUnder> conditions;
  for (const h5::Member& member : in.members(group)) {
    const std::string path = group + "/" + member.name;
    conditions.push_back({member.name, in.attribute(path, "units"), in.number(path)});
  }
  return conditions;
}

model::ReadingLog read_log(Reader& in) {
  model::ReadingLog log;
  if (!in.has("/unfinished/group")) return log;
  log.group = in.vector<std::uint64_t>("/unfinished/group");
  log.calls = in.vector<std::uint64_t>("/unfinished/calls");
  log.mean = in.vector<double>("/unfinished/mean");
  log.error = in.vector<double>("/unfinished/error");
  log.temperature_c = in.vector<double>("/unfinished/temperature");
  const std::uint64_t readings = std::accumulate(log.group.begin(), log.group.end(), std::uint64_t{0});
  if (in.sound() && readings != log.mean.size())
    in.complain("/unfinished: groups of " + std::to_string(readings) + " readings, and " +
                std::to_string(log.mean.size()) + " readings");
  return log;
}

}  // namespace

void write_curves(const std::string& path, const CurvesFile& curves, const Provenance& header) {
  write_record(path, "curves", header, [&](Writer& out) {
    write_network(out, curves.network);
    write_process(out, curves.process, curves.network, platforms_of(curves.curves));
    out.count("/averages", static_cast<std::uint64_t>(curves.curves.averages));
    out.number("/settle", curves.curves.settle_s);
    if (!curves.notes.empty()) out.texts("/notes", curves.notes);
    if (curves.placement.missing != study::Missing::refuse)
      out.text("/missing", word_of(curves.placement.missing));
    if (curves.placement.repeat) out.count("/repeat_elements", 1);
    if (!curves.unfinished.empty()) {
      out.vector("/unfinished/group", curves.unfinished.group);
      out.vector("/unfinished/calls", curves.unfinished.calls);
      out.vector("/unfinished/mean", curves.unfinished.mean);
      out.vector("/unfinished/error", curves.unfinished.error);
      out.vector("/unfinished/temperature", curves.unfinished.temperature_c);
    }
    write_chips(
        out, "/curves", curves.curves.chips, [&](const std::string& group, const model::ChipCurves& chip) {
          if (!chip.platform.empty()) out.text(group + "/platform", chip.platform);
          out.texts(group + "/elements", chip.elements);
          for (const model::TakenUnder& c : chip.conditions)
            out.array<double>(group + "/conditions/" + c.name, {}, {&c.value, 1}, {c.unit, "", {}});
          out.vector(group + "/temperature", chip.temperature_c);
          if (!chip.direction.empty()) out.vector<std::int32_t>(group + "/direction", chip.direction);
          out.array(group + "/control", chip.control, {chip.control_unit, "", {}});
          out.array(group + "/response", chip.response);
          out.array(group + "/sigma", chip.sigma);
          if (chip.pair_victim.empty()) return;
          out.vector<std::int32_t>(group + "/pair_victim", chip.pair_victim);
          out.vector<std::int32_t>(group + "/pair_aggressor", chip.pair_aggressor);
          out.array(group + "/pair_victim_control", chip.pair_victim_control, {chip.control_unit, "", {}});
          out.array(group + "/pair_control", chip.pair_control, {chip.control_unit, "", {}});
          out.array(group + "/pair_response", chip.pair_response);
          out.array(group + "/pair_sigma", chip.pair_sigma);
        });
  });
}

Read<CurvesFile> read_curves(const std::string& path) {
  return read_record<Read<CurvesFile>>(path, "curves", [](Reader& in) {
    CurvesFile file;
    file.network = read_network(in);
    file.process = read_process(in, file.network);
    constexpr std::uint64_t most = 1'000'000'000;
    file.curves.averages = static_cast<int>(std::min(in.count("/averages"), most));
    if (in.has("/settle")) file.curves.settle_s = in.number("/settle");
    read_plans(in, file.network, file.process);
    file.unfinished = read_log(in);
    file.notes = in.texts("/notes");
    if (in.has("/missing")) file.placement.missing = in.word<study::Missing>("/missing");
    file.placement.repeat = in.has("/repeat_elements") && in.count("/repeat_elements") > 0;
    file.curves.chips =
        read_chips<model::ChipCurves>(in, "/curves", [&](const std::string& group, model::ChipCurves& chip) {
          if (in.has(group + "/platform")) chip.platform = read_platform(in, group + "/platform");
          chip.elements = in.texts(group + "/elements");
          if (in.has(group + "/conditions")) chip.conditions = read_conditions(in, group + "/conditions");
          chip.temperature_c = in.vector<double>(group + "/temperature");
          chip.direction = in.vector<std::int32_t>(group + "/direction");
          chip.control = in.array<double>(group + "/control");
          chip.control_unit = in.attribute(group + "/control", "units");
          chip.response = in.array<double>(group + "/response");
          chip.sigma = in.array<double>(group + "/sigma");
          read_pairs(in, group, chip);
          if (!in.sound()) return;
          check_padding(in, group, chip);
          check_direction(in, group, chip);
          check_pairs(in, group, chip);
        });
    if (in.sound() && file.curves.chips.empty() && file.unfinished.empty())
      in.complain("/curves: no chip in it");
    return file;
  });
}

}  // namespace pnn::io
