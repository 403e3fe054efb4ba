// What one device's cells and couplers are: as designed, and as fabrication draws them.
#pragma once

#include <vector>

#include "pnn/platforms/pcm/plan.hpp"
#include "pnn/platforms/pcm/process.hpp"

namespace pnn::platforms::pcm {

/// One number a cell of each, in the order of Plan; the couplers are those at the cell's crossing.
struct Cells {
  std::vector<double> amorphous, crystalline;    ///< transmissions T_a, T_c
  std::vector<double> bend;                      ///< b
  std::vector<double> drift;                     ///< nu, a decade, in parts of T_a − T_c
  std::vector<double> write_sine, write_cosine;  ///< of the programming error, in parts of a level
  std::vector<double> row_split, column_split;   ///< relative power errors of the couplers
};

/// As designed: no spread, no error.
Cells nominal_cells(const Process& process, Index cells);
/// Drawn from the process, for the layer's chip `at.chip` < 4096. The arrays of a layer lie side by side on
/// one die: stacks below each other, groups beside each other. Without shares that cells have in common
/// (shares_of) the numbers of a cell do not depend on the others.
Cells draw_cells(const Process& process, const Plan& plan, const DrawAddress& at);

/// The light that passes each cell on its way from its input to its column's detector, against that of an
/// array as designed (1 everywhere), before the cell's own transmission.
///
/// Along a row of C columns the coupler at column k takes the share s_k = 1/(C − k) of the light that is
/// left, so that all get as much; with errors e it takes s_k (1 + e), held in [0, 1], and the last column
/// gets what is left: C s_k Π_{l<k} (1 − s_l). Along a column of N rows, the detector beyond row N − 1, the
/// coupler at row r lets in the share m_r = 1/(r + 1) of its cell's light and passes on as much less of what
/// comes from above: N m_r Π_{q>r} (1 − m_q), where m_0 = 1 is a bend. So an error acts on all that comes
/// after it.
std::vector<double> light_shares(const Plan& plan, const Cells& cells);

}  // namespace pnn::platforms::pcm
