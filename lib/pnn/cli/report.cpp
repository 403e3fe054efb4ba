#include <algorithm>
#include <nlohmann/json.hpp>

#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/printable.hpp"

namespace pnn::cli {
namespace {

using Json = nlohmann::ordered_json;

/// JSON knows no nan and no infinity: null. Text that is not UTF-8 (a path) gets replacement characters.
std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void put(std::vector<std::pair<std::string, std::string>>& members, const std::string& key,
         std::string text) {
  const auto known =
      std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
  if (known == members.end()) {
    members.emplace_back(key, std::move(text));
  } else {
    known->second = std::move(text);
  }
}

bool looks_numeric(const std::string& cell) {
  return cell.empty() || cell == "-" || cell == "nan" ||
         cell.find_first_of("0123456789") == cell.find_first_not_of("+-.<>~ ");
}

}  // namespace

void Report::value(const std::string& key, double number) {
  put(members_, key, dumped(Json(number)));
}
void Report::value(const std::string& key, std::int64_t number) {
  put(members_, key, dumped(Json(number)));
}
void Report::value(const std::string& key, const std::string& text) {
  put(members_, key, dumped(Json(text)));
}
void Report::value(const std::string& key, const std::vector<double>& numbers) {
  put(members_, key, dumped(Json(numbers)));
}
void Report::value(const std::string& key, const std::vector<std::string>& texts) {
  put(members_, key, dumped(Json(texts)));
}

void Report::json(const std::string& key, const std::string& json_text) {
  const Json parsed = Json::parse(json_text, nullptr, false);
  require(!parsed.is_discarded(), "a report's member is valid JSON");
  put(members_, key, dumped(parsed));
}

std::string Report::Table::text() const {
  std::string out;
  for (const std::string& line : headlines) out += line + "\n";
  std::size_t columns = titles.size();
  for (const auto& row : rows) columns = std::max(columns, row.size());
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> numeric(columns, true);
  for (std::size_t c = 0; c < titles.size(); ++c) widths[c] = display_width(titles[c]);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], display_width(row[c]));
      numeric[c] = numeric[c] && looks_numeric(row[c]);
    }
  }
  const auto add_row = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string cell = c < cells.size() ? cells[c] : "";
      const std::string blanks(widths[c] - display_width(cell), ' ');
      line += (c ? "  " : "") + (numeric[c] ? blanks + cell : cell + blanks);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  if (!titles.empty()) add_row(titles);
  for (const auto& row : rows) add_row(row);
  return out;
}

std::string Report::text() const {
  std::string out;
  for (const Table& table : tables_) out += (out.empty() ? "" : "\n") + table.text();
  return out;
}

std::string Report::json_object() const {
  std::string text = "{";
  for (std::size_t k = 0; k < members_.size(); ++k)
    text += (k ? ", " : "") + dumped(Json(members_[k].first)) + ": " + members_[k].second;
  return text + "}\n";
}

}  // namespace pnn::cli
