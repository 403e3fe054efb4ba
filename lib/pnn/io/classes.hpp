// Turns the labels of samples, whatever they are written as, into numbered classes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/table.hpp"

namespace pnn::io {

/// The classes of a data set: the labels that occur in its training samples.
class Classes {
 public:
  /// Labels that are the same number ("1", "1.0") are one class, which is told in `notes`. The classes stand
  /// in numeric order if all labels are numbers, otherwise in alphabetical order. Throws InputError,
  /// beginning with `where`, if there are fewer than two of them, if one exceeds 250 bytes, or if they are no
  /// classes but values of a quantity: more than 20 different numbers, with fractions among them or fewer
  /// than three samples each on average.
  Classes(const std::vector<std::string>& labels, const std::string& where, std::vector<Note>& notes);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// The class numbers of labels. Throws InputError for one that is no class; `where(k)` says where label k
  /// stands.
  [[nodiscard]] std::vector<std::int32_t> numbers(const std::vector<std::string>& labels,
                                                  const std::function<std::string(std::size_t)>& where) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::int32_t, std::less<>> number_of_;  ///< by value, or by text
};

/// Whether a label is missing: an empty text, NaN, NA, n/a or a question mark.
bool is_no_label(std::string_view text);

}  // namespace pnn::io
