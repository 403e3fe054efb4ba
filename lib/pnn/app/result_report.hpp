// Reports the result of an evaluation: its table, its JSON, and evaluations without finite numbers.
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::app {

/// Warns of evaluations whose numbers are not finite. Throws RunError if there are no others.
void report_overflow(const study::SweepOutcome& outcome, cli::Context& context);

/// Table and JSON of a result: one row for each condition, with mean ± error and worst, one column for each
/// method (two if pictures are compared). Trainings with the same label are one method. If a method has
/// several trainings, further columns contain the difference to the first method with its standard error and
/// a verdict. A yield that was told (app/yield.hpp) follows in a table of its own.
void report_result(const study::Result& r, cli::Report& report);

}  // namespace pnn::app
