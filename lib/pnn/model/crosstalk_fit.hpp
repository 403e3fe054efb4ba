// Thermal crosstalk of a chip from sweeps of pairs: X = χ exp(−(distance − 1)/ℓ).
#pragma once

#include <vector>

#include "pnn/model/ring_curve.hpp"

namespace pnn::model {

/// One pair: a victim held on its flank while an aggressor is heated.
struct PairSweep {
  double distance = 1;  ///< in pitches
  double victim_r = 0.955;
  struct Neighbour {
    double distance;            ///< from the aggressor, in pitches
    double weight_by_detuning;  ///< of the victim's weight by the neighbour's detuning, a nm
  };
  struct Point {
    double detuning_nm = 0;             ///< of the victim without crosstalk
    double heat_nm = 0;                 ///< η P of the aggressor
    RowTerms row;                       ///< of the victim
    std::vector<Neighbour> neighbours;  ///< whose light changes as the aggressor heats them
    double response = 0;
  };
  std::vector<Point> points;
};

struct CrosstalkFit {
  double crosstalk = 0, length = 1;              ///< χ, ℓ (pitches)
  double crosstalk_sigma = 0, length_sigma = 0;  ///< standard errors; 0 unless `identified`
  double rms = 0;
  bool converged = false, identified = false;
};

/// Joint fit of χ and ℓ to all pairs of a chip. The mean of each sweep is left free: an error of the victim's
/// own curve moves its flank by more than its neighbours do. Needs pairs at two distances or more to
/// identify ℓ; throws InternalError on fewer than 4 points.
CrosstalkFit fit_crosstalk(const std::vector<PairSweep>& pairs, double fsr_nm, double a, double sign,
                           double sigma, double start_crosstalk);

}  // namespace pnn::model
