// Puts the controls of trained parameters into a table for the instruments that drive a chip.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"
#include "pnn/io/column_table.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {

/// --unit and its like.
struct ExportSettings {
  std::string unit;    ///< "V", "mW", "code=0.00244mA"; empty: the unit of each layer's controls
  std::string layers;  ///< comma list; empty: all
  std::vector<std::string> limits;
  bool wrap = false;  ///< whether angles are moved by whole turns into [0, 2π) or the range of `limits`
  std::string element_map;  ///< path of a table with the channel of each element; empty: none
  void describe(Options& options);
};

/// Makes the table of parameters that were read from `path`, and says through which values of the process
/// controls were converted. A code is the nearest one within the bounds of its control. Throws InputError for
/// controls outside the bounds that the parameters keep, the range of the source
/// or the limits, and for a map with places that the network does not have, a channel or an element twice, or
/// elements without a channel; UsageError for a unit that a layer's controls cannot have, and for settings
/// that act on nothing.
///
/// Columns: layer, element, the axes of the layers ("index" for the axis of a layer that has one alone called
/// control; empty where a layer has no such axis), slot (time slot, where an element takes several controls
/// in turn), control, unit, and channel if there is a map. Rows are in the order of the network and of the
/// controls of each layer.
io::ColumnTable export_controls(const train::Params& params, const std::string& path,
                                const ExportSettings& settings, cli::Context& context);

}  // namespace pnn::app
