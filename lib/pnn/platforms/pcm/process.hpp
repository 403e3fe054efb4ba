// The fabrication process of crossbars of phase-change cells: design values and spreads of cells and
// couplers, drift, noise. Units: dB, s; transmissions and levels are numbers from 0 to 1. Every default can
// be set by name, and its description names its source or says that it is assumed.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "pnn/platform/spread.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::pcm {

/// "sigma" is one standard deviation over cells or couplers of one device; README.md has the formulas.
struct Process {
  double amorphous = 0.9;           ///< T_a: transmission of an amorphous cell
  double amorphous_sigma = 0.02;    ///< absolute
  double crystalline = 0.35;        ///< T_c: of a crystalline cell
  double crystalline_sigma = 0.02;  ///< absolute
  double bend = 0.46;               ///< b: how far transmission against level hangs below a straight line
  double bend_sigma = 0.05;         ///< absolute
  double levels = 34;               ///< that a cell can be programmed to; 0 is exact
  double programming_sigma = 0.01;  ///< error of the level after write-and-verify
  double split_sigma = 0.02;        ///< relative power error of each coupler
  double split_die_sigma = 0.02;    ///< relative power error that all couplers of a device have in common
  double loss_db = 0.04;            ///< of each crossing that light passes
  double drift = 0.005;          ///< nu: change of an amorphous cell a decade of time, in parts of T_a - T_c
  double drift_sigma = 0.005;    ///< absolute
  double array_rows = 16;        ///< inputs of an array; integer
  double array_cols = 16;        ///< columns of cells of an array; integer
  double readout_noise = 0.002;  ///< of the full scale of a detector
  double dead = 0;               ///< share of cells that stay crystalline, whatever is commanded
  double amorphous_die = 0, amorphous_smooth = 0;  ///< shares of the variance (platform/spread.hpp)
  double crystalline_die = 0, crystalline_smooth = 0;
  double bend_die = 0, bend_smooth = 0;
  double drift_die = 0, drift_smooth = 0;
  double split_smooth = 0;         ///< of split_sigma; what couplers have in common is split_die_sigma
  double correlation_length = 10;  ///< in cells: of the smooth shares

  [[nodiscard]] double contrast() const { return amorphous - crystalline; }

  /// Every number, in a fixed order.
  static const std::vector<QuantityOf<Process>>& quantities();
};

/// Most rows and most columns of an array.
inline constexpr int most_array_side = 1024;

/// How the variances of T_a, T_c, b, ν and of the couplers' errors divide over a die, with the beginning of
/// their names. The error of programming is another at each write and has no place on a die.
std::array<std::pair<const char*, SpreadShares>, 5> shares_of(const Process& process);

/// Numbers at odds with each other, all of them; empty when fine.
std::vector<std::string> conflicts_of(const Process& process);

}  // namespace pnn::platforms::pcm
