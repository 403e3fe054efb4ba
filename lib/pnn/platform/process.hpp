// The fabrication process of every platform together: what --set, files and the help read.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/platform/d2nn_process.hpp"
#include "pnn/platform/freespace_process.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/mrr_process.hpp"
#include "pnn/platform/mzi_process.hpp"

namespace pnn::platform {

/// Nominal values and spreads of all platforms; a network uses those of its layers.
struct Process {
  MrrProcess mrr;
  MziProcess mzi;
  FreespaceProcess freespace;
  D2nnProcess d2nn;
  Process() = default;
  Process(const MrrProcess& rings) : mrr(rings) {}  // NOLINT(google-explicit-constructor): of rings alone
  Process(const MziProcess& mesh) : mzi(mesh) {}    // NOLINT(google-explicit-constructor): of meshes alone
  Process(const FreespaceProcess& optics)  // NOLINT(google-explicit-constructor): of free space alone
      : freespace(optics) {}
  Process(const D2nnProcess& masks) : d2nn(masks) {}  // NOLINT(google-explicit-constructor): of masks alone
};

/// One named number of a process; the part of its name before the first point is the platform ("mrr").
struct ProcessField : Quantity {
  std::function<double&(Process&)> at;
  [[nodiscard]] double of(Process process) const { return at(process); }
  [[nodiscard]] std::string platform() const { return name.substr(0, name.find('.')); }
};

/// Every number of every platform, in a fixed order.
const std::vector<ProcessField>& process_fields();

/// Applies "mrr.delta.sigma=0.1" (also "mrr.polarity=thru-drop", and "mzi.split=0.15", a spread of splitters
/// in the other convention in use). Throws UsageError naming the nearest known name, or the allowed range.
void set_process_value(Process& process, std::string_view assignment);

/// What the name of a number means to set_process_value: unit and range, of mzi.split too. Throws UsageError
/// naming the nearest known number.
const Quantity& process_quantity(std::string_view name);
/// The number of process_fields that `name` sets: itself, but mzi.bs for mzi.split.
std::string process_number(std::string_view name);
/// Sets that number. Throws UsageError naming the allowed range.
void set_process_value(Process& process, std::string_view name, double value);

/// Complaints about the numbers of all platforms; empty when fine.
std::vector<std::string> check_process(const Process& process);

/// Why no device of this process can carry these layers, each complaint with what to do: more columns than a
/// bus has channels, more rings than heat can be reckoned between, more chips than draws can be addressed
/// for. Empty when fine. What passes here and check_process, fabrication draws and a device runs.
std::vector<std::string> check_layers(const std::vector<LayerPlan>& plans, const Process& process);

/// Every spread of every platform times `factor`.
Process scale_spreads(Process process, double factor);

}  // namespace pnn::platform
