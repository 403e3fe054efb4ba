#include "pnn/model/model.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/platform/d2nn_masks.hpp"
#include "pnn/platform/freespace.hpp"
#include "pnn/platform/mesh.hpp"

namespace pnn::model {
namespace {

const ChipModel& chip_of(const Model& model, const platform::LayerPlan& plan) {
  for (const ChipModel& chip : model.chips) {
    if (chip.key == plan.chip_key() || chip.key == imported_chip) return chip;
  }
  std::string known;
  for (const ChipModel& chip : model.chips) known += (known.empty() ? "" : ", ") + chip.key;
  throw UsageError("layer " + plan.name() + ": the model has no chip \"" + plan.chip_key() + "\" (it has " +
                   (known.empty() ? "none" : known) + "); fit a model of this network");
}

void check_index(const ChipModel& chip, std::size_t index) {
  const std::size_t devices = chip.values.dim(0);
  if (index >= devices) {
    throw UsageError(
        "the model holds " + std::to_string(devices) + " device(s), so device " + std::to_string(index) +
        " has no model; characterise and fit it, or name a device below " + std::to_string(devices));
  }
}

/// One fitted parameter of a chip over the elements of a plan; `missing` where the kind has no such
/// parameter.
std::vector<double> spread_over_elements(const ChipModel& chip, std::size_t index, const char* name,
                                         Index rings, double missing) {
  std::vector<double> out(std::size_t(rings), missing);
  const auto found = std::find(chip.parameters.begin(), chip.parameters.end(), name);
  if (found == chip.parameters.end()) return out;
  const std::size_t parameter = std::size_t(found - chip.parameters.begin());
  const std::size_t count = chip.parameters.size(), elements = chip.values.dim(1);
  require(elements > 0, "a model has a ring on each chip");
  const std::span<const double> values = chip.values.slice(index);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = values[(k % elements) * count + parameter];
  return out;
}

Array<double> knots_over_rings(const Array<double>& knots, std::size_t index, Index rings) {
  const std::size_t elements = knots.dim(1), count = knots.dim(2);
  require(elements > 0, "a spline model has a ring on each chip");
  Array<double> out({std::size_t(rings), count});
  const std::span<const double> from = knots.slice(index);
  for (std::size_t k = 0; k < std::size_t(rings); ++k) {
    std::copy_n(from.begin() + std::ptrdiff_t(k % elements * count), count,
                out.data.begin() + std::ptrdiff_t(k * count));
  }
  return out;
}

}  // namespace

std::vector<std::string> ring_names(const platform::BankPlan& plan) {
  std::vector<std::string> names;
  for (Index ring = 0; ring < plan.rings(); ++ring) {
    const Index local = ring % plan.rings_per_chip();
    std::string name =
        "row " + std::to_string(local / plan.chip_cols) + " col " + std::to_string(local % plan.chip_cols);
    if (plan.reuse == platform::Reuse::space)
      name = "tile " + std::to_string(ring / plan.rings_per_chip()) + " " + name;
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> element_names(const platform::LayerPlan& plan) {
  if (plan.freespace() != nullptr) return {"display"};
  if (plan.d2nn() != nullptr) {
    std::vector<std::string> names;
    for (Index k = 0; k < plan.d2nn()->masks(); ++k) names.push_back("mask " + std::to_string(k + 1));
    return names;
  }
  return plan.bank() != nullptr ? ring_names(*plan.bank()) : platform::phase_names(plan.mesh()->mesh);
}

namespace {

/// Names, units and design values of an element's parameters.
struct Design {
  std::vector<std::string> parameters, units;
  std::vector<double> values;
};
Design design_of(const platform::LayerPlan& plan, const platform::Process& process) {
  if (plan.mesh() != nullptr) return {{"offset_rad"}, {"rad"}, {0}};
  if (plan.freespace() != nullptr)
    return {{"rotation_rad", "magnification", "shift_x_px", "shift_y_px", "blur_px"},
            {"rad", "1", "px", "px", "px"},
            {0, 0, 0, 0, 0}};
  if (plan.d2nn() != nullptr)
    return {{"rotation_rad", "magnification", "shift_x_px", "shift_y_px", "axial_um"},
            {"rad", "1", "px", "px", "um"},
            {0, 0, 0, 0, 0}};
  const platform::MrrProcess& p = process.mrr;
  return {{"delta_nm", "eta_nm_per_mw", "resistance_ohm", "r", "a"},
          {"nm", "nm/mW", "Ohm", "1", "1"},
          {p.delta_nm, p.eta_nm_per_mw, p.resistance_ohm, p.r, p.a}};
}

}  // namespace

Model nominal_model(std::vector<platform::LayerPlan> plans, const platform::Process& process) {
  Model model;
  model.process = process;
  model.plans = std::move(plans);
  for (const platform::LayerPlan& plan : model.plans) {
    const std::string key = plan.chip_key();
    const auto same = [&](const ChipModel& chip) { return chip.key == key; };
    if (const auto known = std::find_if(model.chips.begin(), model.chips.end(), same);
        known != model.chips.end()) {
      known->layers.push_back(plan.name());
      continue;
    }
    Design design = design_of(plan, process);
    ChipModel chip;
    chip.key = key;
    chip.layers = {plan.name()};
    chip.kind = "nominal";
    chip.elements = element_names(plan);
    const std::size_t elements = chip.elements.size(), count = design.values.size();
    chip.values = Array<double>({1, elements, count});
    for (std::size_t k = 0; k < chip.values.size(); ++k) chip.values.data[k] = design.values[k % count];
    chip.parameters = std::move(design.parameters);
    chip.units = std::move(design.units);
    chip.covariance = Array<double>({1, elements, count, count});
    chip.rms_residual = Array<double>({1, elements});
    chip.remarks.resize(elements);
    model.chips.push_back(std::move(chip));
  }
  return model;
}

platform::BankPhysics model_physics(const Model& model, const platform::BankPlan& plan, std::size_t index) {
  const ChipModel& chip = chip_of(model, plan);
  check_index(chip, index);
  if (chip.kind == "airy+crosstalk") {
    platform::BankPhysics physics = platform::full_physics(model.process.mrr);
    physics.crosstalk = chip.crosstalk.slice(index)[0];
    physics.crosstalk_length = chip.crosstalk.slice(index)[1];
    return physics;
  }
  platform::BankPhysics physics = platform::ideal_physics(model.process.mrr);
  if (chip.kind == "nominal") return physics;
  physics.polarity = platform::Polarity::drop_thru;
  if (chip.kind == "lorentzian") physics.response = platform::Response::lorentzian;
  if (chip.kind == "spline") physics.response = platform::Response::spline;
  return physics;
}

platform::RingParameters model_rings(const Model& model, const platform::BankPlan& plan, std::size_t index) {
  const ChipModel& chip = chip_of(model, plan);
  check_index(chip, index);
  const platform::MrrProcess& process = model.process.mrr;
  const Index rings = plan.rings();
  const auto parameter = [&](const char* name, double missing) {
    return spread_over_elements(chip, index, name, rings, missing);
  };

  platform::RingParameters out;
  out.delta_nm = parameter("delta_nm", 0);
  out.eta_nm_per_mw = parameter("eta_nm_per_mw", process.eta_nm_per_mw);
  out.resistance_ohm = parameter("resistance_ohm", process.resistance_ohm);
  out.beta_per_ma2 = parameter("beta_per_ma2", 0);
  out.r = parameter("r", process.r);
  out.a = parameter("a", process.a);
  out.gain = parameter("gain", 1);
  out.offset = parameter("offset", 0);
  if (chip.kind == "lorentzian") {
    // known are P_res = δ/η and P_hw = γ/η; the map's nanometres follow with the process's η
    const std::vector<double> resonance = parameter("p_res_mw", 0), half_width = parameter("p_hw_mw", 0);
    out.gain = parameter("amplitude", 0);
    out.hwhm_nm.resize(std::size_t(rings));
    for (std::size_t k = 0; k < out.hwhm_nm.size(); ++k) {
      out.delta_nm[k] = out.eta_nm_per_mw[k] * resonance[k];
      out.hwhm_nm[k] = out.eta_nm_per_mw[k] * half_width[k];
    }
  }
  if (chip.kind == "spline") {
    out.knot_detuning_nm = knots_over_rings(chip.knot_detuning_nm, index, rings);
    out.knot_weight = knots_over_rings(chip.knot_weight, index, rings);
  }
  return out;
}

namespace {

/// The errors of a mesh that the model knows: offsets of phases, where they were measured. What a phase is
/// most likely is between the measured offset and the design, by its standard error and the process's spread
/// σ: offset · σ²/(σ² + error²).
platform::MeshErrors model_errors(const Model& model, const platform::LayerPlan& plan, std::size_t index) {
  const ChipModel& chip = chip_of(model, plan);
  check_index(chip, index);
  const platform::MeshPlan& mesh = plan.mesh()->mesh;
  platform::MeshErrors errors = platform::no_errors(mesh);
  errors.phase = spread_over_elements(chip, index, "offset_rad", mesh.control_count(), 0);
  const std::size_t elements = chip.values.dim(1), count = chip.parameters.size();
  const auto found = std::find(chip.parameters.begin(), chip.parameters.end(), "offset_rad");
  const std::size_t parameter = std::size_t(found - chip.parameters.begin());
  const double spread = model.process.mzi.phase_sigma_rad * model.process.mzi.phase_sigma_rad;
  for (std::size_t k = 0; found != chip.parameters.end() && k < errors.phase.size(); ++k) {
    const double variance =
        chip.covariance.slice(index)[((k % elements) * count + parameter) * count + parameter];
    if (variance > 0) errors.phase[k] *= spread / (spread + variance);
  }
  return errors;
}

/// A free-space system as the model knows it: aligned, or as it was measured.
template <class Real>
std::unique_ptr<platform::TransferMap<Real>> make_optics(const Model& model, const platform::LayerPlan& plan,
                                                         std::size_t index) {
  const ChipModel& chip = chip_of(model, plan);
  check_index(chip, index);
  const auto value = [&](const char* name) { return spread_over_elements(chip, index, name, 1, 0).front(); };
  platform::FreespacePhysics physics = platform::ideal_physics(model.process.freespace);
  physics.blur_px = value("blur_px");
  platform::FreespaceErrors errors = platform::no_errors(model.process.freespace);
  if (!chip.gain_knots.data.empty()) {
    const std::span<const double> knots = chip.gain_knots.slice(index);
    require(Index(knots.size()) == platform::gain_knots, "a registration has the knots of a gain field");
    errors.gain.assign(knots.begin(), knots.end());
  }
  errors.misalignment.rotation_rad = value("rotation_rad");
  errors.misalignment.magnification = value("magnification");
  errors.misalignment.shift_x_px = value("shift_x_px");
  errors.misalignment.shift_y_px = value("shift_y_px");
  return platform::make_freespace<Real>(*plan.freespace(), physics, errors);
}

/// Masks as the model knows them: aligned, or as they were measured.
template <class Real>
std::unique_ptr<platform::TransferMap<Real>> make_diffraction(const Model& model,
                                                              const platform::LayerPlan& plan,
                                                              std::size_t index) {
  const ChipModel& chip = chip_of(model, plan);
  check_index(chip, index);
  const auto values = [&](const char* name) {
    return spread_over_elements(chip, index, name, plan.d2nn()->masks(), 0);
  };
  const std::vector<double> rotation = values("rotation_rad"), magnification = values("magnification"),
                            shift_x = values("shift_x_px"), shift_y = values("shift_y_px"),
                            axial = values("axial_um");
  platform::D2nnErrors errors;
  errors.misalignments.resize(rotation.size());
  for (std::size_t k = 0; k < rotation.size(); ++k) {
    platform::System& m = errors.misalignments[k];
    m.rotation_rad = rotation[k];
    m.magnification = magnification[k];
    m.shift_x_px = shift_x[k];
    m.shift_y_px = shift_y[k];
    m.axial_um = axial[k];
  }
  return platform::make_masks<Real>(*plan.d2nn(), model.process.d2nn.phase_sigma_rad, errors);
}

}  // namespace

template <class Real>
std::vector<std::unique_ptr<platform::TransferMap<Real>>> make_maps(const Model& model, std::size_t index) {
  std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps;
  for (const platform::LayerPlan& plan : model.plans) {
    if (const platform::BankPlan* bank = plan.bank(); bank != nullptr) {
      maps.push_back(platform::make_bank<Real>(*bank, model_physics(model, *bank, index),
                                               model_rings(model, *bank, index)));
    } else if (plan.freespace() != nullptr) {
      maps.push_back(make_optics<Real>(model, plan, index));
    } else if (plan.d2nn() != nullptr) {
      maps.push_back(make_diffraction<Real>(model, plan, index));
    } else {
      maps.push_back(platform::make_mesh<Real>(plan.mesh()->mesh, platform::ideal_physics(model.process.mzi),
                                               model_errors(model, plan, index)));
    }
  }
  return maps;
}
template std::vector<std::unique_ptr<platform::TransferMap<float>>> make_maps(const Model&, std::size_t);
template std::vector<std::unique_ptr<platform::TransferMap<double>>> make_maps(const Model&, std::size_t);

}  // namespace pnn::model
