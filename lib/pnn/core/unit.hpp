// Units of measured columns, as laboratories write them: "mA", "(µW)", "dBm", "deg C", "2.44 uA" for a code's
// step.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pnn/core/words.hpp"

namespace pnn {

/// What is measured in a unit. The base units, to which Unit::base converts: 1, A, V, W, °C. A code is a
/// number of steps whose size is not known.
enum class Dimension { number, current, voltage, power, temperature, code };
constexpr auto words_of(Dimension) {
  using enum Dimension;
  return std::to_array<Word<Dimension>>({{number, "a plain number"},
                                         {current, "a current"},
                                         {voltage, "a voltage"},
                                         {power, "a power"},
                                         {temperature, "a temperature"},
                                         {code, "a code"}});
}

/// A unit. Values in dB become power ratios, 10^(x/10), and those in dBm powers.
struct Unit {
  Dimension dimension = Dimension::number;
  double factor = 1;       ///< base units in one of this unit; of dB and dBm, in their linear value
  double offset = 0;       ///< added in base units (K)
  bool decibel = false;    ///< whether values are logarithmic
  std::string name = "1";  ///< in its usual spelling: "uA", "degC", "0.00244 mA"

  /// The value in base units.
  [[nodiscard]] double base(double value) const;
  /// The unit's value of a number of base units; not for logarithmic units.
  [[nodiscard]] double of_base(double value) const { return (value - offset) / factor; }
};

/// Reads a unit, with or without brackets, in any letter case ("MA" is milliamperes); µ may be u. A number in
/// front is the size of a step: "0.00244 mA" reads codes of a source. Empty if it is none: "" and "x" are
/// none, "1", "a.u." and "%" are plain numbers.
std::optional<Unit> read_unit(std::string_view text);

}  // namespace pnn
