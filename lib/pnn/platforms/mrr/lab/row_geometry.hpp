// Positions of the rings of a chip, and the effect of neighbours by light and heat on measurements.
#pragma once

#include <vector>

#include "pnn/model/curves.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/lab/crosstalk_fit.hpp"
#include "pnn/platforms/mrr/lab/ring_curve.hpp"
#include "pnn/platforms/mrr/lab/row_optics.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// The parameters of a ring that an airy fit determines.
struct FittedRing {
  double delta_nm = 0, eta_nm_per_mw = 0, beta_per_ma2 = 0, r = 0;
};

/// The geometry of one chip whose curves have sweeps of pairs.
class RowGeometry {
 public:
  /// Throws UsageError if no plan runs on the chip of the curves, or if the curves have no sweeps of pairs.
  RowGeometry(const ChipCurves& curves, const Process& process, const std::vector<platform::AnyPlan>& plans);

  /// The terms of one ring while all others are parked at the lowest current, at `offset_k` above the
  /// reference temperature.
  [[nodiscard]] RowTerms parked_terms(std::size_t element, const std::vector<FittedRing>& rings,
                                      double offset_k) const;
  /// The pairs of one device, with the predictions of the rings' own curves. `sigma` receives the pooled
  /// standard error of a response (0: unknown).
  [[nodiscard]] std::vector<PairSweep> pair_sweeps(const ChipCurves& curves, std::size_t device,
                                                   const std::vector<FittedRing>& rings, double& sigma) const;

 private:
  [[nodiscard]] std::size_t column(std::size_t element) const { return element % std::size_t(cols_); }
  [[nodiscard]] double detuning(const FittedRing& ring, double current_ma, double offset_k) const;
  [[nodiscard]] double distance(std::size_t a, std::size_t b) const;
  /// The row of `element`, all parked but `driven`.
  [[nodiscard]] std::vector<RowRing> row_of(std::size_t element, const std::vector<FittedRing>& rings,
                                            double offset_k, std::size_t driven, double driven_ma) const;
  /// The other rings of the victim's row; `row` is changed and restored.
  [[nodiscard]] std::vector<PairSweep::Neighbour> neighbours(std::vector<RowRing>& row, std::size_t victim,
                                                             std::size_t aggressor, double detuning_nm) const;

  const Process& process_;
  int rows_ = 0, cols_ = 0;
  std::vector<int> lit_columns_;  ///< for each ring; 0 if it is not measured
  double package_nm_per_mw_ = 0;
};

}  // namespace pnn::platforms::mrr::lab
