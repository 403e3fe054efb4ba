#include "pnn/app/element_map.hpp"

#include <map>
#include <utility>

#include "pnn/app/table_notes.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/table.hpp"
#include "pnn/study/placement.hpp"

namespace pnn::app {

std::vector<MappedElement> read_element_map(const std::string& path, cli::Context& context) {
  const io::Table table = io::read_table(path);
  context.parent("element-map", "csv", table.hash, {});
  tell(table.notes, table.path, context);
  std::map<std::string, std::size_t> columns;
  for (std::size_t k = 0; k < table.header.size(); ++k)
    columns.emplace(study::comparable_name(table.header[k]), k);
  const auto column = [&](const char* name) {
    const auto found = columns.find(name);
    return found == columns.end() ? table.header.size() : found->second;
  };
  const std::size_t none = table.header.size(), element = column("element"), name = column("name"),
                    layer = column("layer"), channel = column("channel");
  if (element == none && channel == none)
    throw InputError(path + ": expected a column element (its name in the table of curves) or channel");
  const bool places = column("row") != none && column("col") != none;
  if (!places && name == none)
    throw InputError(path +
                     ": expected columns row and col, or a column name with the element of the network");
  std::vector<MappedElement> map;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::string place;
    const auto add = [&](const std::string& text) { place += (place.empty() ? "" : " ") + text; };
    if (layer != none) add(std::string(table.cell(layer, row)));
    if (places) {
      for (const char* part : {"tile", "row", "col"})
        if (column(part) != none) add(std::string(part) + " " + std::string(table.cell(column(part), row)));
    } else {
      add(std::string(table.cell(name, row)));
    }
    const auto cell = [&](std::size_t by) {
      return by == none ? std::nullopt : std::optional(std::string(table.cell(by, row)));
    };
    map.push_back({cell(element), cell(channel), std::move(place), table.lines[row]});
  }
  return map;
}

}  // namespace pnn::app
