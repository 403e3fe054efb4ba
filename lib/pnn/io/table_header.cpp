// Which lines of a table are its header, its units, and a preamble.
#include <algorithm>

#include "pnn/core/lower_case.hpp"
#include "pnn/core/unit.hpp"
#include "pnn/io/table_reader.hpp"

namespace pnn::io {
namespace {

std::string quoted_start(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string out = "\"" + std::string(text.substr(0, shown));
  while (text.size() > shown && !out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0U) == 0x80U)
    out.pop_back();
  return out + (text.size() > shown ? "…\"" : "\"");
}

}  // namespace

std::vector<std::size_t> TableReader::indices_of_plain() const {
  std::vector<std::size_t> plain;
  for (std::size_t k = 0; k < records_.size() && plain.size() < TextRecords::sampled; ++k)
    if (!records_[k].comment) plain.push_back(k);
  return plain;
}

TableReader::Signature TableReader::signature(const Record& record,
                                              const std::vector<bool>& of_numbers) const {
  Signature out;
  for (std::size_t column = 0; column < columns_; ++column) {
    if (!of_numbers[column]) continue;
    const std::string_view text = cut_.cell(record, column);
    if (is_number(text)) {
      ++out.numbers;
    } else if (!is_no_reading(text)) {
      ++out.words;
    }
  }
  return out;
}

void TableReader::find_header() {
  const std::vector<std::size_t> plain = indices_of_plain();
  // the table begins with the first record of its length that another follows
  std::size_t start = 0;
  const auto fits = [&](std::size_t k) { return records_[plain[k]].count == columns_; };
  while (start + 1 < plain.size() && !(fits(start) && fits(start + 1))) ++start;
  if (plain.size() == 1 || !fits(start)) start = 0;

  std::vector<bool> of_numbers(std::min(columns_, TextRecords::most_cells));
  for (std::size_t column = 0; column < of_numbers.size(); ++column) {
    std::size_t numbers = 0, others = 0;
    for (std::size_t k = start; k < plain.size(); ++k) {
      if (!fits(k)) continue;
      const std::string_view text = cut_.cell(records_[plain[k]], column);
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

bool TableReader::is_line_of_units(const Record& record) const {
  std::size_t units = 0;
  for (std::size_t column = 0; column < TextRecords::kept(record); ++column) {
    const std::string_view text = cut_.cell(record, column);
    if (read_unit(text)) {
      ++units;
    } else if (!text.empty()) {
      return false;
    }
  }
  return units > 0;
}

/// Whether a record that begins with # has a name in its first cell and numbers in all others.
bool TableReader::looks_like_row(const Record& record) const {
  if (!record.comment || record.count != columns_ || columns_ < 2 || cut_.cell(record, 0).size() < 2)
    return false;
  for (std::size_t column = 1; column < columns_; ++column)
    if (!is_number(cut_.cell(record, column)) && !is_no_reading(cut_.cell(record, column))) return false;
  return true;
}

/// A line with # in front, just before the first numbers, may be the header. So may be that before rows of
/// elements whose names begin with #.
void TableReader::find_commented_header(std::size_t first) {
  while (first > 0 && looks_like_row(records_[first - 1])) --first;
  first_row_ = first;
  if (first > 0 && records_[first - 1].comment) {
    const Record& record = records_[first - 1];
    const std::size_t begin = cut_.places(record).front().begin;
    std::string_view line = std::string_view(text_).substr(begin, cut_.line_end(begin) - begin);
    line = trim(line.substr(std::min(line.find_first_not_of(comment_signs), line.size())));
    for (const char separator : {cut_.separator(), ',', ';', '\t', ' '}) {
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
std::size_t TableReader::names_in(const Record& record) const {
  std::set<std::string_view> names;
  for (std::size_t column = 0; column < TextRecords::kept(record); ++column)
    names.insert(cut_.cell(record, column));
  names.erase(std::string_view());
  return names.size();
}

/// `lines`: the records of words just before the first row. Of long names, units and comments, as plotting
/// programs write them, that with the most different names is the header, the last of several; a line of
/// units goes into the names, and cells that the header leaves empty are those of the other lines.
void TableReader::take_header(const std::vector<std::size_t>& lines) {
  std::size_t header = lines.back(), units = records_.size();
  for (const std::size_t line : lines)
    if (lines.size() > 1 && is_line_of_units(records_[line])) units = line;
  if (header == units) header = lines[lines.size() - 2];
  for (const std::size_t line : lines)
    if (line != units && names_in(records_[line]) > names_in(records_[header])) header = line;
  columns_ = records_[header].count;
  for (std::size_t column = 0; column < columns_; ++column) {
    std::string name(cut_.cell(records_[header], column));
    for (auto line = lines.rbegin(); name.empty() && line != lines.rend(); ++line)
      if (*line != units) name = cut_.cell(records_[*line], column);
    if (units < records_.size() && !cut_.cell(records_[units], column).empty())
      name += " (" + read_unit(cut_.cell(records_[units], column))->name + ")";
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
void TableReader::tell_passed_over(std::size_t before) {
  if (before == 0) return;
  const bool comments = std::all_of(records_.begin(), records_.begin() + std::ptrdiff_t(before),
                                    [](const Record& record) { return record.comment; });
  const std::size_t begin = text_.find_first_not_of(" \t\n");
  std::size_t at = 0;
  for (std::size_t line = 1; before < records_.size() && line < records_[before].line; ++line) {
    const std::string_view text = trim(std::string_view(text_).substr(at, cut_.line_end(at) - at));
    if (lower_case(text).find("unit") != std::string::npos)
      table_.notes.push_back({"a line before the first row speaks of a unit and is passed over: " +
                                  quoted_start(text) + "; --unit says the units of columns",
                              false});
    at = cut_.line_end(at) + 1;
  }
  table_.notes.push_back(
      {counted(before, "line") + " passed over before the " + (table_.named ? "header line" : "first row") +
           " (the first: " +
           quoted_start(trim(std::string_view(text_).substr(begin, cut_.line_end(begin) - begin))) + ")",
       comments});
}

}  // namespace pnn::io
