// Puts the controls of trained parameters into a table for the instruments that drive a chip.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"
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

/// One control.
struct ExportedControl {
  std::string layer, element;
  std::vector<std::size_t> index;  ///< along the axes of its layer
  std::size_t slot = 0;            ///< time slot, where an element takes several controls in turn
  double control = 0;              ///< in `unit`
  std::string unit;                ///< "mA", "code"
  std::string channel;             ///< empty without a map
};

/// The controls of some layers, in the order of the network.
struct ExportTable {
  std::vector<std::string> axes;          ///< names of all axes of these layers, each once
  std::vector<std::vector<int>> axis_of;  ///< [control][axis]: place in `index`, −1 where its layer has none
  std::vector<ExportedControl> controls;
  bool channels = false;  ///< whether there was a map
};

/// Makes the table of parameters that were read from `path`, and says through which values of the process
/// controls were converted. A code is the nearest one within the bounds of its control. Throws InputError for
/// an unfinished training, for controls outside the bounds that the parameters keep, the range of the source
/// or the limits, and for a map with places that the network does not have, a channel or an element twice, or
/// elements without a channel; UsageError for a unit that a layer's controls cannot have, and for settings
/// that act on nothing.
ExportTable export_controls(const train::Params& params, const std::string& path,
                            const ExportSettings& settings, cli::Context& context);

/// The table as CSV: columns layer, element, the axes ("index" for the axis of a layer that has one alone
/// called control), slot, control, unit, and channel if there was a map.
std::string csv_of(const ExportTable& table);
/// The same rows as a JSON array of objects.
std::string json_of(const ExportTable& table);

/// Writes `text` to a file, which appears whole or not at all, or to standard output where `path` is "-" or
/// empty: a reader of standard output that closes it has read what it wanted.
void write_text(const std::string& path, const std::string& text);

}  // namespace pnn::app
