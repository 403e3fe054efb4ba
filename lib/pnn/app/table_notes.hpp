// Says what a table's reader passed over or took for something.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/io/table.hpp"

namespace pnn::app {

/// Says all notes on standard error, one a line, with `where` in front: what may have lost a measured value
/// as a warning, which --quiet does not silence.
void tell(const std::vector<io::Note>& notes, const std::string& where, cli::Context& context);

/// The name of a file without its folder, ending and .gz: "heater 3" of "sweeps/heater 3.csv.gz"; of a folder
/// its own.
std::string file_stem(const std::string& path);

}  // namespace pnn::app
