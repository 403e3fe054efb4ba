#include "pnn/platform/truth.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/platform/bank.hpp"
#include "pnn/platform/d2nn_masks.hpp"
#include "pnn/platform/freespace.hpp"
#include "pnn/platform/mesh.hpp"

namespace pnn::platform {
namespace {

const std::vector<TruthField>& ring_fields() {
  static const std::vector<TruthField> fields = {
      {"delta", "ring", "nm", "cold offset of each ring from its channel"},
      {"eta", "ring", "nm/mW", "tuning efficiency of each heater"},
      {"resistance", "ring", "ohm", "cold resistance of each heater"},
      {"beta", "ring", "1/mA^2", "self-heating of each resistance"},
      {"r", "ring", "1", "field self-coupling of both couplers of each ring"},
      {"a", "ring", "1", "single-pass field amplitude of each ring"},
  };
  return fields;
}

const std::vector<TruthField>& mesh_fields() {
  static const std::vector<TruthField> fields = {
      {"phase", "phase", "rad", "static error of each phase, in the order of the controls"},
      {"beta1", "interferometer", "rad", "error of the splitter that light meets first, as an angle"},
      {"beta2", "interferometer", "rad", "error of the splitter that light meets second, as an angle"},
  };
  return fields;
}

const std::vector<TruthField>& freespace_fields() {
  static const std::vector<TruthField> fields = {
      {"gain", "knot", "1", "knots of the uneven gain over the plane, row by row; 0 is even"},
      {"gamma", "display", "1", "true gamma of the display"},
      {"rotation", "display", "rad", "rotation of the display's picture on the modulator"},
      {"shift-x", "display", "px", "its shift to the right"},
      {"shift-y", "display", "px", "its shift downwards"},
      {"magnification", "display", "1", "its scale, minus 1"},
  };
  return fields;
}

const std::vector<TruthField>& mask_fields() {
  static const std::vector<TruthField> fields = {
      {"mask-phase", "pixel", "rad", "static error of each phase, in the order of the controls"},
      {"mask-rotation", "mask", "rad", "rotation of each mask about its centre"},
      {"mask-shift-x", "mask", "px", "its shift to the right"},
      {"mask-shift-y", "mask", "px", "its shift downwards"},
      {"mask-axial", "mask", "um", "its shift along the light"},
  };
  return fields;
}

/// The misalignments that a mask's hidden values hold, in the order of mask_fields(), the phase left out.
constexpr double System::*mask_misalignments[] = {&System::rotation_rad, &System::shift_x_px,
                                                  &System::shift_y_px, &System::axial_um};

D2nnErrors masks_of(const Truth& truth) {
  D2nnErrors errors;
  errors.phase = truth[0];
  errors.misalignments.resize(truth[1].size());
  for (std::size_t k = 0; k < errors.misalignments.size(); ++k) {
    for (std::size_t field = 1; field < truth.size(); ++field)
      errors.misalignments[k].*mask_misalignments[field - 1] = truth[field][k];
  }
  return errors;
}

Truth truth_of(const D2nnErrors& errors) {
  Truth truth{errors.phase};
  for (const auto parameter : mask_misalignments) {
    truth.emplace_back();
    for (const System& m : errors.misalignments) truth.back().push_back(m.*parameter);
  }
  return truth;
}

FreespaceErrors optics_of(const Truth& truth) {
  FreespaceErrors errors;
  errors.gain = truth[0];
  errors.gamma = truth[1][0];
  errors.misalignment.rotation_rad = truth[2][0];
  errors.misalignment.shift_x_px = truth[3][0];
  errors.misalignment.shift_y_px = truth[4][0];
  errors.misalignment.magnification = truth[5][0];
  return errors;
}

Truth truth_of(const FreespaceErrors& errors) {
  const System& m = errors.misalignment;
  return {errors.gain, {errors.gamma}, {m.rotation_rad}, {m.shift_x_px}, {m.shift_y_px}, {m.magnification}};
}

RingParameters rings_of(const Truth& truth) {
  RingParameters rings;
  rings.delta_nm = truth[0];
  rings.eta_nm_per_mw = truth[1];
  rings.resistance_ohm = truth[2];
  rings.beta_per_ma2 = truth[3];
  rings.r = truth[4];
  rings.a = truth[5];
  return rings;
}

Truth truth_of(const RingParameters& rings) {
  return {rings.delta_nm, rings.eta_nm_per_mw, rings.resistance_ohm, rings.beta_per_ma2, rings.r, rings.a};
}

void check(const LayerPlan& plan, const Truth& truth) {
  const std::vector<std::size_t> sizes = truth_sizes(plan);
  bool fits = truth.size() == sizes.size();
  for (std::size_t k = 0; fits && k < sizes.size(); ++k) fits = truth[k].size() == sizes[k];
  require(fits, "hidden values fit the chip of their layer");
}

}  // namespace

const std::vector<TruthField>& truth_fields(const LayerPlan& plan) {
  if (plan.freespace() != nullptr) return freespace_fields();
  if (plan.d2nn() != nullptr) return mask_fields();
  return plan.bank() != nullptr ? ring_fields() : mesh_fields();
}

std::vector<TruthField> all_truth_fields() {
  std::vector<TruthField> fields = ring_fields();
  for (const auto* more : {&mesh_fields(), &freespace_fields(), &mask_fields()})
    fields.insert(fields.end(), more->begin(), more->end());
  return fields;
}

std::vector<std::size_t> truth_sizes(const LayerPlan& plan) {
  if (plan.bank() != nullptr)
    return std::vector<std::size_t>(ring_fields().size(), std::size_t(plan.bank()->rings()));
  if (plan.freespace() != nullptr) {
    std::vector<std::size_t> sizes(freespace_fields().size(), 1);
    sizes.front() = std::size_t(gain_knots);
    return sizes;
  }
  if (const D2nnPlan* d2nn = plan.d2nn(); d2nn != nullptr) {
    std::vector<std::size_t> sizes(mask_fields().size(), std::size_t(d2nn->masks()));
    sizes.front() = std::size_t(d2nn->control_count());
    return sizes;
  }
  const MeshPlan& mesh = plan.mesh()->mesh;
  return {std::size_t(mesh.control_count()), std::size_t(mesh.mzis()), std::size_t(mesh.mzis())};
}

Truth nominal_truth(const LayerPlan& plan, const Process& process) {
  if (plan.bank() != nullptr) return truth_of(nominal_rings(process.mrr, plan.bank()->rings(), false));
  if (plan.freespace() != nullptr) return truth_of(no_errors(process.freespace));
  Truth truth;
  for (const std::size_t size : truth_sizes(plan)) truth.emplace_back(size, 0.0);
  return truth;
}

Truth draw_truth(const LayerPlan& plan, const Process& process, std::uint64_t seed, int purpose,
                 std::uint16_t chip, std::uint32_t device, std::uint32_t step) {
  if (plan.bank() != nullptr)
    return truth_of(draw_rings(process.mrr, plan.bank()->rings(), seed, purpose, chip, device, step));
  if (plan.freespace() != nullptr)
    return truth_of(draw_errors(process.freespace, seed, purpose, chip, device, step));
  if (plan.d2nn() != nullptr)
    return truth_of(draw_errors(process.d2nn, *plan.d2nn(), seed, purpose, chip, device, step));
  MeshErrors errors = draw_errors(process.mzi, plan.mesh()->mesh, seed, purpose, chip, device, step);
  return {std::move(errors.phase), std::move(errors.beta1), std::move(errors.beta2)};
}

double display_gamma(const Truth& truth) {
  return optics_of(truth).gamma;
}

template <class Real>
std::unique_ptr<TransferMap<Real>> make_device_map(const LayerPlan& plan, const Process& process,
                                                   const Truth& truth) {
  check(plan, truth);
  if (plan.bank() != nullptr)
    return make_bank<Real>(*plan.bank(), full_physics(process.mrr), rings_of(truth));
  if (plan.freespace() != nullptr)
    return make_freespace<Real>(*plan.freespace(), full_physics(process.freespace), optics_of(truth));
  if (plan.d2nn() != nullptr)
    return make_masks<Real>(*plan.d2nn(), process.d2nn.phase_sigma_rad, masks_of(truth));
  return make_mesh<Real>(plan.mesh()->mesh, full_physics(process.mzi), {truth[0], truth[1], truth[2]});
}

template <class Real>
void exchange_truth(TransferMap<Real>& map, const LayerPlan& plan, const Truth& truth) {
  check(plan, truth);
  if (plan.bank() != nullptr) {
    static_cast<Bank<Real>&>(map).set_rings(rings_of(truth));
  } else if (plan.freespace() != nullptr) {
    static_cast<Freespace<Real>&>(map).set_errors(optics_of(truth));
  } else if (plan.d2nn() != nullptr) {
    static_cast<D2nnMasks<Real>&>(map).set_errors(masks_of(truth));
  } else {
    static_cast<Mesh<Real>&>(map).set_errors({truth[0], truth[1], truth[2]});
  }
}

template std::unique_ptr<TransferMap<float>> make_device_map(const LayerPlan&, const Process&, const Truth&);
template std::unique_ptr<TransferMap<double>> make_device_map(const LayerPlan&, const Process&, const Truth&);
template void exchange_truth(TransferMap<float>&, const LayerPlan&, const Truth&);
template void exchange_truth(TransferMap<double>&, const LayerPlan&, const Truth&);

}  // namespace pnn::platform
