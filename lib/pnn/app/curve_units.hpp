// Makes imported controls those of a platform, and responses weights, from whatever units they were measured
// in.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pnn/app/table_notes.hpp"
#include "pnn/io/curve_columns.hpp"
#include "pnn/model/import.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::app {

/// How values of a table become those of a platform.
class Conversion {
 public:
  /// Messages begin with `where`.
  Conversion(const study::PlatformLab& lab, const platform::Process& process, double temperature_tolerance_k,
             std::string where)
      : lab_(lab),
        process_(process),
        rules_{lab.reference_temperature_c(process), temperature_tolerance_k},
        where_(std::move(where)) {}

  /// Converts the controls of a table to those of the platform, and says how. Controls without a unit are the
  /// platform's, unless their range or the shape of the curves fits another unit much better. Throws
  /// InputError, naming the unit that would fit.
  void convert_controls(io::MeasuredColumns& columns, Told& told) const;
  /// Makes responses linear shares of a full scale, and says how: those with a unit, or in dB, by
  /// `full_scale`, the response that is a weight of 1, in their unit; without it by the largest of them,
  /// which becomes the largest weight of the process. Throws InputError for what can be no weight.
  void convert_responses(const std::optional<double>& full_scale, io::MeasuredColumns& columns,
                         Told& told) const;
  /// The curves of a table, as model/import makes them.
  [[nodiscard]] model::Curves curves(const model::CurveTable& table) const;

 private:
  /// A value of this unit as a control; nothing if the platform knows no way.
  [[nodiscard]] std::optional<double> control(const Unit& unit, double base) const;
  /// The largest control, if all values were of this unit.
  [[nodiscard]] std::optional<double> reach(const Unit& unit, const std::vector<double>& values) const;
  [[nodiscard]] std::optional<double> strangeness(const Unit& unit, model::CurveTable table) const;
  /// Controls without a unit are the platform's, unless they can hardly be.
  void check_assumed(const Unit& assumed, const io::MeasuredColumns& columns) const;
  /// Says which weights look as if they were none.
  void doubt_responses(const io::MeasuredColumns& columns, bool stated, Told& told) const;

  const study::PlatformLab& lab_;
  const platform::Process& process_;
  model::ImportRules rules_;
  std::string where_;
};

}  // namespace pnn::app
