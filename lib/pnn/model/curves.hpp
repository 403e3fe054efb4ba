// Measured tuning curves, and sweeps of pairs of elements for their crosstalk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::model {

/// A condition under which curves were taken, by the name and with the value that --set takes.
struct TakenUnder {
  std::string name, unit;
  double value = 0;
  bool operator==(const TakenUnder&) const = default;
};

/// "age = 60 s, rotation = 1 °".
std::string text_of(const std::vector<TakenUnder>& conditions);

/// The curves of one chip, or of elements measured elsewhere. D: devices, E: elements, T: temperatures, P:
/// points of a sweep.
struct ChipCurves {
  std::string key;                    ///< chip key, or "import"
  std::vector<std::string> layers;    ///< names of the layers that run on the chip; empty for an import
  std::string platform;               ///< of an import: the word of its platform; empty where layers tell it
  std::vector<std::string> elements;  ///< names of the elements, [E]
  /// Conditions that acted on the chip, its temperature apart, in the order of device::condition_table().
  std::vector<TakenUnder> conditions;
  std::vector<double> temperature_c;  ///< [T]; one value unless several were measured
  /// [P] +1 for a point on the way up, −1 on the way down; empty: unknown (imports)
  std::vector<int> direction;
  std::string control_unit = "mA";  ///< "1" if the control is the number of a reading
  Array<double> control;            ///< [D, E, T, P] as commanded; NaN fills up shorter imported curves
  Array<double> response;           ///< [D, E, T, P] mean of the averaged readings
  Array<double> sigma;              ///< [D, E, T, P] standard error of the response (0: unknown)
  /// [D, E, T, P] °C, the temperature of each reading where it drifted within a sweep, of which temperature_c
  /// is then the mean; empty: it did not.
  Array<double> reading_temperature_c;
  /// Sweeps of Q pairs, at the first temperature: the response of element `victim`, held on the flank of its
  /// curve, while element `aggressor` is swept and all others are parked.
  std::vector<int> pair_victim, pair_aggressor;  ///< [Q] numbers of elements
  Array<double> pair_victim_control;             ///< [D, Q] mA
  Array<double> pair_control;                    ///< [D, Q, P2] mA, control of the aggressor
  Array<double> pair_response;                   ///< [D, Q, P2]
  Array<double> pair_sigma;                      ///< [D, Q, P2]
};

/// The readings of an unfinished measurement, in the order in which they were taken.
struct ReadingLog {
  std::vector<double> mean, error;    ///< of each reading, as ChipCurves::response and sigma
  std::vector<std::uint64_t> group;   ///< number of readings that were taken together
  std::vector<std::uint64_t> calls;   ///< number of device calls of each group
  std::vector<double> temperature_c;  ///< temperatures read in between
  [[nodiscard]] bool empty() const { return group.empty(); }
};

/// All curves of one characterisation.
struct Curves {
  std::vector<ChipCurves> chips;
  int averages = 1;
  double settle_s = 0;  ///< from setting controls to reading; 0 also if unknown
};

}  // namespace pnn::model
