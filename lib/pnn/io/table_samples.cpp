// import_csv: the samples of a table.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/natural_order.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/classes.hpp"
#include "pnn/io/import.hpp"

namespace pnn::io {
namespace {

/// Where the values of a sample stand: of a real feature in one column; of an amplitude in two, or in one
/// that holds both parts.
struct Feature {
  std::string name, imaginary = {};
};

/// Cells without a value.
struct Gaps {
  std::size_t values = 0, rows = 0, first_row = 0;
  std::vector<std::string> columns;  ///< in which they stand
};

std::string place(const Table& table, std::size_t row) {
  return table.path + ":" + std::to_string(table.lines[row]);
}

/// A label; with a decimal comma the same number as with a point.
std::string label_of(const Table& table, std::size_t column, std::size_t row) {
  const std::string_view text = table.cell(column, row);
  const std::optional<double> number =
      text.find(',') == std::string_view::npos ? std::nullopt : table.number(column, row);
  return number ? format_number(*number) : std::string(text);
}

// ---- amplitudes ----

/// "0.1-2j", "(1e-3+2e0j)" or "0.5i" as a pair.
std::optional<std::pair<double, double>> read_complex(std::string_view text) {
  text = trim(text);
  if (text.starts_with('(') && text.ends_with(')')) text = trim(text.substr(1, text.size() - 2));
  if (text.empty()) return std::nullopt;
  if (text.back() != 'j' && text.back() != 'i') {
    const std::optional<double> real = read_number(text);
    return real ? std::optional(std::pair(*real, 0.0)) : std::nullopt;
  }
  text.remove_suffix(1);
  std::size_t cut = text.size();
  for (std::size_t k = text.size(); k-- > 1;) {
    if ((text[k] != '+' && text[k] != '-') || text[k - 1] == 'e' || text[k - 1] == 'E') continue;
    cut = k;
    break;
  }
  if (cut == text.size()) cut = 0;
  const std::optional<double> real = cut == 0 ? std::optional(0.0) : read_number(text.substr(0, cut)),
                              imaginary = read_number(text.substr(cut));
  if (!real || !imaginary) return std::nullopt;
  return std::pair(*real, *imaginary);
}

enum class Part { none, real, imaginary };

/// Which part of which amplitude a column name says: "x_re", "x.imag", "Re(x)", "im x".
std::pair<Part, std::string> part_of(std::string_view name) {
  const std::string lower = lower_case(name);
  constexpr std::string_view between = "_.- ([)]";
  for (const auto& [word, part] : {std::pair{"real", Part::real}, std::pair{"imag", Part::imaginary},
                                   std::pair{"re", Part::real}, std::pair{"im", Part::imaginary}}) {
    const std::size_t size = std::string_view(word).size();
    std::string rest;
    if (lower.size() > size && lower.ends_with(word) &&
        between.find(lower[lower.size() - size - 1]) != std::string_view::npos) {
      rest = lower.substr(0, lower.size() - size);
    } else if (lower.size() > size && lower.starts_with(word) &&
               between.find(lower[size]) != std::string_view::npos) {
      rest = lower.substr(size);
    }
    const std::size_t begin = rest.find_first_not_of(between), end = rest.find_last_not_of(between);
    if (begin != std::string::npos) return {part, rest.substr(begin, end - begin + 1)};
  }
  return {Part::none, ""};
}

std::vector<Feature> amplitudes(const Table& table, const std::vector<std::size_t>& columns) {
  std::vector<Feature> features;
  std::vector<bool> taken(table.header.size());
  for (const std::size_t column : columns) {
    if (taken[column]) continue;
    const auto [part, name] = part_of(table.header[column]);
    if (part == Part::none) {
      if (table.rows() > 0 && read_complex(table.cell(column, 0)) && !read_number(table.cell(column, 0))) {
        features.push_back({table.header[column]});
        continue;
      }
      throw InputError(
          table.path + ": the column \"" + table.header[column] +
          "\" is no amplitude; --complex expects pairs of columns such as x_re and x_im, or cells "
          "such as 0.1-2j (--ignore leaves columns out)");
    }
    const auto other =
        std::find_if(columns.begin(), columns.end(), [&, wanted = part, of = name](std::size_t c) {
          const auto [found, named] = part_of(table.header[c]);
          return found != Part::none && found != wanted && named == of;
        });
    if (other == columns.end())
      throw InputError(table.path + ": the column \"" + table.header[column] +
                       "\" has no other part; --complex expects pairs of columns such as x_re and x_im");
    taken[column] = taken[*other] = true;
    const std::string &here = table.header[column], &there = table.header[*other];
    features.push_back(part == Part::real ? Feature{here, there} : Feature{there, here});
  }
  return features;
}

// ---- values ----

/// The rows of a table that are samples, and what they hold.
struct Samples {
  Matrix<float> x;
  std::vector<std::string> labels;  ///< or
  Matrix<double> targets;
  std::vector<std::size_t> rows;  ///< of the table
  std::size_t missing = 0;        ///< values that are NaN
};

class SampleReader {
 public:
  /// `learned`: names of the column of the labels, or of those of the targets.
  SampleReader(const Table& table, const TableSettings& settings, const std::vector<Feature>& features,
               const std::vector<std::string>& learned, std::vector<Note>& notes)
      : table_(table), settings_(settings), features_(features), learned_(learned), notes_(notes) {}

