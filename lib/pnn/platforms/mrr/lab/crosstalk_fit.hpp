// Fits the thermal crosstalk of a chip, X = χ exp(−(distance − 1)/ℓ), to sweeps of pairs of rings.
#pragma once

#include <vector>

#include "pnn/platforms/mrr/lab/ring_curve.hpp"

namespace pnn::platforms::mrr::lab {

/// One pair: a ring (the victim) held on the flank of its curve while a neighbour (the aggressor) is heated.
struct PairSweep {
  double distance = 1;  ///< in pitches
  double victim_r = 0.955;
  struct Neighbour {
    double distance;            ///< distance from the aggressor, in pitches
    double weight_by_detuning;  ///< derivative of the victim's weight by the detuning of the neighbour, 1/nm
  };
  struct Point {
    double detuning_nm = 0;             ///< detuning of the victim without crosstalk
    double heat_nm = 0;                 ///< η P of the aggressor
    RowTerms row;                       ///< terms of the victim's row (row_optics.hpp)
    std::vector<Neighbour> neighbours;  ///< rings of the victim's row that the aggressor also heats
    double response = 0;
  };
  std::vector<Point> points;
};

/// The result of a fit.
struct CrosstalkFit {
  double crosstalk = 0, length = 1;              ///< χ, ℓ (pitches)
  double crosstalk_sigma = 0, length_sigma = 0;  ///< standard errors; 0 unless `identified`
  double rms = 0;
  bool converged = false, identified = false;
};

/// Joint fit of χ and ℓ to all pairs of a chip. The mean of each sweep is a free parameter, since an error of
/// the victim's own curve shifts its flank by more than its neighbours do. ℓ is identified only if pairs have
/// two distances or more. Throws InternalError for fewer than 4 points.
CrosstalkFit fit_crosstalk(const std::vector<PairSweep>& pairs, double fsr_nm, double a, double sign,
                           double sigma, double start_crosstalk);

}  // namespace pnn::platforms::mrr::lab
