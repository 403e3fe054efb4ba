#include "pnn/io/table_reader.hpp"

#include <cctype>
#include <map>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/io/array_table.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/matlab.hpp"
#include "pnn/io/npy.hpp"
#include "pnn/io/plain_text.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t longest_name = 1000;

void refuse_longer(const std::string& text, const std::string& path) {
  if (text.size() > largest_table) throw InputError(path + ": expected a table of at most 1 GiB, found more");
}

/// The bytes of a file as text in UTF-8; hash, notes and path of the table are set.
std::string& take_text(Table& table, std::string& to, std::string text, const std::string& path) {
  refuse_longer(text, path);
  table.path = path;
  table.hash = text_hash(text);
  std::vector<std::string> told;
  text = unpack_gzip(std::move(text), path, largest_table);
  if (is_numpy(text) || is_matlab(text)) {
    std::vector<std::string> unused;
    text = is_numpy(text) ? numpy_as_csv(text, path, unused)
                          : arrays_as_csv(named_arrays(read_matlab(text, path)), path, unused);
    for (std::string& note : unused) table.notes.push_back({std::move(note), false});
  } else if (!text.empty() && std::isdigit(static_cast<unsigned char>(text.back())) != 0 &&
             text.find('\n') != std::string::npos) {
    table.notes.push_back({"the last line has no end, so a number in it may be cut", true});
  }
  to = to_utf8(std::move(text), path, told);
  refuse_longer(to, path);
  for (std::string& note : told) table.notes.push_back({std::move(note), true});
  return to;
}

}  // namespace

std::string counted(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? " was" : "s were");
}

TableReader::TableReader(std::string text, const std::string& path, Layout layout)
    : text_(take_text(table_, table_.text_, std::move(text), path)),
      turn_(layout != Layout::columns),
      unfold_(layout == Layout::curves),
      cut_(text_, path),
      records_(cut_.records) {}

Table TableReader::table() {
  count_columns();
  find_decimal_comma();
  if (turn_ && stands_in_rows()) {
    turn();
    return std::move(table_);
  }
  find_header();
  take_rows();
  drop_index();
  if (unfold_) unfold_pairs();
  check_header();
  return std::move(table_);
}

/// The number of columns is what most of the first records have. An empty cell at the end of all of them
/// is a separator too many.
void TableReader::count_columns() {
  std::map<std::size_t, std::size_t> with_count;
  std::size_t seen = 0;
  for (const Record& record : records_) {
    if (record.comment) continue;
    if (++seen > TextRecords::sampled) break;
    ++with_count[record.count];
  }
  if (seen == 0) throw InputError(table_.path + ": expected a table with a header line, found nothing");
  for (const Record& record : records_) {
    if (record.comment) continue;
    if (columns_ == 0 || with_count[record.count] > with_count[columns_]) columns_ = record.count;
    if (columns_ > TextRecords::most_cells)
      cut_.fail(record.line,
                "more than " + std::to_string(TextRecords::most_cells) + " columns in the header line");
    if (--seen == 0) break;
  }
  bool all_empty = columns_ > 1;
  std::size_t of_them = 0;
  for (const Record& record : records_) {
    if (record.comment || record.count != columns_) continue;
    all_empty = all_empty && cut_.cell(record, columns_ - 1).empty();
    ++of_them;
  }
  if (!all_empty || of_them < 2) return;
  --columns_;
  for (Record& record : records_)
    if (record.count == columns_ + 1) record.count = columns_;
}

void TableReader::find_decimal_comma() {
  if (cut_.separator() == ',') return;
  bool comma = false, point = false;
  std::size_t seen = 0;
  for (const Record& record : records_) {
    if (record.comment || record.count != columns_) continue;
    if (++seen > TextRecords::sampled) break;
    for (std::size_t column = 0; column < TextRecords::kept(record); ++column) {
      const std::string_view text = cut_.cell(record, column);
      if (text.find(',') != std::string_view::npos) comma = comma || number_in(text, true).has_value();
      if (text.find('.') != std::string_view::npos) point = point || read_number(text).has_value();
    }
  }
  table_.decimal_comma_ = comma && !point;
  if (table_.decimal_comma_) table_.notes.push_back({"the comma was read as the decimal point", true});
}

bool TableReader::stands_in_rows() const {
  std::size_t rows = 0;
  for (const Record& record : records_) {
    if (record.comment || record.count != columns_) continue;
    const std::string_view name = cut_.cell(record, 0);
    if (++rows > TextRecords::sampled || name.empty() || is_number(name)) return false;
    for (std::size_t column = 1; column < columns_; ++column) {
      const std::string_view text = cut_.cell(record, column);
      if (!is_number(text) && !is_no_reading(text)) return false;
    }
  }
  return rows >= 2 && columns_ >= 4;
}

void TableReader::turn() {
  std::vector<Record> rows;
  std::size_t passed = 0;
  for (const Record& record : records_) {
    if (record.comment || record.count != columns_) {
      ++passed;
    } else {
      table_.header.emplace_back(cut_.cell(record, 0));
      rows.push_back(record);
    }
  }
  table_.in_rows_ = true;
  table_.notes.push_back({"each line is a quantity: the table was turned", true});
  if (passed > 0) table_.notes.push_back({counted(passed, "line") + " passed over", false});
  for (std::size_t column = 1; column < columns_; ++column) {
    for (const Record& row : rows) table_.cells_.push_back(cut_.places(row)[column]);
    table_.lines.push_back(rows.front().line);
  }
  header_line_ = rows.front().line;
  check_header();
}

void TableReader::check_header() const {
  std::set<std::string> seen;
  const std::string where = table_.path + ":" + std::to_string(header_line_) + ": ";
  for (const std::string& name : table_.header) {
    if (name.size() > longest_name)
      throw InputError(where + "a column name of " + std::to_string(name.size()) + " bytes, where " +
                       std::to_string(longest_name) + " are the most");
    if (name.empty())
      throw InputError(where +
                       "a column without a name in the header line; give it one, or write the table without "
                       "it (in pandas with index=False)");
    if (!seen.insert(name).second)
      throw InputError(where + "the column \"" + name +
                       "\" stands twice in the header line; give each column its own name");
  }
}

}  // namespace pnn::io
