#include "pnn/io/table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/unit.hpp"
#include "pnn/io/array_table.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/matlab.hpp"
#include "pnn/io/npy.hpp"
#include "pnn/io/plain_text.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t largest_text = std::size_t{1} << 30;
constexpr std::size_t most_columns = 1'000'000, longest_name = 1000;
/// Rows between two looks at whether to stop.
constexpr std::size_t look_every = 4096;
/// Records at the beginning from which header and columns of numbers are told.
constexpr std::size_t sampled = 1000;
constexpr std::string_view comment_signs = "#%!";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return out;
}

/// Words that stand where an instrument has no reading.
bool is_no_reading(std::string_view text) {
  static const std::set<std::string, std::less<>> words = {
      "",     "nan",  "na",       "n/a",  "#n/a",      "none",     "null",    "inf",
      "+inf", "-inf", "infinity", "-",    "--",        "---",      "?",       "ovld",
      "ovl",  "ol",   "overload", "over", "ovf",       "overflow", "o.l.",    "unf",
      "+nan", "-nan", "#value!",  "err",  "-infinity", "#num!",    "1.#qnan", "1.#inf"};
  return text.size() <= 9 && words.contains(lower(text));
}

/// A number as instruments and programs write it: also with D in front of the exponent, a minus sign of
/// typography, or a decimal comma.
std::optional<double> number_in(std::string_view text, bool decimal_comma) {
  if (const std::optional<double> plain = read_number(text)) return plain;
  if (text.size() > 60 || text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  std::string changed(text);
  constexpr std::string_view minus = "\xe2\x88\x92";
  if (changed.starts_with(minus)) changed.replace(0, minus.size(), "-");
  if (const std::size_t d = changed.find_first_of("dD"); d != std::string::npos && d > 0) changed[d] = 'e';
  if (decimal_comma) {
    if (changed.find('.') != std::string::npos) return std::nullopt;
    if (const std::size_t comma = changed.find(','); comma != std::string::npos) changed[comma] = '.';
  }
  return read_number(changed);
}

/// 1e999 is a number for an instrument, and beyond a double.
bool overflows(std::string_view text) {
  return text.size() <= 60 && text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         text.find_first_of("eE") != std::string_view::npos;
}

std::string quoted_start(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string out = "\"" + std::string(text.substr(0, shown));
  while (text.size() > shown && !out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0U) == 0x80U)
    out.pop_back();
  return out + (text.size() > shown ? "…\"" : "\"");
}

std::string counted(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? " was" : "s were");
}

/// Hands out the cells of one line, with quotes but without line ends in them.
template <class Take>
void cells_of_line(std::string_view line, char separator, const Take& take) {
  std::size_t at = 0;
  const auto end_of_cell = [&] {
    bool in_quotes = false;
    std::size_t k = at;
    for (; k < line.size(); ++k) {
      if (line[k] == '"') in_quotes = !in_quotes;
      if (in_quotes) continue;
      if (line[k] == separator || (separator == ' ' && line[k] == '\t')) break;
    }
    return k;
  };
  for (;;) {
    if (separator == ' ') {
      at = line.find_first_not_of(" \t", at);
      if (at == std::string_view::npos) return;
    }
    const std::size_t end = end_of_cell();
    take(trim(line.substr(at, end - at)));
    if (end >= line.size()) return;
    at = end + 1;
  }
}

