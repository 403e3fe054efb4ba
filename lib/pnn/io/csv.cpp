#include "pnn/io/csv.hpp"

#include <algorithm>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t largest_text = std::size_t{1} << 30;

/// Walks through a text record by record, counting lines.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  /// The cells of the next record that is no comment and not empty; false at the end.
  bool next(char separator, std::vector<std::string>& cells) {
    while (position_ < text_.size()) {
      const std::size_t end = line_end();
      const std::string_view line = trim(text_.substr(position_, end - position_));
      if (!line.empty() && line.front() != '#') {
        record(separator, cells);
        return true;
      }
      position_ = std::min(end + 1, text_.size());
      ++line_;
    }
    return false;
  }
  /// The next line that is no comment, unread.
  std::string_view peek() {
    for (std::size_t at = position_; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = trim(text_.substr(at, end - at));
      if (!line.empty() && line.front() != '#') return line;
      at = end + 1;
    }
    return {};
  }
  /// Line on which the last record began.
  [[nodiscard]] std::size_t record_line() const { return record_line_; }

 private:
  [[nodiscard]] std::size_t line_end() const { return std::min(text_.find('\n', position_), text_.size()); }

  void record(char separator, std::vector<std::string>& cells) {
    cells.clear();
    record_line_ = line_;
    for (bool more = true; more;) {
      cells.push_back(cell(separator));
      more = position_ < text_.size() && text_[position_] == separator;
      if (position_ < text_.size()) {
        if (!more) ++line_;
        ++position_;
      }
    }
  }

  /// Leaves position_ at the separator, the line end, or the end of the text.
  std::string cell(char separator) {
    const std::size_t stop =
        std::min(text_.find_first_of(std::string{separator, '\n'}, position_), text_.size());
    const std::size_t quote = text_.find_first_not_of(separator == '\t' ? " " : " \t", position_);
    if (quote >= stop || text_[quote] != '"') {
      std::string value(trim(text_.substr(position_, stop - position_)));
      position_ = stop;
      return value;
    }
    position_ = quote + 1;
    std::string value = quoted();
    const std::size_t after =
        std::min(text_.find_first_of(std::string{separator, '\n'}, position_), text_.size());
    const std::string_view rest = trim(text_.substr(position_, after - position_));
    if (!rest.empty())
      fail("expected a separator after a quoted cell, found \"" + std::string(rest.substr(0, 20)) + "\"");
    position_ = after;
    return value;
  }

  std::string quoted() {
    std::string value;
    for (; position_ < text_.size(); ++position_) {
      const char c = text_[position_];
      if (c == '"') {
        if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') {
          ++position_;
          return value;
        }
        ++position_;
      }
      if (c == '\n') ++line_;
      value += c;
    }
    fail("a quote that is never closed");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(path_ + ":" + std::to_string(record_line_) + ": " + what);
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t position_ = 0, line_ = 1, record_line_ = 1;
};

char separator_of(std::string_view header) {
  for (const char c : {'\t', ';', ','})
    if (header.find(c) != std::string_view::npos) return c;
  return ',';
}

void check_header(const Csv& csv, std::size_t line) {
  std::set<std::string> seen;
  for (const std::string& name : csv.header) {
    const std::string where = csv.path + ":" + std::to_string(line) + ": ";
    if (name.empty()) throw InputError(where + "a column without a name in the header line");
    if (!seen.insert(name).second)
      throw InputError(where + "the column \"" + name + "\" stands twice in the header line");
  }
}

}  // namespace

bool Csv::has(std::string_view name) const {
  return std::find(header.begin(), header.end(), name) != header.end();
}

std::size_t Csv::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    throw InputError(path + ": no column \"" + std::string(name) + "\"" + did_you_mean(name, header) +
                     " (columns: " + join(header, ", ") + ")");
  }
  return static_cast<std::size_t>(found - header.begin());
}

std::vector<double> Csv::numbers(std::size_t column) const {
  std::vector<double> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    const std::string& text = columns[column][row];
    const std::optional<double> value = read_number(text);
    if (!value) {
      throw InputError(path + ":" + std::to_string(lines[row]) + ": column \"" + header[column] +
                       "\": expected a number, found \"" + text.substr(0, 40) + "\"");
    }
    values.push_back(*value);
  }
  return values;
}

Csv parse_csv(std::string_view text, const std::string& path) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.find('\0') != std::string_view::npos)
    throw InputError(path + ": expected a text table (CSV), found binary data");
  Csv csv;
  csv.path = path;
  Scanner scanner(text, csv.path);
  const char separator = separator_of(scanner.peek());
  if (!scanner.next(separator, csv.header))
    throw InputError(path + ": expected a table with a header line, found nothing");
  check_header(csv, scanner.record_line());
  csv.columns.resize(csv.header.size());
  for (std::vector<std::string> cells; scanner.next(separator, cells);) {
    if (cells.size() != csv.header.size()) {
      throw InputError(path + ":" + std::to_string(scanner.record_line()) + ": expected " +
                       std::to_string(csv.header.size()) + " columns as in the header line, found " +
                       std::to_string(cells.size()));
    }
    for (std::size_t k = 0; k < cells.size(); ++k) csv.columns[k].push_back(std::move(cells[k]));
    csv.lines.push_back(scanner.record_line());
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
    if (text.size() > largest_text)
      throw InputError(name + ": expected a table of at most 1 GiB, found more");
  }
  return parse_csv(text, name);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",;\t\"\n\r#") == std::string::npos && trim(text).size() == text.size()) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

}  // namespace pnn::io
