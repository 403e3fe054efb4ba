// Which records of a table are its rows, and which of its columns are an index or pairs.
#include <algorithm>
#include <optional>
#include <utility>

#include "pnn/core/stop.hpp"
#include "pnn/core/unit.hpp"
#include "pnn/io/table_reader.hpp"

namespace pnn::io {
namespace {

/// The name of a column without its unit in brackets, and that unit with a blank and its brackets.
std::pair<std::string, std::string> without_unit(const std::string& name) {
  const std::size_t open = name.rfind(' ');
  if (open == std::string::npos || open == 0 || name.find_first_of("([{", open) != open + 1 ||
      !read_unit(std::string_view(name).substr(open + 1)))
    return {name, ""};
  return {name.substr(0, open), name.substr(open)};
}

}  // namespace

/// Whether a record that begins with # is a row of an element with such a name.
bool TableReader::is_row(const Record& record, const std::set<std::string_view>& names) const {
  if (record.count != columns_ || names.empty()) return false;
  const std::string_view name = cut_.cell(record, 0);
  if (name.size() < 2 || name.front() != '#') return false;
  for (std::size_t column = 1; column < columns_; ++column) {
    const std::string_view text = cut_.cell(record, column);
    if (!text.empty() && text.front() == '"') return false;
  }
  return !names.contains(trim(name.substr(1)));
}

bool TableReader::is_header_again(const Record& record) const {
  if (record.count != columns_) return false;
  for (std::size_t column = 0; column < columns_; ++column)
    if (cut_.cell(record, column) != cut_.cell(records_[header_], column)) return false;
  return true;
}

/// Whether no cell of a line has a digit, so that no reading is in it.
bool TableReader::is_of_words(const Record& record) const {
  for (std::size_t column = 0; column < TextRecords::kept(record); ++column)
    if (cut_.cell(record, column).find_first_of("0123456789") != std::string_view::npos) return false;
  return true;
}

void TableReader::take_rows() {
  // without # , as far as the first column is one of names
  std::set<std::string_view> names;
  bool of_names = first_row_ < records_.size();
  std::size_t plain_rows = 0;
  for (std::size_t k = first_row_; k < records_.size() && of_names && plain_rows < TextRecords::sampled;
       ++k) {
    if (records_[k].comment) continue;
    const std::string_view name = cut_.cell(records_[k], 0);
    of_names = !is_number(name) || name.empty();
    names.insert(name);
    ++plain_rows;
  }
  if (!of_names) names.clear();
  if (of_names && plain_rows == 0) names.insert(std::string_view());  // all rows begin with #
  std::size_t last = records_.size();  // the last row; lines of words after it are no rows
  while (last > first_row_ && records_[last - 1].count != columns_) --last;
  std::size_t passed = 0, first_passed = 0, again = 0, footer = 0;
  table_.cells_.reserve((records_.size() - std::min(first_row_, records_.size())) * columns_);
  for (std::size_t k = first_row_; k < records_.size(); ++k) {
    if (k % TextRecords::look_every == 0) stop_if_asked();
    const Record& record = records_[k];
    if (record.comment && !is_row(record, names)) {
      first_passed = passed == 0 ? record.line : first_passed;
      ++passed;
      continue;
    }
    if (k > first_row_ && header_ < records_.size() && is_header_again(record)) {
      ++again;
      continue;
    }
    if (k >= last && last > first_row_ && is_of_words(record)) {
      ++footer;
      continue;
    }
    if (record.count != columns_) {
      cut_.fail(record.line, "expected " + std::to_string(columns_) +
                                 " columns as in the header line, found " + std::to_string(record.count));
    }
    const auto cells = cut_.places(record);
    table_.cells_.insert(table_.cells_.end(), cells.begin(), cells.end());
    table_.lines.push_back(record.line);
  }
  if (passed > 0)
    table_.notes.push_back({counted(passed, "line") + " passed over that begin" + (passed == 1 ? "s" : "") +
                                " with a comment sign below the header line (the first: line " +
                                std::to_string(first_passed) + ")",
                            false});
  if (again > 0)
    table_.notes.push_back({counted(again, "header line") + " passed over between the rows", true});
  if (footer > 0)
    table_.notes.push_back(
        {counted(footer, "line") + " passed over after the last row, without a digit", false});
  cut_.forget_cells();
}

/// A first column without a name that counts the rows is what pandas writes.
void TableReader::drop_index() {
  if (table_.header.size() < 2 || !table_.header.front().empty() || table_.rows() == 0) return;
  const std::optional<double> first = number_in(table_.cell(0, 0), false);
  if (!first) return;
  for (std::size_t row = 0; row < table_.rows(); ++row) {
    const std::optional<double> number = number_in(table_.cell(0, row), false);
    if (!number || *number != *first + double(row)) return;
  }
  table_.notes.push_back({"the first column was passed over: it has no name and counts the rows", true});
  std::size_t to = 0;
  for (std::size_t k = 0; k < table_.cells_.size(); ++k)
    if (k % table_.header.size() != 0) table_.cells_[to++] = table_.cells_[k];
  table_.cells_.resize(to);
  table_.header.erase(table_.header.begin());
}

/// Makes rows of columns in pairs, x and y of one element after the other.
void TableReader::unfold_pairs() {
  const std::vector<std::string> header = table_.header;
  if (header.size() < 4 || header.size() % 2 != 0 || header.front().empty() || !table_.named) return;
  std::set<std::string> names, units;
  std::vector<std::string> elements;
  for (std::size_t column = 0; column < header.size(); column += 2) {
    if (header[column] != header.front()) return;
    const auto [name, unit] = without_unit(header[column + 1]);
    names.insert(name), units.insert(unit), elements.push_back(name);
  }
  const bool numbered = names.size() == 1;
  if (units.size() != 1 || (!numbered && names.size() != elements.size())) return;
  std::vector<Place> of_names, cells;
  for (std::size_t pair = 0; pair < elements.size(); ++pair) {
    const std::string name = numbered ? "pair " + std::to_string(pair + 1) : elements[pair];
    of_names.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size())});
    text_ += name;
  }
  std::vector<std::size_t> lines;
  for (std::size_t pair = 0; pair < elements.size(); ++pair) {
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const Place *x = &table_.cells_[row * header.size() + 2 * pair], *y = x + 1;
      if (x->size == 0 && y->size == 0) continue;  // this pair is shorter than others
      cells.insert(cells.end(), {of_names[pair], *x, *y});
      lines.push_back(table_.lines[row]);
    }
  }
  table_.header = {"element", header.front(),
                   (numbered ? elements.front() : std::string("response")) + *units.begin()};
  table_.cells_ = std::move(cells), table_.lines = std::move(lines);
  table_.notes.push_back(
      {std::to_string(elements.size()) +
           " pairs of columns were taken as the control and the response of an element each",
       true});
}

}  // namespace pnn::io