/// The separator on which most of the last lines agree, and that leaves most numbers.
char separator_of(std::string_view text) {
  constexpr std::size_t looked_at = std::size_t{1} << 16, most_lines = 200;
  if (text.size() > looked_at) {
    text = text.substr(text.size() - looked_at);
    text = text.substr(std::min(text.find('\n') + 1, text.size()));
  }
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!trim(line).empty()) lines.push_back(line);
    at = end + 1;
  }
  const auto is_comment = [](std::string_view line) {
    return comment_signs.find(trim(line).front()) != std::string_view::npos;
  };
  if (!std::all_of(lines.begin(), lines.end(), is_comment)) std::erase_if(lines, is_comment);
  if (lines.size() > most_lines) lines.erase(lines.begin(), lines.end() - most_lines);
  char best = ',';
  double best_share = -1;
  for (const char separator : {'\t', ';', ',', ' '}) {
    bool holds_others = false;  // a cell that is no number has another separator in it
    std::map<std::size_t, std::size_t> with_count;
    std::map<std::size_t, std::array<std::size_t, 2>>
        numbers;  // of the lines with this count: numbers, cells
    for (const std::string_view line : lines) {
      std::size_t count = 0, numeric = 0, empty = 0;
      bool other = false;
      cells_of_line(line, separator, [&](std::string_view cell) {
        const bool is_number = number_in(cell, separator != ',').has_value();
        ++count, numeric += is_number ? 1 : 0, empty += cell.empty() ? 1 : 0;
        other = other || (!is_number && cell.find_first_of(",;\t") != std::string_view::npos);
      });
      holds_others = holds_others || (numeric > 0 && other);
      ++with_count[count];
      if (numeric > 0) numbers[count][0] += numeric, numbers[count][1] += count - empty;  // no header
    }
    std::size_t mode = 0;
    for (const auto& [count, of_lines] : with_count)
      if (mode == 0 || of_lines > with_count[mode]) mode = count;
    if (mode < 2 || with_count[mode] * 2 < lines.size()) continue;
    const double share = double(numbers[mode][0]) / double(std::max<std::size_t>(1, numbers[mode][1]));
    if (separator == ' ' && (share < 0.5 || holds_others)) continue;         // words of a text, or of names
    const double clearly = separator == ' ' && best_share > 0 ? 0.1 : 1e-9;  // blanks stand in names as well
    if (share > best_share + clearly) best = separator, best_share = share;
  }
  return best;
}

}  // namespace

/// Reads one text: first all records with as many cells as they have, then what is header, comment and row.
class TableReader {
 public:
  TableReader(std::string text, const std::string& path, Layout layout) : text_(table_.text_) {
    if (text.size() > largest_text)
      throw InputError(path + ": expected a table of at most 1 GiB, found more");
    table_.path = path;
    table_.hash = text_hash(text);
    std::vector<std::string> told;
    text = unpack_gzip(std::move(text), path, largest_text);
    if (is_numpy(text) || is_matlab(text)) {
      std::vector<std::string> unused;
      text = is_numpy(text) ? numpy_as_csv(text, path, unused)
                            : arrays_as_csv(named_arrays(read_matlab(text, path)), path, unused);
      for (std::string& note : unused) table_.notes.push_back({std::move(note), false});
    }
    text_ = to_utf8(std::move(text), path, told);
    if (text_.size() > largest_text)
      throw InputError(path + ": expected a table of at most 1 GiB, found more");
    for (std::string& note : told) table_.notes.push_back({std::move(note), true});
    separator_ = separator_of(text_);
    scan();
    turn_ = layout != Layout::columns;
    unfold_ = layout == Layout::curves;
  }

