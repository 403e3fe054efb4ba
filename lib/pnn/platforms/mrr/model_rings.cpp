#include "pnn/platforms/mrr/model_rings.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"

namespace pnn::platforms::mrr {
namespace {

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

BankPhysics model_physics(const Process& process, const ChipModel& chip, std::size_t index) {
  if (chip.kind == "airy+crosstalk") {
    BankPhysics physics = full_physics(process);
    const std::span<const double> crosstalk = chip.more.at("crosstalk").slice(index);
    physics.crosstalk = crosstalk[0];
    physics.crosstalk_length = crosstalk[1];
    return physics;
  }
  BankPhysics physics = ideal_physics(process);
  if (chip.kind == "nominal") return physics;
  physics.polarity = Polarity::drop_thru;
  if (chip.kind == "lorentzian") physics.response = Response::lorentzian;
  if (chip.kind == "spline") physics.response = Response::spline;
  return physics;
}

RingParameters model_rings(const Process& process, const ChipModel& chip, const BankPlan& plan,
                           std::size_t index) {
  const Index rings = plan.rings();
  const auto parameter = [&](const char* name, double missing) {
    return parameter_of(chip, index, name, rings, missing);
  };
  RingParameters out;
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
    out.knot_detuning_nm = knots_over_rings(chip.more.at("knot_detuning"), index, rings);
    out.knot_weight = knots_over_rings(chip.more.at("knot_weight"), index, rings);
  }
  return out;
}

}  // namespace pnn::platforms::mrr