  Samples read() {
    const auto count = Index(features_.size());
    samples_.x.resize(Index(table_.rows()), count * (settings_.complex ? 2 : 1));
    gaps_of_row_.assign(table_.rows(), 0);
    for (Index feature = 0; feature < count; ++feature) read_feature(feature);
    const char* what = settings_.regression ? "target" : "label";
    std::size_t without = 0, first = 0;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (has_learned(row)) continue;
      first = without++ == 0 ? row : first;
      gaps_of_row_[row] += settings_.missing == Missing::drop ? 1 : 0;
    }
    if (without > 0 && settings_.missing != Missing::drop)
      throw InputError(place(table_, first) + ": no " + what + " in " + std::to_string(without) + " of " +
                       std::to_string(table_.rows()) + " rows; leave them out with --missing drop");
    if (gaps_.values > 0) tell_gaps();
    keep_rows(what);
    if (samples_.rows.empty())
      throw InputError(table_.path + ": expected samples under the header line, found none" +
                       (table_.rows() > 0 ? " without missing values" : ""));
    return std::move(samples_);
  }

 private:
  /// Whether a row has its label, or all its targets.
  [[nodiscard]] bool has_learned(std::size_t row) const {
    return std::all_of(learned_.begin(), learned_.end(), [&](const std::string& name) {
      const std::size_t column = table_.column(name);
      return settings_.regression ? table_.value(column, row).has_value()
                                  : !is_no_label(table_.cell(column, row));
    });
  }
  void read_feature(Index feature) {
    const Feature& f = features_[std::size_t(feature)];
    const std::size_t column = table_.column(f.name);
    if (!settings_.complex) return read_column(column, feature);
    const auto amplitudes = Index(features_.size());
    if (!f.imaginary.empty()) {
      read_column(column, feature);
      read_column(table_.column(f.imaginary), amplitudes + feature);
      return;
    }
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const auto value = read_complex(table_.cell(column, row));
      if (!value)
        throw InputError(place(table_, row) + ": column \"" + f.name +
                         "\": expected a complex number, found \"" +
                         std::string(table_.cell(column, row).substr(0, 40)) + "\"");
      put(column, row, feature, value->first);
      put(column, row, amplitudes + feature, value->second);
    }
  }
  void read_column(std::size_t column, Index feature) {
    std::size_t gaps = 0;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (row % 4096 == 0) stop_if_asked();
      std::optional<double> value;
      try {
        value = table_.value(column, row);
      } catch (const InputError& error) {
        throw InputError(std::string(error.what()) + "; --ignore leaves columns out");
      }
      if (value) {
        put(column, row, feature, *value);
        continue;
      }
      if (gaps_.values++ == 0 || row < gaps_.first_row) gaps_.first_row = row;
      gaps_.rows += gaps_of_row_[row]++ == 0 ? 1 : 0;
      if (gaps++ == 0) gaps_.columns.push_back(table_.header[column]);
      samples_.x(Index(row), feature) = std::numeric_limits<float>::quiet_NaN();
    }
    if (gaps == table_.rows() && gaps > 0)
      throw InputError(table_.path + ": the column \"" + table_.header[column] +
                       "\" has no value at all; leave it out with --ignore");
  }
  void put(std::size_t column, std::size_t row, Index feature, double value) {
    const auto narrow = float(value);
    if (!std::isfinite(narrow))
      throw InputError(place(table_, row) + ": column \"" + table_.header[column] +
                       "\": " + std::string(table_.cell(column, row)) + " is beyond single precision");
    samples_.x(Index(row), feature) = narrow;
  }
  void tell_gaps() {
    constexpr std::size_t most_told = 5;
    const auto told = std::span(gaps_.columns).first(std::min(gaps_.columns.size(), most_told));
    const std::string what =
        std::to_string(gaps_.values) + (gaps_.values == 1 ? " value is" : " values are") + " missing in " +
        std::to_string(gaps_.rows) + " of " + std::to_string(table_.rows()) +
        " rows (columns: " + join(told, ", ") + (told.size() < gaps_.columns.size() ? ", …" : "") + ")";
    switch (settings_.missing) {
      case Missing::refuse:
        throw InputError(place(table_, gaps_.first_row) + ": " + what +
                         "; leave these rows out with --missing drop, or take --missing mean, the mean of "
                         "the feature in training");
      case Missing::drop:
        notes_.push_back({what + ": the rows were left out", false});
        return;
      case Missing::mean:
        notes_.push_back({what + ", replaced by the mean of the feature in training", false});
        samples_.missing = gaps_.values;
    }
  }
  void keep_rows(const std::string& what) {
    Index kept = 0;
    if (settings_.regression) samples_.targets.resize(Index(table_.rows()), Index(learned_.size()));
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (settings_.missing == Missing::drop && gaps_of_row_[row] > 0) continue;
      if (std::size_t(kept) != row) samples_.x.row(kept) = samples_.x.row(Index(row));
      samples_.rows.push_back(row);
      if (!settings_.regression)
        samples_.labels.push_back(label_of(table_, table_.column(learned_.front()), row));
      for (Index k = 0; k < samples_.targets.cols(); ++k)
        samples_.targets(kept, k) = table_.value(table_.column(learned_[std::size_t(k)]), row).value();
      ++kept;
    }
    samples_.x.conservativeResize(kept, Eigen::NoChange);
    samples_.targets.conservativeResize(settings_.regression ? kept : 0, Eigen::NoChange);
    const std::size_t dropped = table_.rows() - samples_.rows.size();
    if (dropped > gaps_.rows)
      notes_.push_back({std::to_string(dropped) + " of " + std::to_string(table_.rows()) +
                            " rows were left out, those without a " + what + " among them",
                        false});
  }

  const Table& table_;
  const TableSettings& settings_;
  const std::vector<Feature>& features_;
  const std::vector<std::string>& learned_;
  std::vector<Note>& notes_;
  Samples samples_;
  Gaps gaps_;
  std::vector<std::size_t> gaps_of_row_;
};

