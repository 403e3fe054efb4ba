// What is said of a fit: what each parameter is, how well it is known, and which elements fit badly?
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"

namespace pnn::app {

/// Table and JSON of a model: a row a parameter of each chip, a line for each of the first twenty elements
/// that fit badly; and by how much the sweeps up and down of the curves differ, where both were taken.
void report_fit(const model::Model& model, const model::Curves& curves, cli::Report& report);

}  // namespace pnn::app
