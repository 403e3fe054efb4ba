#include "pnn/cli/context.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "pnn/cli/help.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"

namespace pnn::cli {
namespace {

void append_once(std::vector<std::string>& lines, const std::string& line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
}

/// Whether an output at `path` would take the place of the file that is read under `input`: that file itself,
/// the one that standard input comes from, or one that the command of a driver names.
bool replaces(const std::string& path, const std::string& input) {
  namespace fs = std::filesystem;
  std::error_code absent;  // a path that does not exist is no other file
  if (!fs::exists(path, absent)) return false;
  if (input == "-") {
    struct stat from {
    }, to{};
    return fstat(STDIN_FILENO, &from) == 0 && stat(path.c_str(), &to) == 0 && from.st_dev == to.st_dev &&
           from.st_ino == to.st_ino;
  }
  if (input.starts_with("exec:")) {
    std::string words = input.substr(5);
    std::replace_if(
        words.begin(), words.end(), [](char c) { return c == '\'' || c == '"' || c == '='; }, ' ');
    std::istringstream command(words);
    for (std::string word; command >> word;)
      if (fs::equivalent(word, path, absent)) return true;
    return false;
  }
  return fs::equivalent(input, path, absent);
}

void refuse_input_as_output(const Options& options, const std::string& path) {
  for (const Option& option : options.all()) {
    if (option.role != Option::Role::input && option.name != "config") continue;
    for (const std::string& input : option.get()) {
      if (replaces(path, input))
        throw UsageError(path + ": is also the input " + spoken_name(option) +
                         ", which is never modified; choose another name");
    }
  }
}

}  // namespace

std::uint64_t peak_memory_bytes() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

double processor_seconds() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string format_memory(std::uint64_t bytes) {
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return megabytes < 1000 ? std::to_string(std::lround(megabytes)) + " MB"
                          : format_short(megabytes / 1000, 3) + " GB";
}

ToolContext::ToolContext(const ToolInfo& info, const Options& options, std::uint64_t seed, Terminal& terminal,
                         StandardOutput standard_output)
    : options_(options), terminal_(terminal), standard_output_(standard_output) {
  header_.creator = info.name + " " + version();
  header_.command = info.name;
  header_.seed = seed;
}

Provenance ToolContext::provenance() const {
  Provenance header = header_;
  if (const std::string settings = options_.canonical(); !settings.empty()) header.command += " " + settings;
  return header;
}

bool ToolContext::asked(const std::string& option) const {
  const auto& all = options_.all();
  return std::any_of(all.begin(), all.end(), [&](const Option& o) { return o.name == option && o.asked; });
}

bool ToolContext::decided(const std::string& option) const {
  const auto& all = options_.all();
  return std::any_of(all.begin(), all.end(),
                     [&](const Option& o) { return o.name == option && o.asked && !o.by_preset; });
}

void ToolContext::parent(const std::string& role, const std::string& filetype, const std::string& hash,
                         const Provenance& header) {
  header_.parents.push_back({role, filetype, hash});
  for (const std::string& line : header.history) append_once(header_.history, line);
  // A CSV or IDX file has no command that made it.
  if (!header.creator.empty()) append_once(header_.history, header.creator + ": " + header.command);
}

void ToolContext::account(const std::string& what, std::uint64_t number) {
  const auto known = std::find_if(accounts_.begin(), accounts_.end(),
                                  [&](const auto& entry) { return entry.first == what; });
  if (known == accounts_.end()) {
    accounts_.emplace_back(what, number);
  } else {
    known->second += number;
  }
}

ToolContext::Output ToolContext::look(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {path};
  return {path, true, status.st_ino,
          status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec};
}

void ToolContext::check_output(const std::string& path) {
  namespace fs = std::filesystem;
  if (path.empty()) throw UsageError("-o: expected a file name, found nothing");
  const auto same = [&](const Output& output) { return output.path == path; };
  if (path == "-") {
    if (isatty(STDOUT_FILENO) == 1)
      throw UsageError("-o -: standard output is a terminal; name a file, or pipe it into another tool");
    if (standard_output_ == StandardOutput::closed)
      throw UsageError("-o -: standard output is closed; name a file, or pipe it into another tool");
  } else {
    std::error_code absent;
    // resolved by the system, since links such as /dev/stdout may lead to files without a name
    const fs::file_status status = fs::status(path, absent);
    const std::string place = followed(path);  // a link to a file that does not exist yet makes that file
    if (fs::exists(status) && (!fs::is_regular_file(status) || !fs::equivalent(path, place, absent)))
      throw UsageError(path +
                       ": exists and is not a regular file; a file is put in its place by renaming, so name "
                       "another, or use -o - for standard output");
    const fs::path parent = fs::path(place).parent_path();
    const std::string folder = parent.empty() ? "." : parent.string();
    if (!fs::is_directory(folder, absent))
      throw UsageError(path + ": there is no folder \"" + folder + "\"; make it first");
    if (access(folder.c_str(), W_OK | X_OK) != 0)
      throw RunError(path + ": folder \"" + folder + "\" cannot be written: " + std::strerror(errno));
    refuse_input_as_output(options_, path);
  }
  if (std::none_of(outputs_.begin(), outputs_.end(), same)) outputs_.push_back(look(path));
}

std::string ToolContext::closing_line() const {
  std::vector<std::string> written;
  for (const Output& before : outputs_) {
    const Output now = look(before.path);
    if (before.path == "-") {
      written.emplace_back("standard output");
    } else if (now.existed &&
               (!before.existed || now.inode != before.inode || now.modified_ns != before.modified_ns)) {
      written.push_back(before.path);
    }
  }
  if (written.empty() && accounts_.empty()) return {};
  std::string line = (written.empty() ? "done" : "wrote " + join(written, ", ")) + " in " +
                     format_duration(terminal_.elapsed_seconds()) + " (" +
                     format_duration(processor_seconds()) + " of processor time), peak " +
                     format_memory(peak_memory_bytes());
  for (const auto& [what, number] : accounts_) line += ", " + std::to_string(number) + " " + what;
  return line;
}

}  // namespace pnn::cli
