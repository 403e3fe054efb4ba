// Reads map files, which say where the elements of a table, or the channels of an instrument, are on the
// chips of a network.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"

namespace pnn::app {

/// A row of a map file.
struct MappedElement {
  std::optional<std::string> element, channel;  ///< nothing where the file has no such column
  std::string place;     ///< name of the element of the network, perhaps after its layer
  std::size_t line = 0;  ///< number of the line in the file, from 1
};

/// Reads the table `path` and registers it as the parent "element-map". Columns are element or channel, and
/// row and col (perhaps tile) or name, and perhaps layer. Throws InputError if it lacks these.
std::vector<MappedElement> read_element_map(const std::string& path, cli::Context& context);

}  // namespace pnn::app
