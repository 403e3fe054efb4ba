#include <algorithm>
#include <array>
#include <utility>

#include "pnn/core/text.hpp"
#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::io {
namespace {

/// What was judged of each element, by the name of its dataset.
template <class Chip>  // ChipModel, const or not
auto judgements(Chip& chip) {
  return std::array{std::pair("chi_square", &chip.chi_square), std::pair("noise", &chip.noise),
                    std::pair("held_out", &chip.held_out), std::pair("dead", &chip.dead)};
}

void check_chip(Reader& in, const std::string& group, const model::ChipModel& chip) {
  const std::vector<std::string> kinds = study::model_kinds();
  if (std::find(kinds.begin(), kinds.end(), chip.kind) == kinds.end())
    in.complain(group + "/kind: expected one of " + join(kinds, ", ") + ", found \"" + chip.kind + "\"");
  if (chip.elements.empty()) in.complain(group + "/elements: expected at least one");
  const std::vector<std::size_t> ends{chip.values.dim(0), chip.elements.size(), 2};
  if (!chip.measured.data.empty() && chip.measured.shape != ends)
    in.complain(group + "/measured: expected shape " + shape_text(ends) + ", found " +
                shape_text(chip.measured.shape));
  for (const study::PlatformLab* lab : study::labs())
    for (const std::string& complaint : lab->complaints_about(chip)) in.complain(group + complaint);
}

/// The platforms to whose curves the kinds of these chips are fitted.
std::vector<std::string> platforms_of(const model::Model& model) {
  std::vector<std::string> words;
  for (const model::ChipModel& chip : model.chips)
    if (const study::PlatformLab* lab = study::lab_of_kind(chip.kind))
      words.push_back(lab->platform().word());
  return words;
}

}  // namespace

void write_model(const std::string& path, const ModelFile& file, const Provenance& header) {
  check_plans(file.model.plans, file.network, file.model.process);
  write_record(path, "model", header, [&](Writer& out) {
    write_network(out, file.network);
    write_process(out, file.model.process, file.network, platforms_of(file.model));
    write_chips(out, "/model", file.model.chips, [&](const std::string& group, const model::ChipModel& chip) {
      out.text(group + "/kind", chip.kind);
      out.texts(group + "/elements", chip.elements);
      out.texts(group + "/parameters", chip.parameters);
      out.texts(group + "/units", chip.units);
      out.array(group + "/values", chip.values);
      out.array(group + "/covariance", chip.covariance);
      out.array(group + "/rms_residual", chip.rms_residual);
      for (const study::ModelArray& array : study::model_arrays())
        if (const auto held = chip.more.find(array.name); held != chip.more.end())
          out.array(group + "/" + array.name, held->second);
      if (!chip.measured.data.empty()) out.array(group + "/measured", chip.measured);
      for (const auto& [name, values] : judgements(chip))
        if (!values->data.empty()) out.array(group + "/" + name, *values);
      if (!chip.noise_from.empty()) out.texts(group + "/noise_from", chip.noise_from);
      if (!chip.assumed.empty()) out.texts(group + "/assumed", chip.assumed);
      out.texts(group + "/remarks", chip.remarks);
    });
  });
}

Read<ModelFile> read_model(const std::string& path) {
  return read_record<Read<ModelFile>>(path, "model", [](Reader& in) {
    ModelFile file;
    file.network = read_network(in);
    file.model.process = read_process(in, file.network);
    file.model.plans = read_plans(in, file.network, file.model.process);
    file.model.chips =
        read_chips<model::ChipModel>(in, "/model", [&](const std::string& group, model::ChipModel& chip) {
          chip.kind = in.text(group + "/kind");
          chip.elements = in.texts(group + "/elements");
          chip.parameters = in.texts(group + "/parameters");
          chip.units = in.texts(group + "/units");
          chip.values = in.array<double>(group + "/values");
          chip.covariance = in.array<double>(group + "/covariance");
          chip.rms_residual = in.array<double>(group + "/rms_residual");
          for (const study::ModelArray& array : study::model_arrays())
            if (Array<double> held = in.array<double>(group + "/" + array.name); !held.data.empty())
              chip.more.emplace(array.name, std::move(held));
          chip.measured = in.array<double>(group + "/measured");
          for (const auto& [name, values] : judgements(chip)) *values = in.array<double>(group + "/" + name);
          chip.noise_from = in.texts(group + "/noise_from");
          chip.assumed = in.texts(group + "/assumed");
          chip.remarks = in.texts(group + "/remarks");
          if (in.sound()) check_chip(in, group, chip);
        });
    if (in.sound() && file.model.chips.empty() && !file.model.plans.empty())
      in.complain("/model: no chip in it");
    return file;
  });
}

}  // namespace pnn::io