/// Whether the numbers of a column rise, or fall, from each row to the next.
bool follows_the_rows(const Table& table, std::size_t column) {
  bool rises = true, falls = true;
  double before = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::optional<double> number = table.number(column, row);
    if (!number) return false;
    rises = rises && (row == 0 || *number > before);
    falls = falls && (row == 0 || *number < before);
    if (!rises && !falls) return false;
    before = *number;
  }
  return true;
}

/// Warns of features that may be taken for something else than was meant.
void tell_doubts(const Table& table, const std::vector<Feature>& features, bool complex,
                 std::vector<Note>& notes) {
  constexpr std::size_t fewest_rows = 20;  // of fewer, numbers may rise by chance
  std::set<std::string> real, imaginary;
  for (const Feature& feature : features) {
    if (features.size() > 1 && table.rows() >= fewest_rows && !complex &&
        follows_the_rows(table, table.column(feature.name)))
      notes.push_back(
          {"the column \"" + feature.name +
               "\" rises or falls from each row to the next, as a time or the place in a sorted table "
               "does: if it is none of the samples' features, leave it out with --ignore '" +
               feature.name + "'",
           false});
    const auto [part, of] = part_of(feature.name);
    if (part == Part::real) real.insert(of);
    if (part == Part::imaginary) imaginary.insert(of);
  }
  if (!complex && !real.empty() && real == imaginary && 2 * real.size() == features.size())
    notes.push_back({"the columns are pairs as \"" + features[0].name + "\" and \"" + features[1].name +
                         "\", and each is a feature of its own; --complex takes a pair for an amplitude",
                     false});
}

