// Effect of the other rings of a row on the light with which one ring is measured.
#pragma once

#include <span>

#include "pnn/platforms/mrr/lab/ring_curve.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// One ring of a row.
struct RowRing {
  double detuning_nm = 0;  ///< detuning from its own channel
  double r = 0.955;
};

/// The terms of the ring in column `col`, with every other ring of its row held at `row` (`row[col]` itself
/// is not read): W = constant + drop·T_drop − thru·T_thru, from W = Σ_m q_m Π_{l<m} t_l − Π_m t_m over the
/// rings within the reach of the process, the ring of column 0 first (bus.hpp). The distance of columns is
/// cyclic if the channels fill the FSR.
RowTerms row_terms(std::span<const RowRing> row, std::size_t col, const Process& process);

}  // namespace pnn::platforms::mrr::lab
