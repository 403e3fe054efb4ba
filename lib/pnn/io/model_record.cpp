#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/platform/freespace.hpp"

namespace pnn::io {
namespace {

constexpr const char* kinds[] = {"nominal", "lorentzian", "airy",        "airy+crosstalk",
                                 "spline",  "fringe",     "registration"};

void check_chip(Reader& in, const std::string& group, const model::ChipModel& chip) {
  if (std::find(std::begin(kinds), std::end(kinds), chip.kind) == std::end(kinds)) {
    in.complain(group +
                "/kind: expected nominal, lorentzian, airy, airy+crosstalk, spline, fringe or registration, "
                "found \"" +
                chip.kind + "\"");
  }
  if (chip.elements.empty()) in.complain(group + "/elements: expected at least one");
  if (!chip.crosstalk.data.empty() && chip.crosstalk.dim(1) != 2)
    in.complain(group + "/crosstalk: expected strength and length, found " +
                std::to_string(chip.crosstalk.dim(1)) + " numbers");
  if (chip.kind == "spline" && chip.knot_detuning_nm.data.empty())
    in.complain(group + ": a spline without knots");
  if (chip.kind == "airy+crosstalk" && chip.crosstalk.data.empty())
    in.complain(group + ": airy+crosstalk without crosstalk");
  if (!chip.gain_knots.data.empty() && Index(chip.gain_knots.dim(2)) != platform::gain_knots)
    in.complain(group + "/gain_knots: expected " + std::to_string(platform::gain_knots) + ", found " +
                std::to_string(chip.gain_knots.dim(2)));
}

}  // namespace

void write_model(const std::string& path, const ModelFile& file, const Provenance& header) {
  check_plans(file.model.plans, file.network, file.model.process);
  write_record(path, "model", header, [&](Writer& out) {
    write_network(out, file.network);
    write_process(out, file.model.process, file.network);
    write_chips(out, "/model", file.model.chips, [&](const std::string& group, const model::ChipModel& chip) {
      out.text(group + "/kind", chip.kind);
      out.texts(group + "/elements", chip.elements);
      out.texts(group + "/parameters", chip.parameters);
      out.texts(group + "/units", chip.units);
      out.array(group + "/values", chip.values);
      out.array(group + "/covariance", chip.covariance);
      out.array(group + "/rms_residual", chip.rms_residual);
      if (!chip.crosstalk.data.empty()) out.array(group + "/crosstalk", chip.crosstalk);
      if (!chip.crosstalk_sigma.data.empty()) out.array(group + "/crosstalk_sigma", chip.crosstalk_sigma);
      if (!chip.knot_detuning_nm.data.empty()) {
        out.array(group + "/knot_detuning", chip.knot_detuning_nm);
        out.array(group + "/knot_weight", chip.knot_weight);
      }
      if (!chip.gain_knots.data.empty()) out.array(group + "/gain_knots", chip.gain_knots);
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
          chip.crosstalk = in.array<double>(group + "/crosstalk");
          chip.crosstalk_sigma = in.array<double>(group + "/crosstalk_sigma");
          chip.knot_detuning_nm = in.array<double>(group + "/knot_detuning");
          chip.knot_weight = in.array<double>(group + "/knot_weight");
          chip.gain_knots = in.array<double>(group + "/gain_knots");
          chip.remarks = in.texts(group + "/remarks");
          if (in.sound()) check_chip(in, group, chip);
        });
    if (in.sound() && file.model.chips.empty() && !file.model.plans.empty())
      in.complain("/model: no chip in it");
    return file;
  });
}

}  // namespace pnn::io
