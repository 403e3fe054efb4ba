#include "pnn/app/resume.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/facts.hpp"

namespace pnn::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* ending = ".partial";

bool is_file_name(const std::string& path) {
  return !path.empty() && path != "-";
}

bool exists(const std::string& path) {
  std::error_code absent;
  return fs::exists(path, absent);
}

bool same_place(const std::string& a, const std::string& b) {
  std::error_code unknown;
  return fs::weakly_canonical(fs::absolute(a), unknown) == fs::weakly_canonical(fs::absolute(b), unknown);
}

/// "P: an unfinished training; finish it with pnn-train --resume P"
std::string finish_it(const std::string& path, const io::Unfinished& left) {
  const std::string output =
      path.ends_with(ending) ? path.substr(0, path.size() - std::string(ending).size()) : path;
  return path + ": " + left.what + "; finish it with " + left.tool + " --resume " + output;
}

/// The settings of a command that a file records ("tool name=value …"), as name and values.
using Recorded = std::vector<std::pair<std::string, std::vector<std::string>>>;
Recorded recorded(const std::string& command) {
  Recorded all;
  std::string word;
  bool quoted = false;
  const auto end_word = [&] {
    const std::size_t sign = word.find('=');
    const std::string name = word.substr(0, sign);
    const auto known = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.first == name; });
    auto& values =
        known == all.end() ? all.emplace_back(name, std::vector<std::string>()).second : known->second;
    values.push_back(sign == std::string::npos ? "" : word.substr(sign + 1));
    word.clear();
  };
  for (std::size_t k = 0; k < command.size(); ++k) {
    if (command[k] == ' ' && !quoted) {
      end_word();
      continue;
    }
    if (command[k] == '\'') quoted = !quoted;
    word += command[k];
    if (command[k] == '\\' && !quoted && k + 1 < command.size()) word += command[++k];
  }
  end_word();
  return all;
}

/// What two commands that files record differ in: "--lr 0.1 (now 0.2)"; `now` is the word for the second.
std::string differing(const std::string& first, const std::string& second, const std::string& now) {
  constexpr std::size_t most_told = 4;
  const Recorded a = recorded(first), b = recorded(second);
  const auto values = [](const Recorded& all, const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.first == name; });
    return found == all.end() ? std::vector<std::string>() : found->second;
  };
  if (a.front().first != b.front().first) return a.front().first + " (" + now + " " + b.front().first + ")";
  std::vector<std::string> told;
  for (const Recorded* all : {&a, &b})
    for (const auto& [name, own] : *all) {
      const std::vector<std::string> before = values(a, name), after = values(b, name);
      if (before == after || (all == &b && !before.empty())) continue;
      told.push_back(before.empty() ? "no --" + name + " (" + now + " " + join(after, ", ") + ")"
                                    : "--" + name + " " + join(before, ", ") + " (" + now + " " +
                                          (after.empty() ? "none" : join(after, ", ")) + ")");
    }
  if (told.size() > most_told) {
    const std::string more = "and " + std::to_string(told.size() - most_told) + " more";
    told.resize(most_told);
    told.push_back(more);
  }
  return join(told, ", ");
}

}  // namespace

void UnfinishedSettings::describe(Options& o) {
  o.text("resume", resume, "FILE",
         "go on from what is unfinished of this output of the same command; from the beginning where FILE is "
         "also that of -o and nothing of it is there")
      .role = Option::Role::transport;
  o.text("checkpoint", checkpoint, "FILE",
         "keep what is unfinished in this file, perhaps on a scratch disk, in place of OUTPUT.partial")
      .role = Option::Role::output;
}

void describe_save_every(Options& o, double& seconds) {
  o.number("save-every", seconds, "S",
           "how often what is unfinished is saved, for --resume after a crash (s)", Limits::positive())
      .role = Option::Role::transport;
}

