// The yield of an evaluation over devices, as a command line asks for it (--yield), and what is said of it.
#pragma once

#include <string>
#include <vector>

#include "pnn/app/evaluation.hpp"

namespace pnn::app {

/// The options of the yield that eval, transfer and perturb share.
struct YieldSettings {
  std::vector<double> levels;  ///< in % of the score; empty: no yield is told
  double confidence = 95;      ///< %

  void describe(Options& o);
};

/// Levels and confidence of the yield that is asked for; no levels if none is. Throws UsageError if it would
/// act on nothing: on a model, on a score that is an error, or on a device that stands twice among `indices`.
study::Yield asked_yield(const YieldSettings& settings, const Evaluation& e,
                         const std::vector<std::size_t>& indices, const std::string& target);

/// A table and JSON of the yield, if the result tells one: for each condition and method the share of the
/// devices, and quantiles over them. Of one training intervals over devices, of several the mean and its
/// standard error over trainings (numbers of each training stand in the JSON); then the differences to the
/// first method (with the same deployment) follow, flat in JSON as [method, level or quantile, condition].
void report_yield(const study::Result& r, cli::Report& report);

/// What can be said of a process with `devices` devices, and how many a statement wants: rows of --dry-run.
void report_yield_forecast(const study::Yield& yield, std::size_t devices, cli::Report& report);

}  // namespace pnn::app