  Table table() {
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

 private:
  using Place = Table::Place;
  struct Record {
    std::size_t begin = 0, count = 0, line = 0;  ///< count may exceed the number of cells that are kept
    bool comment = false;                        ///< whether it begins with a comment sign
  };

  // ---- records ----

  [[nodiscard]] std::size_t line_end(std::size_t from) const {
    return std::min(text_.find('\n', from), text_.size());
  }
  [[noreturn]] void fail(std::size_t line, const std::string& what) const {
    throw InputError(table_.path + ":" + std::to_string(line) + ": " + what);
  }
  [[nodiscard]] Place place_of(std::string_view cell) const {
    if (cell.empty()) return {};
    return {static_cast<std::uint32_t>(cell.data() - text_.data()), static_cast<std::uint32_t>(cell.size())};
  }
  [[nodiscard]] std::string_view cell(const Record& record, std::size_t column) const {
    if (column >= kept(record)) return {};
    const Place& place = cells_[record.begin + column];
    return std::string_view(text_).substr(place.begin, place.size);
  }
  [[nodiscard]] static std::size_t kept(const Record& record) { return std::min(record.count, most_columns); }

  void scan() {
    while (position_ < text_.size()) {
      const std::size_t first = text_.find_first_not_of(" \t", position_);
      if (first == std::string::npos) return;
      if (text_[first] == '\n') {
        position_ = first + 1, ++line_;
        continue;
      }
      if (records_.size() % look_every == 0) stop_if_asked();
      records_.push_back(
          {cells_.size(), 0, line_, comment_signs.find(text_[first]) != std::string_view::npos});
      if (records_.back().comment || separator_ == ' ') {
        const std::size_t end = line_end(position_);
        cells_of_line(std::string_view(text_).substr(position_, end - position_), separator_,
                      [&](std::string_view cell) { add(place_of(cell)); });
        position_ = std::min(end + 1, text_.size()), ++line_;
      } else {
        record();
      }
    }
  }
  void add(Place place) {
    if (records_.back().count++ < most_columns) cells_.push_back(place);
  }
  void record() {
    for (bool more = true; more;) {
      add(next_cell());
      more = position_ < text_.size() && text_[position_] == separator_;
      if (position_ < text_.size()) {
        if (!more) ++line_;
        ++position_;
      }
    }
  }
  [[nodiscard]] std::size_t cell_end() const {
    std::size_t at = position_;
    while (at < text_.size() && text_[at] != separator_ && text_[at] != '\n') ++at;
    return at;
  }
  /// Leaves position_ at the separator, the line end, or the end of the text.
  Place next_cell() {
    const std::size_t stop = cell_end();
    const std::string_view found(text_.data() + position_, stop - position_);
    const std::size_t quote = found.find_first_not_of(separator_ == '\t' ? " " : " \t");
    if (quote == std::string_view::npos || found[quote] != '"') {
      position_ = stop;
      return place_of(trim(found));
    }
    position_ += quote + 1;
    const Place value = quoted();
    const std::size_t after = cell_end();
    const std::string_view rest = trim(std::string_view(text_).substr(position_, after - position_));
    if (!rest.empty())
      fail(records_.back().line,
           "expected a separator after a quoted cell, found \"" + std::string(rest.substr(0, 20)) + "\"");
    position_ = after;
    return value;
  }
  /// Unpacked where it stands: it only becomes shorter.
  Place quoted() {
    const std::size_t begin = position_;
    std::size_t end = begin;
    for (; position_ < text_.size(); ++position_) {
      const char c = text_[position_];
      if (c == '"') {
        if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') {
          ++position_;
          return place_of(std::string_view(text_).substr(begin, end - begin));
        }
        ++position_;
      }
      if (c == '\n') ++line_;
      text_[end++] = c;
    }
    fail(records_.back().line, "a quote that is never closed");
  }

  // ---- columns ----

  /// The number of columns is what most of the first records have. An empty cell at the end of all of them
  /// is a separator too many.
  void count_columns() {
    std::map<std::size_t, std::size_t> with_count;
    std::size_t seen = 0;
    for (const Record& record : records_) {
      if (record.comment) continue;
      if (++seen > sampled) break;
      ++with_count[record.count];
    }
    if (seen == 0) throw InputError(table_.path + ": expected a table with a header line, found nothing");
    for (const Record& record : records_) {
      if (record.comment) continue;
      if (columns_ == 0 || with_count[record.count] > with_count[columns_]) columns_ = record.count;
      if (columns_ > most_columns)
        fail(record.line, "more than " + std::to_string(most_columns) + " columns in the header line");
      if (--seen == 0) break;
    }
    bool all_empty = columns_ > 1;
    std::size_t of_them = 0;
    for (const Record& record : records_) {
      if (record.comment || record.count != columns_) continue;
      all_empty = all_empty && cell(record, columns_ - 1).empty();
      ++of_them;
    }
    if (!all_empty || of_them < 2) return;
    --columns_;
    for (Record& record : records_)
      if (record.count == columns_ + 1) record.count = columns_;
  }

  [[nodiscard]] bool is_number(std::string_view text) const {
    return number_in(text, table_.decimal_comma_).has_value();
  }

  void find_decimal_comma() {
    if (separator_ == ',') return;
    bool comma = false, point = false;
    std::size_t seen = 0;
    for (const Record& record : records_) {
      if (record.comment || record.count != columns_) continue;
      if (++seen > sampled) break;
      for (std::size_t column = 0; column < kept(record); ++column) {
        const std::string_view text = cell(record, column);
        if (text.find(',') != std::string_view::npos) comma = comma || number_in(text, true).has_value();
        if (text.find('.') != std::string_view::npos) point = point || read_number(text).has_value();
      }
    }
    table_.decimal_comma_ = comma && !point;
    if (table_.decimal_comma_) table_.notes.push_back({"the comma was read as the decimal point", true});
  }

