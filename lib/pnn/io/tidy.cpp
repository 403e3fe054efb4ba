#include "pnn/io/tidy.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/content.hpp"
#include "pnn/io/schema.hpp"
#include "pnn/io/walk.hpp"

namespace pnn::io {
namespace {

using Kind = Column::Kind;

std::string group_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}
std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}
/// The name of a dataset as a column of values, of which a row has one.
std::string title_of(const std::string& path) {
  const std::string name = name_of(path);
  for (const char* one : {"value", "unit", "remark"})
    if (name == std::string(one) + "s") return one;
  return name;
}

/// All datasets of a file.
class Datasets {
 public:
  explicit Datasets(const Reader& reader) : reader_(reader), paths_(dataset_paths(reader)) {}
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] bool has(const std::string& path) const {
    return std::find(paths_.begin(), paths_.end(), path) != paths_.end();
  }

  /// The table of one dataset.
  [[nodiscard]] ColumnTable table(const std::string& path) const {
    const Content content(reader_, path);
    const std::vector<std::string> axes = content.labels().names;
    const std::vector<std::size_t>& shape = content.description().shape;
    std::size_t rows = 1;
    for (const std::size_t size : shape) rows *= size;
    ColumnTable table;
    if (const std::string layer = part_of(path, "<layer>"); !layer.empty())
      table.add("layer", Kind::text).texts.assign(rows, layer);
    if (const std::string number = part_of(path, "<number>"); !number.empty())
      add_sweep(table, path, number, rows);
    std::vector<std::string> labels;
    std::size_t inner = rows;  // values behind each place along the axis
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      inner /= std::max<std::size_t>(shape[axis], 1);
      Column along = places(path, axes[axis], shape[axis], labels);
      while (table.find(along.name) != nullptr) along.name += " 2";  // a covariance has an axis twice
      const auto place = [&](std::size_t k) { return k / inner % shape[axis]; };
      table.columns.push_back(spread(along, rows, place));
      if (const std::optional<Column> trainings = trainings_of(along))
        table.columns.push_back(spread(*trainings, rows, place));
    }
    for (const std::string& other : paths_) {
      if (group_of(other) != group_of(path) || hidden(other) ||
          std::find(labels.begin(), labels.end(), other) != labels.end())
        continue;
      if (std::optional<Column> values = beside(other, axes, shape, rows)) {
        while (table.find(values->name) != nullptr) values->name += " value";
        table.columns.push_back(std::move(*values));
        if (other == path) add_errors(table, path, axes, shape);
      }
    }
    if (std::find(axes.begin(), axes.end(), "point") != axes.end()) drop_padding(table, name_of(path));
    return table;
  }

  [[nodiscard]] bool hidden(const std::string& path) const { return path.starts_with("/truth/"); }
  [[nodiscard]] bool has_axes(const std::string& path) const {
    return !Content(reader_, path).description().shape.empty();
  }

 private:
  /// What stands in the path of a dataset where its pattern has `mark`; empty if it has none.
  [[nodiscard]] std::string part_of(const std::string& path, const char* mark) const {
    const Item* item = find_item(reader_.filetype(), path);
    if (item == nullptr) return {};
    const std::vector<std::string> pattern = split(item->path, '/'), parts = split(path, '/');
    const auto at = std::find(pattern.begin(), pattern.end(), mark);
    return at == pattern.end() ? "" : parts[std::size_t(at - pattern.begin())];
  }

  /// The number of a sweep, and at what it was taken.
  void add_sweep(ColumnTable& table, const std::string& path, const std::string& number,
                 std::size_t rows) const {
    table.add("sweep", Kind::whole).numbers.assign(rows, std::stod(number));
    for (const char* name : {"bus", "heater", "current", "voltage", "heater_power", "temperature"}) {
      const std::string beside = group_of(path) + name;
      if (!has(beside)) continue;
      const Column one = column_of(Content(reader_, beside), name);
      table.columns.push_back(spread(one, rows, [](std::size_t) { return std::size_t(0); }));
    }
  }

  /// A dataset as a column, one value a row.
  [[nodiscard]] static Column column_of(const Content& content, const std::string& name) {
    Column column;
    column.name = name;
    const h5::Description& description = content.description();
    if (description.kind == Content::Class::text) {
      column.texts = content.texts();
      return column;
    }
    const bool whole = description.kind == Content::Class::integer && content.attribute("scale").empty();
    column.kind = whole ? Kind::whole : description.element_bytes <= 4 ? Kind::real32 : Kind::real64;
    const std::string unit = content.attribute("units");
    if (unit.find("units") == std::string::npos) column.unit = unit;  // "see units"
    content.numbers([&](auto value) { column.numbers.push_back(double(value)); });
    return column;
  }

  template <class Place>
  static Column spread(const Column& from, std::size_t rows, const Place& place) {
    Column column;
    column.name = from.name;
    column.kind = from.kind;
    column.unit = from.unit;
    for (std::size_t k = 0; k < rows; ++k) {
      if (from.kind == Kind::text) {
        column.texts.push_back(from.texts[place(k)]);
      } else {
        column.numbers.push_back(from.numbers[place(k)]);
      }
    }
    return column;
  }

  /// The names or values of the places along an axis, or their numbers; `labels` gets the dataset of them.
  [[nodiscard]] Column places(const std::string& path, const std::string& axis, std::size_t size,
                              std::vector<std::string>& labels) const {
    const std::string beside = group_of(path) + axis, above = "/" + axis;
    std::vector<std::string> candidates = {"/axes/" + axis, beside, beside + "s", above + "s"};
    if (axis == "true" || axis == "predicted") candidates.emplace_back("/classes");
    for (const std::string& candidate : candidates) {
      if (!has(candidate)) continue;
      const Content content(reader_, candidate);
      if (content.description().shape != std::vector{size}) continue;
      labels.push_back(candidate);
      return column_of(content, axis);
    }
    Column numbers;
    numbers.name = axis;
    numbers.kind = Kind::whole;
    for (std::size_t k = 0; k < size; ++k) numbers.numbers.push_back(double(k));
    return numbers;
  }

  /// The numbers of the trainings of each method, from 1, where one has several.
  [[nodiscard]] static std::optional<Column> trainings_of(const Column& methods) {
    Column numbers;
    numbers.name = "training";
    numbers.kind = Kind::whole;
    for (auto name = methods.texts.begin(); name != methods.texts.end(); ++name)
      numbers.numbers.push_back(1 + double(std::count(methods.texts.begin(), name, *name)));
    const bool several =
        std::any_of(numbers.numbers.begin(), numbers.numbers.end(), [](double n) { return n > 1; });
    return methods.name == "method" && several ? std::optional(numbers) : std::nullopt;
  }

  /// A dataset as a column of the table with these axes, if it has none but them, each once.
  [[nodiscard]] std::optional<Column> beside(const std::string& path, const std::vector<std::string>& axes,
                                             const std::vector<std::size_t>& shape, std::size_t rows) const {
    const Content content(reader_, path);
    const std::vector<std::string> own = content.labels().names;
    const std::vector<std::size_t>& sizes = content.description().shape;
    if (sizes.empty() || own.size() != sizes.size()) return std::nullopt;
    if (own == axes && sizes == shape) return column_of(content, title_of(path));
    std::vector<std::size_t> stride(axes.size(), 0);
    std::size_t inner = 1;
    for (std::size_t k = own.size(); k-- > 0;) {
      const auto at = std::size_t(std::find(axes.begin(), axes.end(), own[k]) - axes.begin());
      if (at == axes.size() || shape[at] != sizes[k] || std::count(own.begin(), own.end(), own[k]) > 1)
        return std::nullopt;
      stride[at] = inner;
      inner *= sizes[k];
    }
    return spread(column_of(content, title_of(path)), rows, [&](std::size_t row) {
      std::size_t at = 0;
      for (std::size_t axis = axes.size(); axis-- > 0; row /= shape[axis])
        at += row % shape[axis] * stride[axis];
      return at;
    });
  }

  /// Adds the standard errors of values that have covariances along their last axis. A variance of 0 is of
  /// what was not fitted.
  void add_errors(ColumnTable& table, const std::string& path, std::vector<std::string> axes,
                  std::vector<std::size_t> shape) const {
    const std::string covariance = group_of(path) + "covariance";
    if (name_of(path) != "values" || shape.empty() || !has(covariance)) return;
    const std::size_t size = shape.back();
    axes.push_back(axes.back()), shape.push_back(size);
    const Content content(reader_, covariance);
    if (content.labels().names != axes || content.description().shape != shape) return;
    const Column variances = column_of(content, covariance);
    Column& errors = table.add("standard error", Kind::real64);
    for (std::size_t row = 0; row * size < variances.numbers.size(); ++row) {
      const double variance = variances.numbers[row * size + row % size];
      errors.numbers.push_back(variance > 0 ? std::sqrt(variance) : std::nan(""));
    }
  }

  /// Leaves out the rows in which the column of this name has no number.
  static void drop_padding(ColumnTable& table, const std::string& name) {
    const Column* values = table.find(name);
    if (values == nullptr || values->kind == Kind::text) return;
    std::vector<std::size_t> kept;
    for (std::size_t k = 0; k < values->numbers.size(); ++k)
      if (!std::isnan(values->numbers[k])) kept.push_back(k);
    for (Column& column : table.columns)
      column = spread(column, kept.size(), [&](std::size_t k) { return kept[k]; });
  }

  const Reader& reader_;
  std::vector<std::string> paths_;
};

