// Reports a fit: the parameters, their uncertainties, and the elements that fit badly.
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"

namespace pnn::app {

/// Table and JSON of a model: one row for each parameter of each chip, one line for each of the first twenty
/// elements that fit badly, and the difference between the curves up and down if both were taken.
void report_fit(const model::Model& model, const model::Curves& curves, cli::Report& report);

/// A row for each element that was found, with its parameters and their standard errors, for models of which
/// each is looked at.
void report_elements(const model::Model& model, cli::Report& report);

}  // namespace pnn::app
