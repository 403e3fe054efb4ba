// What is said of a result that was evaluated: its table, its JSON, and what gave no numbers?
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::app {

/// Tells of evaluations whose numbers are not finite. Throws RunError where there are no others.
void report_overflow(const study::SweepOutcome& outcome, cli::Context& context);

/// Table and JSON of a result: one row a condition, mean ± error and worst, a column a method (two where
/// pictures are compared); trainings that share a label are one method. Where a method has several trainings,
/// further columns hold the difference to the first method with its standard error.
void report_result(const study::Result& r, cli::Report& report);

}  // namespace pnn::app