  // ---- quantities in rows ----

  [[nodiscard]] bool stands_in_rows() const {
    std::size_t rows = 0;
    for (const Record& record : records_) {
      if (record.comment || record.count != columns_) continue;
      const std::string_view name = cell(record, 0);
      if (++rows > sampled || name.empty() || is_number(name)) return false;
      for (std::size_t column = 1; column < columns_; ++column) {
        const std::string_view text = cell(record, column);
        if (!is_number(text) && !is_no_reading(text)) return false;
      }
    }
    return rows >= 2 && columns_ >= 4;
  }
  void turn() {
    std::vector<Record> rows;
    std::size_t passed = 0;
    for (const Record& record : records_) {
      if (record.comment || record.count != columns_) {
        ++passed;
      } else {
        table_.header.emplace_back(cell(record, 0));
        rows.push_back(record);
      }
    }
    table_.in_rows_ = true;
    table_.notes.push_back({"each line is a quantity: the table was turned", true});
    if (passed > 0) table_.notes.push_back({counted(passed, "line") + " passed over", false});
    for (std::size_t column = 1; column < columns_; ++column) {
      for (const Record& row : rows) table_.cells_.push_back(cells_[row.begin + column]);
      table_.lines.push_back(rows.front().line);
    }
    header_line_ = rows.front().line;
    check_header();
  }

  // ---- header ----

  [[nodiscard]] std::vector<std::size_t> indices_of_plain() const {
    std::vector<std::size_t> plain;
    for (std::size_t k = 0; k < records_.size() && plain.size() < sampled; ++k)
      if (!records_[k].comment) plain.push_back(k);
    return plain;
  }
  /// Numbers, words and cells without a reading among the columns of numbers of a record.
  struct Signature {
    std::size_t numbers = 0, words = 0;
  };
  [[nodiscard]] Signature signature(const Record& record, const std::vector<bool>& of_numbers) const {
    Signature out;
    for (std::size_t column = 0; column < columns_; ++column) {
      if (!of_numbers[column]) continue;
      const std::string_view text = cell(record, column);
      if (is_number(text)) {
        ++out.numbers;
      } else if (!is_no_reading(text)) {
        ++out.words;
      }
    }
    return out;
  }

  void find_header() {
    const std::vector<std::size_t> plain = indices_of_plain();
    // the table begins with the first record of its length that another follows
    std::size_t start = 0;
    const auto fits = [&](std::size_t k) { return records_[plain[k]].count == columns_; };
    while (start + 1 < plain.size() && !(fits(start) && fits(start + 1))) ++start;
    if (plain.size() == 1 || !fits(start)) start = 0;

    std::vector<bool> of_numbers(std::min(columns_, most_columns));
    for (std::size_t column = 0; column < of_numbers.size(); ++column) {
      std::size_t numbers = 0, others = 0;
      for (std::size_t k = start; k < plain.size(); ++k) {
        if (!fits(k)) continue;
        const std::string_view text = cell(records_[plain[k]], column);
        is_number(text) ? ++numbers : (is_no_reading(text) ? 0 : ++others);
      }
      of_numbers[column] = numbers > 0 && numbers >= others;
    }
    const auto signed_as = [&](std::size_t k) { return signature(records_[plain[k]], of_numbers); };
    const bool any = std::find(of_numbers.begin(), of_numbers.end(), true) != of_numbers.end();
    if (!any || !fits(start)) return take_header({plain[start]});
    const auto is_data = [&](std::size_t k) {
      const Signature s = signed_as(k);
      return fits(k) && s.words == 0 && s.numbers > 0;
    };
    std::size_t data = start;
    while (data < plain.size() && !(is_data(data) && (data + 1 == plain.size() || is_data(data + 1)))) ++data;
    if (data == start) return find_commented_header(plain[start]);
    // the lines of words just before the first row, or if there is none, from the first line on
    const auto of_words = [&](std::size_t k) { return fits(k) && signed_as(k).numbers == 0; };
    std::vector<std::size_t> words;
    if (data < plain.size() && of_words(data - 1)) {
      std::size_t first = data - 1;
      while (first > start && of_words(first - 1)) --first;
      words.assign(plain.begin() + std::ptrdiff_t(first), plain.begin() + std::ptrdiff_t(data));
    } else {
      std::size_t last = start;
      while (last + 1 < plain.size() && of_words(last) && of_words(last + 1)) ++last;
      words.assign(plain.begin() + std::ptrdiff_t(start), plain.begin() + std::ptrdiff_t(last + 1));
    }
    take_header(words);
  }

