#include "pnn/app/process_settings.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::app {

void ProcessSettings::describe(Options& o) {
  o.group("Process");
  o.list(
      "set", set, "NAME=VALUE",
      "a value of the process, as " + platform::process_example() + "; an unknown name lists the near one");
  o.number("variance", variance, "S", "factor on every spread over elements and devices, after --set",
           Limits::non_negative());
}

platform::Process ProcessSettings::applied_to(platform::Process process) const {
  for (const std::string& assignment : set) platform::set_process_value(process, assignment);
  process = platform::scale_spreads(process, variance);
  const std::vector<std::string> complaints = platform::check_process(process);
  if (!complaints.empty()) throw UsageError("process: " + join(complaints, "; "));
  return process;
}

void ProcessSettings::check_effect(const std::vector<platform::AnyPlan>& plans,
                                   const platform::Process& process) const {
  for (const std::string& assignment : set) {
    const std::string name(trim(std::string_view(assignment).substr(0, assignment.find('='))));
    platform::check_process_value(name, plans, process, "--set");
  }
}

}  // namespace pnn::app
