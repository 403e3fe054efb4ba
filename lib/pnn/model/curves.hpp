// Measured tuning curves, and sweeps of pairs for crosstalk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::model {

/// Curves of one chip (or of a lab's elements). Shapes: D devices, E elements, T temperatures, P points.
struct ChipCurves {
  std::string key;                    ///< chip key, or "import"
  std::vector<std::string> layers;    ///< physical layers that run on it; empty for an import
  std::vector<std::string> elements;  ///< names, E
  std::vector<double> temperature_c;  ///< T; one value unless swept
  std::vector<int> direction;         ///< P: +1 taken going up, −1 going down; empty: unknown (imports)
  std::string control_unit = "mA";    ///< "1" of registrations, whose control numbers the readings
  Array<double> control;              ///< [D, E, T, P], as set; NaN pads shorter imported curves
  Array<double> response;             ///< [D, E, T, P] weight, averaged
  Array<double> sigma;                ///< [D, E, T, P] standard error of the response (0: unknown)
  /// Pair sweeps: response of `victim` held on its flank while `aggressor` is swept, the others
  /// parked, at the first temperature. Q pairs.
  std::vector<int> pair_victim, pair_aggressor;  ///< Q, element numbers
  Array<double> pair_victim_control;             ///< [D, Q] mA
  Array<double> pair_control;                    ///< [D, Q, P2] mA of the aggressor
  Array<double> pair_response;                   ///< [D, Q, P2]
  Array<double> pair_sigma;                      ///< [D, Q, P2]
};

/// What a measurement that is not finished has read, in the order in which it reads.
struct ReadingLog {
  std::vector<double> mean, error;    ///< of each reading, as in ChipCurves::response and sigma
  std::vector<std::uint64_t> group;   ///< readings that came together
  std::vector<std::uint64_t> calls;   ///< device calls behind each group
  std::vector<double> temperature_c;  ///< read on the way
  [[nodiscard]] bool empty() const { return group.empty(); }
};

/// All curves of one characterisation.
struct Curves {
  std::vector<ChipCurves> chips;
  int averages = 1;
  double settle_s = 0;  ///< from setting heaters to reading; 0 also where it is not known
};

}  // namespace pnn::model
