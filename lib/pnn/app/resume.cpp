#include "pnn/app/resume.hpp"

#include <algorithm>

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
  if (before.parents.size() > now.parents.size())
    throw InputError("--resume: " + path + " was begun with a file of role \"" +
                     before.parents[now.parents.size()].role + "\" besides these");
}

void check_same_run(const Provenance& first, const Provenance& other, const std::string& first_path,
                    const std::string& path) {
  const auto same_parents = [](const Parent& a, const Parent& b) {
    return a.role == b.role && a.filetype == b.filetype && a.hash == b.hash;
  };
  const char* what = nullptr;
  if (first.creator != other.creator)
    what = "another tool or version";
  else if (first.command != other.command)
    what = "other settings";
  else if (first.seed != other.seed)
    what = "another seed";
  else if (!std::equal(first.parents.begin(), first.parents.end(), other.parents.begin(), other.parents.end(),
                       same_parents))
    what = "other inputs";
  if (what != nullptr)
    throw InputError(path + ": belongs to another run than " + first_path + " (" + what + ")");
}

void check_same_format(const FormatVersion& first, const FormatVersion& other, const std::string& first_path,
                       const std::string& path) {
  const auto text = [](const FormatVersion& v) {
    return std::to_string(v.major) + "." + std::to_string(v.minor);
  };
  if (text(first) == text(other)) return;
  throw InputError(
      path + ": is of format " + text(other) + " and " + first_path + " of " + text(first) +
      "; shards of one run are written by one version of the tools, so run the older ones again");
}

}  // namespace pnn::app