/// The main datasets of a file.
std::vector<std::string> main_datasets(const std::string& filetype, const Datasets& datasets) {
  const std::string pattern = filetype == "result"   ? "/loss"
                              : filetype == "curves" ? "/curves/<layer>/response"
                              : filetype == "model"  ? "/model/<layer>/values"
                              : filetype == "tuning" ? "/trials/criterion"
                                                     : "";
  std::vector<std::string> found;
  for (const std::string& path : datasets.paths()) {
    const Item* item = find_item(filetype, path);
    if (item != nullptr && (item->path == pattern || item->path == "/spectra/<number>/power"))
      found.push_back(path);
  }
  std::stable_sort(found.begin(), found.end(), natural_less);  // sweep 10 behind sweep 9
  return found;
}

std::string find_dataset(const std::string& path, const std::string& wanted, const Datasets& datasets) {
  const std::string name = wanted.starts_with("/") ? wanted : "/" + wanted;
  if (datasets.hidden(name + "/"))
    throw UsageError("--table: " + name + " is the hidden truth of a virtual device (pnn-info --truth)");
  if (datasets.has(name)) {
    if (!datasets.has_axes(name))
      throw UsageError("--table: " + name + " is a single value; pnn-info shows it");
    return name;
  }
  for (const std::string& inside : datasets.paths())
    if (group_of(inside) == name + "/" && datasets.has_axes(inside)) return inside;
  throw UsageError("--table: " + path + " has no dataset \"" + name + "\"" +
                   did_you_mean(name, datasets.paths()) + "; pnn-info names them");
}

}  // namespace

ColumnTable tidy_table(const std::string& path, const std::string& dataset) {
  try {
    const Reader reader(path, "");
    const Datasets datasets(reader);
    std::vector<std::string> chosen;
    if (!dataset.empty()) {
      chosen = {find_dataset(path, dataset, datasets)};
    } else if (chosen = main_datasets(reader.filetype(), datasets); chosen.empty()) {
      throw UsageError(path + ": a " + reader.filetype() +
                       " file has no table of its own; name a dataset with --table (pnn-info names them)");
    }
    ColumnTable table = datasets.table(chosen.front());
    for (std::size_t k = 1; k < chosen.size(); ++k) table.append(datasets.table(chosen[k]));
    return table;
  } catch (const h5::Failure& failure) {
    raise_read_failure(path == "-" ? "standard input" : path, failure);
  }
}

}  // namespace pnn::io