  [[nodiscard]] bool is_line_of_units(const Record& record) const {
    std::size_t units = 0;
    for (std::size_t column = 0; column < kept(record); ++column) {
      const std::string_view text = cell(record, column);
      if (read_unit(text)) {
        ++units;
      } else if (!text.empty()) {
        return false;
      }
    }
    return units > 0;
  }

  /// Whether a record that begins with # has a name in its first cell and numbers in all others.
  [[nodiscard]] bool looks_like_row(const Record& record) const {
    if (!record.comment || record.count != columns_ || columns_ < 2 || cell(record, 0).size() < 2)
      return false;
    for (std::size_t column = 1; column < columns_; ++column)
      if (!is_number(cell(record, column)) && !is_no_reading(cell(record, column))) return false;
    return true;
  }

  /// A line with # in front, just before the first numbers, may be the header. So may be that before rows of
  /// elements whose names begin with #.
  void find_commented_header(std::size_t first) {
    while (first > 0 && looks_like_row(records_[first - 1])) --first;
    first_row_ = first;
    if (first > 0 && records_[first - 1].comment) {
      const Record& record = records_[first - 1];
      const std::size_t begin = cells_[record.begin].begin;
      std::string_view line = std::string_view(text_).substr(begin, line_end(begin) - begin);
      line = trim(line.substr(std::min(line.find_first_not_of(comment_signs), line.size())));
      for (const char separator : {separator_, ',', ';', '\t', ' '}) {
        std::vector<std::string> names;
        bool words = false;
        cells_of_line(line, separator, [&](std::string_view name) {
          if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
            name = trim(name.substr(1, name.size() - 2));
          names.emplace_back(name);
          words = words || !is_number(name);
        });
        if (names.size() != columns_ || !words) continue;
        table_.header = std::move(names);
        header_line_ = record.line;
        tell_passed_over(first - 1);
        return;
      }
    }
    for (std::size_t column = 0; column < columns_; ++column)
      table_.header.push_back("column " + std::to_string(column + 1));
    table_.named = false;
    table_.notes.push_back(
        {"there is no header line: the columns are called column 1, column 2 and so on", false});
    header_line_ = records_[first].line;
    tell_passed_over(first);
  }

  /// Number of different names in a record.
  [[nodiscard]] std::size_t names_in(const Record& record) const {
    std::set<std::string_view> names;
    for (std::size_t column = 0; column < kept(record); ++column) names.insert(cell(record, column));
    names.erase(std::string_view());
    return names.size();
  }
  /// `lines`: the records of words just before the first row. Of long names, units and comments, as plotting
  /// programs write them, that with the most different names is the header, the last of several; a line of
  /// units goes into the names, and cells that the header leaves empty are those of the other lines.
  void take_header(const std::vector<std::size_t>& lines) {
    std::size_t header = lines.back(), units = records_.size();
    for (const std::size_t line : lines)
      if (lines.size() > 1 && is_line_of_units(records_[line])) units = line;
    if (header == units) header = lines[lines.size() - 2];
    for (const std::size_t line : lines)
      if (line != units && names_in(records_[line]) > names_in(records_[header])) header = line;
    columns_ = records_[header].count;
    for (std::size_t column = 0; column < columns_; ++column) {
      std::string name(cell(records_[header], column));
      for (auto line = lines.rbegin(); name.empty() && line != lines.rend(); ++line)
        if (*line != units) name = cell(records_[*line], column);
      if (units < records_.size() && !cell(records_[units], column).empty())
        name += " (" + read_unit(cell(records_[units], column))->name + ")";
      table_.header.push_back(std::move(name));
    }
    header_line_ = records_[header].line;
    header_ = header;
    first_row_ = lines.back() + 1;
    tell_passed_over(header);
    const std::size_t after = lines.back() - header - (units < records_.size() && units > header ? 1 : 0);
    if (after > 0)
      table_.notes.push_back({counted(after, "line") +
                                  " passed over between the header line and the first row (the first: line " +
                                  std::to_string(records_[header + (units == header + 1 ? 2 : 1)].line) + ")",
                              false});
  }

