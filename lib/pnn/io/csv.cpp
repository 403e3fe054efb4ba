#include "pnn/io/csv.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t largest_text = std::size_t{1} << 30;
constexpr std::size_t most_columns = 1'000'000, longest_name = 1000;
/// Rows between two looks at whether to stop.
constexpr std::size_t look_every = 4096;

char separator_of(std::string_view header) {
  for (const char c : {'\t', ';', ','})
    if (header.find(c) != std::string_view::npos) return c;
  return ',';
}

void check_header(const Csv& csv, std::size_t line) {
  std::set<std::string> seen;
  for (const std::string& name : csv.header) {
    const std::string where = csv.path + ":" + std::to_string(line) + ": ";
    if (name.size() > longest_name)
      throw InputError(where + "a column name of " + std::to_string(name.size()) + " bytes, where " +
                       std::to_string(longest_name) + " are the most");
    if (name.empty()) throw InputError(where + "a column without a name in the header line");
    if (!seen.insert(name).second)
      throw InputError(where + "the column \"" + name + "\" stands twice in the header line");
  }
}

}  // namespace

/// Walks through the text of a table record by record, counting lines.
class Csv::Scanner {
 public:
  Scanner(std::string& text, const std::string& path) : text_(text), path_(path) {
    if (text_.starts_with("\xef\xbb\xbf")) position_ = 3;
  }

  /// Hands the places of the cells of the next record that is no comment and not empty to take(place), one
  /// after the other; false at the end.
  template <class Take>
  bool next(char separator, const Take& take) {
    while (position_ < text_.size()) {
      if (!passed_over(position_)) {
        record(separator, take);
        return true;
      }
      position_ = std::min(line_end(position_) + 1, text_.size());
      ++line_;
    }
    return false;
  }
  /// The next line that is no comment, unread.
  std::string_view peek() const {
    for (std::size_t at = position_; at < text_.size(); at = line_end(at) + 1)
      if (!passed_over(at)) return trim(std::string_view(text_).substr(at, line_end(at) - at));
    return {};
  }
  /// Line on which the last record began.
  [[nodiscard]] std::size_t record_line() const { return record_line_; }
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(path_ + ":" + std::to_string(record_line_) + ": " + what);
  }

 private:
  [[nodiscard]] std::size_t line_end(std::size_t from) const {
    return std::min(text_.find('\n', from), text_.size());
  }
  /// Whether the line that begins there is empty or a comment.
  [[nodiscard]] bool passed_over(std::size_t from) const {
    const std::size_t first = text_.find_first_not_of(" \t\r", from);
    return first == std::string::npos || text_[first] == '\n' || text_[first] == '#';
  }
  /// The next separator or line end.
  [[nodiscard]] std::size_t cell_end(char separator) const {
    std::size_t at = position_;
    while (at < text_.size() && text_[at] != separator && text_[at] != '\n') ++at;
    return at;
  }
  [[nodiscard]] Place place_of(std::string_view cell) const {
    return {static_cast<std::uint32_t>(cell.data() - text_.data()), static_cast<std::uint32_t>(cell.size())};
  }

  template <class Take>
  void record(char separator, const Take& take) {
    record_line_ = line_;
    for (bool more = true; more;) {
      take(cell(separator));
      more = position_ < text_.size() && text_[position_] == separator;
      if (position_ < text_.size()) {
        if (!more) ++line_;
        ++position_;
      }
    }
  }

  /// Leaves position_ at the separator, the line end, or the end of the text.
  Place cell(char separator) {
    const std::size_t stop = cell_end(separator);
    const std::string_view found(text_.data() + position_, stop - position_);
    const std::size_t quote = found.find_first_not_of(separator == '\t' ? " " : " \t");
    if (quote == std::string_view::npos || found[quote] != '"') {
      position_ = stop;
      const std::string_view value = trim(found);
      return value.empty() ? Place{} : place_of(value);
    }
    position_ += quote + 1;
    const Place value = quoted();
    const std::size_t after = cell_end(separator);
    const std::string_view rest = trim(std::string_view(text_).substr(position_, after - position_));
    if (!rest.empty())
      fail("expected a separator after a quoted cell, found \"" + std::string(rest.substr(0, 20)) + "\"");
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
    fail("a quote that is never closed");
  }

  std::string& text_;
  const std::string& path_;
  std::size_t position_ = 0, line_ = 1, record_line_ = 1;
};

bool Csv::has(std::string_view name) const {
  return std::find(header.begin(), header.end(), name) != header.end();
}

std::size_t Csv::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    constexpr std::size_t most_told = 20;
    const auto told = std::span(header).first(std::min(header.size(), most_told));
    throw InputError(path + ": no column \"" + std::string(name) + "\"" + did_you_mean(name, header) +
                     " (columns: " + join(told, ", ") + (told.size() < header.size() ? ", …" : "") + ")");
  }
  return static_cast<std::size_t>(found - header.begin());
}

std::vector<std::string> Csv::texts(std::string_view name) const {
  const std::size_t number = column(name);
  std::vector<std::string> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) values.emplace_back(cell(number, row));
  return values;
}

std::vector<double> Csv::numbers(std::size_t column) const {
  std::vector<double> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    if (row % look_every == 0) stop_if_asked();
    const std::string_view text = cell(column, row);
    const std::optional<double> value = read_number(text);
    if (!value) {
      throw InputError(path + ":" + std::to_string(lines[row]) + ": column \"" + header[column] +
                       "\": expected a number, found \"" + std::string(text.substr(0, 40)) + "\"");
    }
    values.push_back(*value);
  }
  return values;
}

Csv parse_csv(std::string text, const std::string& path) {
  if (text.size() > largest_text) throw InputError(path + ": expected a table of at most 1 GiB, found more");
  if (text.find('\0') != std::string::npos)
    throw InputError(path + ": expected a text table (CSV), found binary data");
  Csv csv;
  csv.path = path;
  csv.hash = text_hash(text);
  csv.text_ = std::move(text);
  Csv::Scanner scanner(csv.text_, csv.path);
  const char separator = separator_of(scanner.peek());
  const bool begun = scanner.next(separator, [&](Csv::Place place) {
    if (csv.header.size() == most_columns)
      scanner.fail("more than " + std::to_string(most_columns) + " columns in the header line");
    csv.header.push_back(csv.text_.substr(place.begin, place.size));
  });
  if (!begun) throw InputError(path + ": expected a table with a header line, found nothing");
  check_header(csv, scanner.record_line());
  const std::size_t columns = csv.header.size();
  std::size_t found = 0;
  const auto take = [&](Csv::Place place) {
    if (found++ < columns) csv.cells_.push_back(place);
  };
  for (; scanner.next(separator, take); found = 0) {
    if (found != columns) {
      scanner.fail("expected " + std::to_string(columns) + " columns as in the header line, found " +
                   std::to_string(found));
    }
    csv.lines.push_back(scanner.record_line());
    if (csv.rows() % look_every == 0) stop_if_asked();
  }
  return csv;
}

Csv read_csv(const std::string& path) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard input" : path;
  const Descriptor file(standard ? -1 : open_input(path, ""));
  std::string text;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (const std::size_t got = read_some(standard ? 0 : file.fd(), buffer.data(), buffer.size(), name)) {
    text.append(buffer.data(), got);
    if (text.size() > largest_text) break;  // refused later
  }
  return parse_csv(std::move(text), name);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",;\t\"\n\r#") == std::string::npos && trim(text).size() == text.size()) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

}  // namespace pnn::io
