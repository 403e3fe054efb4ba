#include "pnn/app/resume.hpp"

#include "pnn/core/errors.hpp"

namespace pnn::app {

void describe_resume(Options& o, std::string& path) {
  o.text("resume", path, "FILE", "an unfinished output of the same command to continue").role =
      Option::Role::transport;
}

void describe_save_every(Options& o, double& seconds) {
  o.number("save-every", seconds, "S",
           "how often what is done is written to the output, for --resume after a crash (s)",
           Limits::positive())
      .role = Option::Role::transport;
}

std::string where_saved(const std::string& output, bool anything) {
  if (!anything) return "nothing was done before, run again";
  return output.empty() || output == "-"
             ? "without -o FILE nothing was kept, run again"
             : "what is done is in " + output + ", run again with --resume " + output;
}

void rethrow_saved(const std::exception_ptr& failure, const std::string& output, bool anything) {
  try {
    std::rethrow_exception(failure);
  } catch (const RunError& error) {
    throw RunError(std::string(error.what()) + "; " + where_saved(output, anything));
  }
}

void check_same_work(const Provenance& before, const Provenance& now, const std::string& path) {
  if (before.command != now.command)
    throw UsageError("--resume: " + path + " was begun with other options (" + before.command + ")");
  // the same command takes its inputs in the same order
  for (std::size_t k = 0; k < now.parents.size(); ++k) {
    if (k >= before.parents.size() || before.parents[k].hash != now.parents[k].hash)
      throw InputError("--resume: " + path + " was begun with another file of role \"" + now.parents[k].role +
                       "\"");
  }
}

}  // namespace pnn::app