UnfinishedFile::UnfinishedFile(const UnfinishedSettings& settings, const std::string& output,
                               cli::Context& context)
    : output_(output), place_(settings.checkpoint) {
  if (place_ == "-") throw UsageError("--checkpoint -: what is unfinished is read again; name a file");
  if (is_file_name(output)) beside_ = output + ending;
  if (place_.empty()) place_ = beside_;
  if (!place_.empty()) context.check_output(place_);
  const std::string& resume = settings.resume;
  if (resume.empty()) {
    if (!place_.empty() && exists(place_) && !context.asked("dry-run"))
      context.progress().say(place_ + ": what an earlier run left unfinished is replaced; with --resume " +
                             (place_ == beside_ ? output : place_) + " the same command goes on from it");
    return;
  }
  const bool own = is_file_name(resume) && is_file_name(output) && same_place(resume, output);
  std::vector<std::string> candidates;
  if (own) candidates.push_back(place_);
  if (is_file_name(resume)) candidates.insert(candidates.end(), {resume + ending, resume});
  const auto found = std::find_if(candidates.begin(), candidates.end(), exists);
  if (found != candidates.end())
    before_ = *found;
  else if (own)
    context.progress().say("nothing of " + output + " is there to be resumed: from the beginning");
  else
    before_ = resume;  // its reader says why it cannot be read
  last_ = before_;
  begun_ = !before_.empty();
}

void UnfinishedFile::remove(cli::Context& context) const {
  for (const std::string& path : {place_, before_ == beside_ ? beside_ : std::string()})
    if (!path.empty() && unlink(path.c_str()) != 0 && errno != ENOENT)
      context.warn(path + ": the output is whole, and this file of its unfinished state cannot be removed (" +
                   std::strerror(errno) + ")");
}

std::string UnfinishedFile::where() const {
  if (!begun_) return "nothing was done before, run again";
  if (place_.empty()) return "without -o FILE or --checkpoint FILE nothing was kept, run again";
  if (last_.empty()) return "nothing could be kept, run again";
  return "what is done is in " + last_ + ", run again with --resume " +
         (last_ == place_ && is_file_name(output_) ? output_ : last_);
}

void UnfinishedFile::rethrow(const std::exception_ptr& failure) const {
  const auto with_end = [&](const Error& error) { return std::string(error.what()) + "; " + where(); };
  try {
    std::rethrow_exception(failure);
  } catch (const Interrupted& error) {
    throw Interrupted(with_end(error));
  } catch (const DivergenceError& error) {
    if (last_.empty()) throw;
    throw DivergenceError(std::string(error.what()) + "; the last state with finite numbers is in " + last_ +
                          ", from which --init " + last_ + " --unfinished starts with other settings");
  } catch (const RunError& error) {
    if (!begun_) throw;
    throw RunError(with_end(error));
  } catch (const UsageError& error) {  // a driver refused
    if (last_.empty()) throw;
    throw UsageError(with_end(error));
  }
}

void describe_unfinished(Options& o, bool& taken) {
  o.flag("unfinished", taken, "take unfinished files as they are, which are refused otherwise").later = true;
}

void refuse_unfinished(const std::string& path) {
  if (const auto left = io::unfinished_part(path)) throw InputError(finish_it(path, *left));
}

void refuse_unfinished(const std::string& path, bool taken) {
  if (taken) return;
  if (const auto left = io::unfinished_part(path))
    throw InputError(finish_it(path, *left) + ", or take it as it is with --unfinished");
}

io::Read<train::Params> read_trained(const std::string& path, bool taken) {
  auto read = io::read_params(path);
  if (!taken && !read.value.optimizer.finished) refuse_unfinished(path, false);
  return read;
}

void check_same_work(const Provenance& before, const Provenance& now, const std::string& path) {
  if (before.command != now.command)
    throw UsageError("--resume: " + path +
                     " was begun with other options: " + differing(before.command, now.command, "now") +
                     "; give the same, or begin anew without --resume");
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
  std::string what;
  if (first.creator != other.creator)
    what = "another tool or version";
  else if (first.command != other.command)
    what = "other settings: " + differing(first.command, other.command, "here");
  else if (first.seed != other.seed)
    what = "another seed";
  else if (!std::equal(first.parents.begin(), first.parents.end(), other.parents.begin(), other.parents.end(),
                       same_parents))
    what = "other inputs";
  if (!what.empty())
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
