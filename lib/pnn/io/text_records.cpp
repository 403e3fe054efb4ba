#include "pnn/io/text_records.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/cell_values.hpp"

namespace pnn::io {
namespace {

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

TextRecords::TextRecords(std::string& text, std::string path)
    : text_(text), path_(std::move(path)), separator_(separator_of(text)) {
  scan();
}

std::size_t TextRecords::line_end(std::size_t from) const {
  return std::min(text_.find('\n', from), text_.size());
}

void TextRecords::fail(std::size_t line, const std::string& what) const {
  throw InputError(path_ + ":" + std::to_string(line) + ": " + what);
}

Place TextRecords::place_of(std::string_view cell) const {
  if (cell.empty()) return {};
  return {static_cast<std::uint32_t>(cell.data() - text_.data()), static_cast<std::uint32_t>(cell.size())};
}

std::string_view TextRecords::cell(const Record& record, std::size_t column) const {
  if (column >= kept(record)) return {};
  const Place& place = cells_[record.begin + column];
  return std::string_view(text_).substr(place.begin, place.size);
}

void TextRecords::forget_cells() {
  cells_.clear();
  cells_.shrink_to_fit();
}

void TextRecords::scan() {
  while (position_ < text_.size()) {
    const std::size_t first = text_.find_first_not_of(" \t", position_);
    if (first == std::string::npos) return;
    if (text_[first] == '\n') {
      position_ = first + 1, ++line_;
      continue;
    }
    if (records.size() % look_every == 0) stop_if_asked();
    records.push_back({cells_.size(), 0, line_, comment_signs.find(text_[first]) != std::string_view::npos});
    if (records.back().comment || separator_ == ' ') {
      const std::size_t end = line_end(position_);
      cells_of_line(std::string_view(text_).substr(position_, end - position_), separator_,
                    [&](std::string_view cell) { add(place_of(cell)); });
      position_ = std::min(end + 1, text_.size()), ++line_;
    } else {
      record();
    }
  }
}

void TextRecords::add(Place place) {
  if (records.back().count++ < most_cells) cells_.push_back(place);
}

void TextRecords::record() {
  for (bool more = true; more;) {
    add(next_cell());
    more = position_ < text_.size() && text_[position_] == separator_;
    if (position_ < text_.size()) {
      if (!more) ++line_;
      ++position_;
    }
  }
}

std::size_t TextRecords::cell_end() const {
  std::size_t at = position_;
  while (at < text_.size() && text_[at] != separator_ && text_[at] != '\n') ++at;
  return at;
}

/// Leaves position_ at the separator, the line end, or the end of the text.
Place TextRecords::next_cell() {
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
    fail(records.back().line,
         "expected a separator after a quoted cell, found \"" + std::string(rest.substr(0, 20)) + "\"");
  position_ = after;
  return value;
}

/// Unpacked where it stands: it only becomes shorter.
Place TextRecords::quoted() {
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
  fail(records.back().line, "a quote that is never closed");
}

}  // namespace pnn::io
