// Where the rings of a chip stand, and what that makes of their neighbours' light and heat.
#pragma once

#include <vector>

#include "pnn/model/crosstalk_fit.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/ring_curve.hpp"
#include "pnn/model/row_optics.hpp"
#include "pnn/platform/bank_plan.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/mrr_process.hpp"

namespace pnn::model {

/// A ring as far as an airy fit knows it.
struct FittedRing {
  double delta_nm = 0, eta_nm_per_mw = 0, beta_per_ma2 = 0, r = 0;
};

class RowGeometry {
 public:
  /// Throws UsageError when no plan runs on the curves' chip, or the curves hold no pair sweeps.
  RowGeometry(const ChipCurves& curves, const platform::MrrProcess& process,
              const std::vector<platform::LayerPlan>& plans);

  /// Optics of one ring with all others parked at the lowest current, `offset_k` from the reference
  /// temperature.
  [[nodiscard]] RowTerms parked_terms(std::size_t element, const std::vector<FittedRing>& rings,
                                      double offset_k) const;
  /// The pairs of one device, with what the rings' own curves predict. `sigma` returns the pooled standard
  /// error of a response (0: unknown).
  [[nodiscard]] std::vector<PairSweep> pair_sweeps(const ChipCurves& curves, std::size_t device,
                                                   const std::vector<FittedRing>& rings, double& sigma) const;

 private:
  [[nodiscard]] std::size_t column(std::size_t element) const { return element % std::size_t(cols_); }
  [[nodiscard]] double detuning(const FittedRing& ring, double current_ma, double offset_k) const;
  [[nodiscard]] double distance(std::size_t a, std::size_t b) const;
  /// The row of `element`, all parked but `driven`.
  [[nodiscard]] std::vector<RowRing> row_of(std::size_t element, const std::vector<FittedRing>& rings,
                                            double offset_k, std::size_t driven, double driven_ma) const;
  /// The other rings of the victim's row; `row` is moved and put back.
  [[nodiscard]] std::vector<PairSweep::Neighbour> neighbours(std::vector<RowRing>& row, std::size_t victim,
                                                             std::size_t aggressor, double detuning_nm) const;

  const platform::MrrProcess& process_;
  int rows_ = 0, cols_ = 0;
  std::vector<int> lit_columns_;  ///< a ring each; 0 where it is not measured
  double package_nm_per_mw_ = 0;
};

}  // namespace pnn::model
