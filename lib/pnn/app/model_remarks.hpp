// What a user should know of a model whenever work leans on it.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/model/model.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::app {

/// Warns of --extrapolate. Throws UsageError if nothing was `measured` that it could leave.
void tell_extrapolation(bool measured, cli::Context& context);
/// Warns of chips that were fitted to curves over their controls, in a file that does not say which: their
/// controls may be anywhere in the range of the process.
void tell_unmeasured(const model::Model& model, cli::Context& context);
/// Warns if work that varies these conditions, system parameters or values of the process leans on values
/// that the curves of the model did not determine, and reports them as "assumed".
void tell_assumed(const model::Model& model, const std::vector<std::string>& varied, cli::Context& context);

/// Warns of --limits that reach beyond `bounds`, where controls may be without them, and of controls held by
/// --fix whose elements take others in turn that are free. `process` is that of the elements.
void tell_bounds(const std::vector<platform::ControlBounds>& bounds,
                 const std::vector<platform::AnyPlan>& plans, const platform::Process& process,
                 const std::vector<std::string>& limits, const std::vector<std::string>& fixed,
                 cli::Context& context);

/// Keeps held what the parameters that a training starts from hold (--fix), and tells how many of their
/// controls move into their bounds.
void start_within_bounds(const train::Params& initial, const network::Resolved& network,
                         train::TrainInput& input, cli::Context& context);

}  // namespace pnn::app
