// One mesh layer of a device as a bench for its phase shifters: single readings of their fringes.
//
// A mesh without current is in its cross state up to static errors, so that nothing has to be known before
// the first fringe (platform/mesh_paths.hpp). With an input lit and a shifter driven, an output has a power
// |u + v e^{iθ}|² for any mesh at all; what has to be seen to is that u and v pass the shifter's own MZI
// alone, since a splitter wrong by β leaks an amplitude of some β on other ways, which shifts the fringe. So:
//
//   θ   one input is lit whose light meets the MZI, the output behind its cross port is read: cos²(θ/2).
//   α   one input is lit whose light meets the attenuator: cos² α.
//   φ   both inputs are lit whose light meets the MZI, which is held at both of its quadratures (±π/2) in
//       turn. Read is the mean of the four powers that add up in phase: behind the upper and the lower port,
//       with the inputs in phase or against it, so that what leaks from one input into the way of the other
//       and the MZI's own splitters (2 β2 at one quadrature) drop out.
//
// Phases that matter to none of this are drawn anew for each reading (φ of all MZIs for θ and α, those behind
// the MZI for φ, and ψ between two meshes): light on other ways then adds noise, which averages and shows in
// the standard error, in place of a bias, which does neither. Between the two meshes of an `svd` layout a
// single leak is enough to lead elsewhere, so that each reading is also the mean of two in which the modes
// that are on no way have their ψ turned by π. What is left: of φ, leaks of third order on the way in, since
// those phases have to stay (tests/study/fringes.cpp).
//
// ψ shifts no power. Where light is detected as a power (intensity, modulus) it has no effect; elsewhere it
// is not measured.
#pragma once

#include <vector>

#include "pnn/device/device.hpp"
#include "pnn/platform/mesh_paths.hpp"
#include "pnn/study/bench.hpp"

namespace pnn::study {

/// Shifters read in one call: of one kind and column, every eighth MZI, which do not heat each other (e^{−7}
/// of the crosstalk of a neighbour at a decay length of one MZI).
struct FringeGroup {
  platform::MeshControl kind = platform::MeshControl::theta;
  std::vector<Index> controls;
};

class FringeBench {
 public:
  /// `settle_s` passes between setting controls and reading.
  FringeBench(device::Device& device, std::size_t layer, int averages, double settle_s);

  /// Every shifter whose fringe an output shows: θ and α, then φ.
  [[nodiscard]] const std::vector<FringeGroup>& groups() const { return groups_; }

  /// Where φ finds its MZI at a quadrature: the phase to be commanded for θ = π/2, by θ's own fringe. π/2
  /// until told.
  void set_quadrature(Index theta_control, double phase_rad);

  /// The group's shifters driven at `phase_rad` (commanded, any turn), all others at rest: the share of the
  /// light put in that is read, in the order of the group; mean and standard error over `averages` calls,
  /// each with other phases of what does not matter. Throws DeviceError on an output that is not finite.
  std::vector<Reading> read(const FringeGroup& group, double phase_rad);
  /// Goes on as if a group had been read: with the draws of the next.
  void skip() { draws_ += std::uint32_t(averages_); }

 private:
  /// What of the outputs is added up: the power of one output for one row of inputs.
  struct Term {
    std::size_t shifter;  ///< within its group
    Index row, output;
    int quadrature;  ///< of the MZI: +1, −1; 0 where it is not held (θ, α)
  };
  void plan_groups();
  [[nodiscard]] bool shows(Index control) const;
  void light(const FringeGroup& group);
  void light_both(std::size_t shifter, const platform::CrossedMzi& mzi);
  void scramble(const platform::ControlPlace& first);
  void find_ways(const FringeGroup& group);
  void run_at(int quadrature, const FringeGroup& group, double phase_rad);
  void call();

  device::Device& device_;
  std::size_t layer_;
  platform::MeshLayer plan_;
  platform::CrossedPaths paths_;
  std::vector<FringeGroup> groups_;
  int averages_;
  double settle_s_;
  std::uint32_t draws_ = 0;         ///< scrambles so far: the address of the next
  std::vector<double> quadrature_;  ///< [MZI]
  std::vector<Term> terms_;
  std::vector<bool> on_way_;  ///< [attenuator]: modes between the meshes on the ways of the group
  std::vector<float> controls_;
  std::vector<double> scramble_;
  Matrix<float> inputs_, outputs_;
  Matrix<double> power_;  ///< [row, output]
};

}  // namespace pnn::study