  /// `before`: number of records before the header line, or the first row.
  void tell_passed_over(std::size_t before) {
    if (before == 0) return;
    const bool comments = std::all_of(records_.begin(), records_.begin() + std::ptrdiff_t(before),
                                      [](const Record& record) { return record.comment; });
    const std::size_t begin = text_.find_first_not_of(" \t\n");
    std::size_t at = 0;
    for (std::size_t line = 1; before < records_.size() && line < records_[before].line; ++line) {
      const std::string_view text = trim(std::string_view(text_).substr(at, line_end(at) - at));
      if (lower(text).find("unit") != std::string::npos)
        table_.notes.push_back({"a line before the first row speaks of a unit and is passed over: " +
                                    quoted_start(text) + "; --unit says the units of columns",
                                false});
      at = line_end(at) + 1;
    }
    table_.notes.push_back(
        {counted(before, "line") + " passed over before the " + (table_.named ? "header line" : "first row") +
             " (the first: " +
             quoted_start(trim(std::string_view(text_).substr(begin, line_end(begin) - begin))) + ")",
         comments});
  }

  // ---- rows ----

  /// Whether a record that begins with # is a row of an element with such a name.
  [[nodiscard]] bool is_row(const Record& record, const std::set<std::string_view>& names) const {
    if (record.count != columns_ || names.empty()) return false;
    const std::string_view name = cell(record, 0);
    if (name.size() < 2 || name.front() != '#') return false;
    for (std::size_t column = 1; column < columns_; ++column) {
      const std::string_view text = cell(record, column);
      if (!text.empty() && text.front() == '"') return false;
    }
    return !names.contains(trim(name.substr(1)));
  }

  [[nodiscard]] bool is_header_again(const Record& record) const {
    if (record.count != columns_) return false;
    for (std::size_t column = 0; column < columns_; ++column)
      if (cell(record, column) != cell(records_[header_], column)) return false;
    return true;
  }
  /// Whether no cell of a line has a digit, so that no reading is in it.
  [[nodiscard]] bool is_of_words(const Record& record) const {
    for (std::size_t column = 0; column < kept(record); ++column)
      if (cell(record, column).find_first_of("0123456789") != std::string_view::npos) return false;
    return true;
  }

  void take_rows() {
    // without # , as far as the first column is one of names
    std::set<std::string_view> names;
    bool of_names = first_row_ < records_.size();
    std::size_t plain_rows = 0;
    for (std::size_t k = first_row_; k < records_.size() && of_names && plain_rows < sampled; ++k) {
      if (records_[k].comment) continue;
      const std::string_view name = cell(records_[k], 0);
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
      if (k % look_every == 0) stop_if_asked();
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
        fail(record.line, "expected " + std::to_string(columns_) + " columns as in the header line, found " +
                              std::to_string(record.count));
      }
      table_.cells_.insert(table_.cells_.end(), cells_.begin() + std::ptrdiff_t(record.begin),
                           cells_.begin() + std::ptrdiff_t(record.begin + columns_));
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
    cells_.clear();
    cells_.shrink_to_fit();
  }

