// What the parked neighbours of a ring do to the light that it is measured with.
#pragma once

#include <span>

#include "pnn/model/ring_curve.hpp"
#include "pnn/platform/mrr_process.hpp"

namespace pnn::model {

/// One ring of a row as its neighbours see it.
struct RowRing {
  double detuning_nm = 0;  ///< from its own channel
  double r = 0.955;
};

/// Terms of the ring in column `col`, every other ring of its row held where `row` says (`row[col]` itself is
/// not read): W = constant + drop·T_drop − thru·T_thru, from W = Σ_m q_m Π_{l<m} t_l − Π_m t_m over the rings
/// within the process's reach of `col`, light meeting column 0 first. Column distance is cyclic where the
/// channels fill the FSR.
RowTerms row_terms(std::span<const RowRing> row, std::size_t col, const platform::MrrProcess& process);

}  // namespace pnn::model
