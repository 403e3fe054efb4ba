// Imports curves from tables (--import).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pnn/cli/context.hpp"
#include "pnn/core/options.hpp"
#include "pnn/io/records.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/placement.hpp"

namespace pnn::app {

/// --import and its options.
struct ImportSettings {
  std::vector<std::string> tables;  ///< paths of tables, or of folders of them; empty: no import
  std::string columns, units;       ///< as io/curve_columns reads them
  bool element_from_name = false;   ///< whether the name of each file is that of its element
  double temperature_tolerance_k = 0.05;
  std::optional<double> full_scale;  ///< response that is a weight of 1, in the unit of the response
  std::string platform;              ///< word of the platform of the curves
  std::string polarity = "auto";     ///< sign convention of its detector, or "auto"
  std::string element_map;           ///< path of a table of elements and their places; empty: none
  study::PlacementSettings placement;
  ImportSettings();  ///< the default platform is the first that can import tables
  void describe(Options& options);
};

/// Reads tables of curves (io/curve_columns), registers them as parents, and says what was assumed, left out
/// and passed over. Controls become those of the platform, responses in watts, amperes or volts weights;
/// where the table does not say the unit of its controls, they are taken for the platform's, unless their
/// range or the shape of the curves fits another unit much better. What was said is in the file too. `file`
/// has the process, and the network onto whose elements the curves are put, if there is one. Throws
/// InputError if the tables contain no curves or not those of the network, UsageError for settings that do
/// not fit the platform.
io::CurvesFile import_curves(const ImportSettings& settings, io::CurvesFile file, cli::Context& context);

/// Puts imported curves, if there are any in the file, onto the elements of its network as its placement
/// says, and tells it. `where` is the path of the file.
void place_imported(io::CurvesFile& file, const std::string& element_map, const study::PlatformLab& lab,
                    const std::string& where, cli::Context& context);

/// The elements and channels of a map file, each with its place.
study::ElementMap map_of(const std::string& path, cli::Context& context);

/// --element-map, of both tools that place curves.
void describe_element_map(Options& options, std::string& path);

}  // namespace pnn::app