  /// A first column without a name that counts the rows is what pandas writes.
  void drop_index() {
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

  /// The name of a column without its unit in brackets, and that unit with a blank and its brackets.
  static std::pair<std::string, std::string> without_unit(const std::string& name) {
    const std::size_t open = name.rfind(' ');
    if (open == std::string::npos || open == 0 || name.find_first_of("([{", open) != open + 1 ||
        !read_unit(std::string_view(name).substr(open + 1)))
      return {name, ""};
    return {name.substr(0, open), name.substr(open)};
  }

  /// Makes rows of columns in pairs, x and y of one element after the other.
  void unfold_pairs() {
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

  void check_header() const {
    std::set<std::string> seen;
    const std::string where = table_.path + ":" + std::to_string(header_line_) + ": ";
    for (const std::string& name : table_.header) {
      if (name.size() > longest_name)
        throw InputError(where + "a column name of " + std::to_string(name.size()) + " bytes, where " +
                         std::to_string(longest_name) + " are the most");
      if (name.empty())
        throw InputError(
            where +
            "a column without a name in the header line; give it one, or write the table without "
            "it (in pandas with index=False)");
      if (!seen.insert(name).second)
        throw InputError(where + "the column \"" + name +
                         "\" stands twice in the header line; give each column its own name");
    }
  }

  Table table_;
  std::string& text_;
  char separator_ = ',';
  bool turn_ = false, unfold_ = false;
  std::vector<Place> cells_;  ///< of all records, one after the other
  std::vector<Record> records_;
  std::size_t columns_ = 0, position_ = 0, line_ = 1, first_row_ = 0, header_line_ = 1;
  std::size_t header_ = ~std::size_t{0};  ///< the record that is the header line, if one is
};

bool Table::has(std::string_view name) const {
  return std::find(header.begin(), header.end(), name) != header.end();
}

std::size_t Table::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    constexpr std::size_t most_told = 20;
    const auto told = std::span(header).first(std::min(header.size(), most_told));
    throw InputError(path + ": no column \"" + std::string(name) + "\"" + did_you_mean(name, header) +
                     " (columns: " + join(told, ", ") + (told.size() < header.size() ? ", …" : "") + ")");
  }
  return static_cast<std::size_t>(found - header.begin());
}

std::vector<std::string> Table::texts(std::string_view name) const {
  const std::size_t number = column(name);
  std::vector<std::string> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) values.emplace_back(cell(number, row));
  return values;
}

void Table::refuse_cell(std::size_t column, std::size_t row) const {
  throw InputError(path + ":" + std::to_string(lines[row]) + ": column \"" + header[column] +
                   "\": expected a number, found \"" + std::string(cell(column, row).substr(0, 40)) + "\"");
}

std::vector<double> Table::numbers(std::size_t column) const {
  std::vector<double> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    if (row % look_every == 0) stop_if_asked();
    const std::optional<double> value = number_in(cell(column, row), decimal_comma_);
    if (!value) refuse_cell(column, row);
    values.push_back(*value);
  }
  return values;
}

std::optional<double> Table::reading(std::size_t column, std::size_t row) const {
  constexpr double overload = 9.99e9;
  const std::string_view text = cell(column, row);
  if (is_no_reading(text)) return std::nullopt;
  const std::optional<double> value = number_in(text, decimal_comma_);
  if (!value && !overflows(text)) refuse_cell(column, row);
  if (!value || std::abs(*value) >= overload) return std::nullopt;
  return value;
}

std::optional<double> Table::number(std::size_t column, std::size_t row) const {
  return number_in(cell(column, row), decimal_comma_);
}

std::optional<double> Table::value(std::size_t column, std::size_t row) const {
  const std::string_view text = cell(column, row);
  if (is_no_reading(text)) return std::nullopt;
  const std::optional<double> value = number_in(text, decimal_comma_);
  if (!value) refuse_cell(column, row);
  return value;
}

bool Table::numeric(std::size_t column) const {
  std::size_t numbers = 0, others = 0;
  for (std::size_t row = 0; row < std::min(rows(), sampled); ++row) {
    const std::string_view text = cell(column, row);
    if (number_in(text, decimal_comma_) || overflows(text)) {
      ++numbers;
    } else if (!is_no_reading(text)) {
      ++others;
    }
  }
  return numbers > 0 && numbers >= others;
}

Table parse_table(std::string text, const std::string& path, Layout layout) {
  return TableReader(std::move(text), path, layout).table();
}

Table read_table(const std::string& path, Layout layout) {
  return parse_table(read_bytes(path, largest_text), path == "-" ? "standard input" : path, layout);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",;\t\"\n\r#%!") == std::string::npos && trim(text).size() == text.size())
    return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

}  // namespace pnn::io