/// Columns whose names differ in a number alone stand in the order of these numbers: programs that sort names
/// write pixel10 before pixel2.
void order_by_number(std::vector<Feature>& features, std::vector<Note>& notes) {
  const auto stem = [](const std::string& name) {
    return name.substr(0, name.find_last_not_of("0123456789") + 1);
  };
  const bool alike = std::all_of(features.begin(), features.end(), [&](const Feature& f) {
    const std::string of_it = stem(f.name);
    return of_it.size() < f.name.size() && of_it == stem(features.front().name);
  });
  const auto before = [](const Feature& a, const Feature& b) { return natural_less(a.name, b.name); };
  if (!alike || std::is_sorted(features.begin(), features.end(), before)) return;
  std::stable_sort(features.begin(), features.end(), before);
  notes.push_back({"the features are taken in the order of their numbers, " + features.front().name + " to " +
                       features.back().name + ", and not in that of the columns",
                   true});
}

void tell_unused(const Table& table, const std::vector<std::size_t>& used,
                 const std::vector<std::size_t>& learned, std::vector<Note>& notes) {
  std::vector<std::string> unused;
  for (std::size_t column = 0; column < table.header.size(); ++column)
    if (!std::binary_search(learned.begin(), learned.end(), column) &&
        !std::binary_search(used.begin(), used.end(), column))
      unused.push_back(table.header[column]);
  if (unused.empty()) return;
  constexpr std::size_t most_told = 10;
  const auto told = std::span(unused).first(std::min(unused.size(), most_told));
  notes.push_back({std::to_string(unused.size()) + (unused.size() == 1 ? " column is" : " columns are") +
                       " ignored: " + join(told, ", ") + (told.size() < unused.size() ? ", …" : ""),
                   true});
}

}  // namespace

RawData import_csv(const Table& table, const TableSettings& settings, const std::string& name,
                   const Table* test) {
  const Learned learned{settings.targets.empty() ? std::vector{table.column(settings.label_column)}
                                                 : columns_of(table, settings.targets, "targets"),
                        settings.regression};
  if (table.header.size() < 2)
    throw InputError(table.path + ": expected columns beside the label column \"" + settings.label_column +
                     "\"");
  if (table.rows() == 0)
    throw InputError(table.path + ": expected samples under the header line, found none");
  RawData raw;
  raw.name = name;
  const std::vector<std::size_t> columns = feature_columns(table, learned, settings.columns);
  std::vector<std::string> learned_names;
  for (const std::size_t column : learned.columns) learned_names.push_back(table.header[column]);
  std::vector<Feature> features;
  if (settings.complex) {
    features = amplitudes(table, columns);
  } else {
    for (const std::size_t column : columns) features.push_back({table.header[column]});
    if (settings.pixels) order_by_number(features, raw.notes);
  }
  raw.shape = {Index(features.size()), 1, 1, settings.complex};
  tell_doubts(table, features, settings.complex, raw.notes);
  const auto take = [&](const Table& from, network::Split& split, const Classes* given) {
    Samples samples = SampleReader(from, settings, features, learned_names, raw.notes).read();
    split.x = std::move(samples.x);
    raw.missing += samples.missing;
    if (settings.regression) {
      take_targets(samples.targets, learned_names, raw, split);
      return std::optional<Classes>();
    }
    std::optional<Classes> own;
    if (given == nullptr)
      own.emplace(samples.labels, from.path + ": the column \"" + settings.label_column + "\"", raw.notes);
    const Classes& classes = given == nullptr ? *own : *given;
    split.y = classes.numbers(samples.labels, [&](std::size_t k) { return place(from, samples.rows[k]); });
    return std::optional(classes);
  };
  const std::optional<Classes> classes = take(table, raw.train, nullptr);
  if (classes) raw.classes = classes->names();
  tell_unused(table, columns, learned.columns, raw.notes);
  if (test == nullptr) return raw;
  if (test->named != table.named)
    throw InputError(test->path + ": expected a header line as " + table.path +
                     (table.named ? " has, found none" : " has none, found one"));
  take(*test, raw.test, classes ? &*classes : nullptr);
  return raw;
}

}  // namespace pnn::io
