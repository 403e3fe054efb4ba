// Measures the fringes of single phase shifters through one mesh layer of a device.
//
// A mesh without current is in its cross state up to static errors, so that nothing has to be known before
// the first fringe (paths.hpp). If one input is lit and one shifter is driven, an output has the power |u + v
// e^{iθ}|² in any mesh. The conditions are such that u and v pass only the MZI of the shifter, since a
// splitter with error β leaks an amplitude of about β onto other paths, which would shift the fringe:
//
//   θ   One input is lit whose light meets the MZI; the output behind its cross port is read: cos²(θ/2).
//   α   One input is lit whose light meets the attenuator: cos² α.
//   φ   Both inputs are lit whose light meets the MZI, which is held at both of its quadratures (±π/2) in
//   turn.
//       The reading is the mean of the four powers that add up in phase: behind the upper and the lower port,
//       with the inputs in phase or in antiphase, so that leakage from one input into the path of the other
//       and the MZI's own splitters (2 β2 at one quadrature) cancel.
//
// Phases that do not matter to the reading are set to new random values for each reading (φ of all MZIs for θ
// and α, those behind the MZI for φ, and ψ between two meshes). Light on other paths then adds noise, which
// averages out and appears in the standard error, instead of a bias, which does neither. Between the two
// meshes of an `svd` layout a single leak is enough to reach another path; there each reading is also the
// mean of two, in which the modes outside all paths have their ψ turned by π. What remains are, for φ, leaks
// of third order before the MZI, whose phases must stay (tests/platforms/mzi/fringes.cpp).
//
// ψ of the outputs shifts no power. If light is detected as a power (intensity, modulus) it has no effect;
// otherwise it is not measured.
#pragma once

#include <vector>

#include "pnn/device/device.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mzi/paths.hpp"
#include "pnn/platforms/mzi/platform.hpp"

namespace pnn::platforms::mzi::lab {

/// Shifters that are read in one call: of one kind and column, every eighth MZI, so that they do not heat
/// each other (e^{−7} of the crosstalk of a neighbour at a decay length of one MZI).
struct FringeGroup {
  MeshControl kind = MeshControl::theta;
  std::vector<Index> controls;
};

/// Whether some output shows the fringe of a phase shifter.
bool shows_fringe(const MeshPlan& plan, const CrossedPaths& paths, Index control);

/// One mesh layer of a device, through which phase shifters are read.
class FringeBench {
 public:
  /// `averages`: calls in one reading. `settle_s`: time between setting controls and reading.
  FringeBench(device::Device& device, std::size_t layer, int averages, double settle_s);

  /// All shifters whose fringe some output shows: θ and α, then φ.
  [[nodiscard]] const std::vector<FringeGroup>& groups() const { return groups_; }

  /// Sets the phase at which the MZI of θ_control is at its quadrature: the one to be commanded for θ = π/2,
  /// known from the fringe of θ. The default is π/2.
  void set_quadrature(Index theta_control, double phase_rad);

  /// Drives the shifters of the group at `phase_rad` (as commanded, of any size), with all others at rest,
  /// and reads for each the share of the input light, in the order of the group: mean and standard error over
  /// `averages` calls, each with new random phases where they do not matter. Throws DeviceError for an output
  /// that is not finite.
  std::vector<Reading> read(const FringeGroup& group, double phase_rad);
  /// Continues as if a group had been read: the next one uses the random numbers after it.
  void skip() { draws_ += std::uint32_t(averages_); }

 private:
  /// One of the powers that a reading adds up: of one output, for one row of inputs.
  struct Term {
    std::size_t shifter;  ///< its number in the group
    Index row, output;
    int quadrature;  ///< quadrature of the MZI: +1, −1; 0 if it is not held (θ, α)
  };
  void plan_groups();
  void light(const FringeGroup& group);
  void light_both(std::size_t shifter, const CrossedMzi& mzi);
  void scramble(const ControlPlace& first);
  void find_ways(const FringeGroup& group);
  void run_at(int quadrature, const FringeGroup& group, double phase_rad);
  void call();

  device::Device& device_;
  std::size_t layer_;
  MeshLayer plan_;
  CrossedPaths paths_;
  std::vector<FringeGroup> groups_;
  int averages_;
  double settle_s_;
  std::uint32_t draws_ = 0;         ///< number of random settings so far: the address of the next
  std::vector<double> quadrature_;  ///< [MZI]
  std::vector<Term> terms_;
  std::vector<bool> on_way_;  ///< whether a mode between the meshes is on a path of the group
  std::vector<float> controls_;
  std::vector<double> scramble_;
  Matrix<float> inputs_, outputs_;
  Matrix<double> power_;  ///< [row, output]
};

}  // namespace pnn::platforms::mzi::lab
