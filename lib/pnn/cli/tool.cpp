#include "pnn/cli/tool.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <new>
#include <system_error>

#include "pnn/cli/command_line.hpp"
#include "pnn/cli/common.hpp"
#include "pnn/cli/config.hpp"
#include "pnn/cli/context.hpp"
#include "pnn/cli/help.hpp"
#include "pnn/cli/manual.hpp"
#include "pnn/cli/signals.hpp"
#include "pnn/cli/terminal.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::cli {
namespace {

enum Status { done = 0, failed = 1, refused = 2, bug = 70, interrupted = 75 };

/// A reader that closes the pipe, as `head` does, has read what it wanted: that is no error.
void print_result(const std::string& text) {
  if (const int error = write_or_stop(STDOUT_FILENO, text.data(), text.size()); error != 0 && error != EPIPE)
    throw RunError(std::string("standard output: the result cannot be written: ") + std::strerror(error));
}

bool given(const CommandLine& line, const std::string& option) {
  for (const Assignment& assignment : line.given)
    if (assignment.option == option) return assignment.values != std::vector<std::string>{"false"};
  return false;
}

/// The last word on an option: command line, else configuration.
std::string named_value(const CommandLine& line, const Configuration& config, const std::string& option) {
  for (const Assignment& assignment : line.given)
    if (assignment.option == option) return assignment.values.back();
  std::string value;
  for (const Assignment& assignment : config.assignments)
    if (assignment.option == option && !assignment.values.empty()) value = assignment.values.back();
  return value;
}

/// Preset below configuration below command line.
void apply_settings(const CommandLine& line, const ToolInfo& info, Options& options) {
  Configuration preset, config;
  if (const std::string path = named_value(line, config, "config"); !path.empty())
    config = read_configuration(path, info.name, options);
  if (const std::string name = named_value(line, config, "preset"); !name.empty())
    preset = find_preset(name, info.name, options);
  apply_assignments(preset.assignments, Origin::preset, options);
  apply_assignments(config.assignments, Origin::user, options);
  apply_assignments(line.given, Origin::user, options);
  apply_process(config.process, Origin::user, options);
  apply_process(preset.process, Origin::preset, options);
}

/// Checks that all is given that is needed; a dry run needs no output.
void require_options(const Options& options) {
  const bool dry = std::any_of(options.all().begin(), options.all().end(), [](const Option& option) {
    return option.name == "dry-run" && option.get() == std::vector<std::string>{"true"};
  });
  std::vector<std::string> missing;
  for (const Option& option : options.all()) {
    if (!option.required || !option.get().empty()) continue;
    if (dry && option.role == Option::Role::output) continue;
    const bool file = option.positional && option.role == Option::Role::input;
    missing.push_back(spoken_name(option) + (file ? " (a file; - is standard input)" : ""));
  }
  if (!missing.empty()) throw UsageError(join(missing, ", ") + ": required, but not given; see --help");
}

bool lost_at_a_terminal(const CommandLine& line, const Options& options) {
  if (!line.given.empty() || !line.extras.empty() || isatty(STDIN_FILENO) != 1) return false;
  for (const Option& option : options.all())
    if (option.positional && option.required) return true;
  return false;
}

void configure(const CommonSettings& common, Terminal& terminal) {
  if (common.quiet && common.verbose)
    throw UsageError("--quiet and --verbose contradict each other: give one");
  if (common.quiet) terminal.set_verbosity(Terminal::Verbosity::quiet);
  if (common.verbose) terminal.set_verbosity(Terminal::Verbosity::verbose);
  if (common.time_limit) terminal.set_time_limit(*common.time_limit);
  set_threads(common.threads);
}

/// Checks the declared outputs before the work; true if the HDF5 file itself goes to standard output.
bool check_outputs(const Options& options, ToolContext& context) {
  bool to_stdout = false;
  std::map<std::string, std::string> named;  // place, option
  for (const Option& option : options.all()) {
    if (option.role != Option::Role::output) continue;
    for (const std::string& path : option.get()) {
      context.check_output(path);
      to_stdout = to_stdout || path == "-";
      const std::string place =
          path == "-" ? path : std::filesystem::weakly_canonical(std::filesystem::absolute(path)).string();
      if (const auto [other, free] = named.emplace(place, spoken_name(option)); !free)
        throw UsageError(other->second + " and " + spoken_name(option) + ": " + path +
                         " cannot be both; name two files");
    }
  }
  return to_stdout;
}

int run_checked(std::span<const std::string> words, const ToolInfo& info, Terminal& terminal,
                StandardOutput standard_output, const std::function<void(Options&)>& describe,
                const std::function<void(Context&)>& run) {
  Options options;
  CommonSettings common;
  describe(options);
  common.describe(options);

  if (words.size() == 1)
    if (const auto page = generated_page(words[0], info, options)) return print_result(*page), done;
  const CommandLine line = parse_command_line(options, words);
  if (given(line, "help")) return print_result(help_text(info, options)), done;
  if (given(line, "version")) return print_result(version_line(info)), done;
  if (lost_at_a_terminal(line, options)) {
    terminal.text(usage_line(info, options) + "\n" + info.name + " --help tells more\n");
    return refused;
  }
  refuse_extras(options, line.extras);
  apply_settings(line, info, options);
  if (const std::vector<std::string> idle = options.idle(); !idle.empty()) throw UsageError(join(idle, "; "));
  if (common.print_config) return print_result(print_configuration(info.name, options)), done;
  require_options(options);

  catch_signals();
  configure(common, terminal);
  constexpr double grace_s = 1;  // of processor time: enough to read the inputs, which --resume needs
  const StopListener listener(terminal, grace_s);
  ToolContext context(info, options, common.seed, terminal, standard_output);
  const bool file_on_stdout = check_outputs(options, context);
  terminal.detail("command: " + context.provenance().command);
  terminal.detail("threads: " + std::to_string(threads()));
  run(context);

  terminal.clear_bar();
  const std::string result = common.json ? context.report().json_object() : context.report().text();
  if (file_on_stdout) {
    terminal.text(result);
  } else {
    print_result(result);
  }
  if (const std::string accounts = context.closing_line(); !accounts.empty()) terminal.say(accounts);
  return done;
}

/// Tells the exception being handled in one line; its exit status.
int explain(Terminal& terminal) {
  try {
    throw;
  } catch (const Interrupted& error) {
    return terminal.message(error.what()), interrupted;
  } catch (const UsageError& error) {
    return terminal.message(error.what()), refused;
  } catch (const InputError& error) {
    return terminal.message(error.what()), refused;
  } catch (const RunError& error) {
    return terminal.message(error.what()), failed;
  } catch (const std::bad_alloc&) {
    return terminal.message(
               "not enough memory: more was asked for than the machine or its limits give (peak " +
               format_memory(peak_memory_bytes()) + " so far); use smaller batches or fewer devices at once"),
           failed;
  } catch (const std::system_error& error) {
    return terminal.message(error.what()), failed;
  } catch (const std::exception& error) {
    return terminal.message(std::string("internal error: ") + error.what() +
                            "; this is a bug, please report it"),
           bug;
  } catch (...) {
    return terminal.message(
               "internal error: an exception without a message; this is a bug, please report it"),
           bug;
  }
}

/// Files that are opened later must not become the standard streams of a process that was started without
/// them. What is written to a closed stream is then lost, as its starter wants; a file for "-" is refused.
StandardOutput open_standard_streams() {
  StandardOutput output = StandardOutput::open;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    if (stream == STDOUT_FILENO) output = StandardOutput::closed;
    static_cast<void>(
        open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY));  // the lowest that is free
  }
  return output;
}

/// Blocks as large as the signals of a batch stay with the process when they are freed: else every batch gets
/// them anew from the system, page by page. 32 MiB is as far as the GNU library goes.
void keep_freed_memory() {
  constexpr int largest_kept = 32 << 20, kept = 1 << 30;  // bytes
  mallopt(M_MMAP_THRESHOLD, largest_kept);
  mallopt(M_TRIM_THRESHOLD, kept);
}

/// What no caller can catch ends in a sentence too: the thread library starts threads on threads of its own.
[[noreturn]] void end_in_words() {
  std::string what = "an exception without a message";
  if (const std::exception_ptr error = std::current_exception()) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& known) {
      what = known.what();
    } catch (...) {  // nothing is known about this exception
    }
  }
  const bool no_thread = what.find("pthread_create") != std::string::npos;
  const std::string text =
      std::string(program_invocation_short_name) + ": " +
      (no_thread ? "no threads can be started (" + what +
                       "); take fewer (--threads), or raise the limits (ulimit -u, ulimit -v) and run again"
                 : "internal error: " + what + "; this is a bug, please report it") +
      "\n";
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
  std::_Exit(no_thread ? failed : bug);
}

}  // namespace

namespace detail {

int run_tool(int argc, char** argv, const ToolInfo& info, const std::function<void(Options&)>& describe,
             const std::function<void(Context&)>& run) {
  const StandardOutput standard_output = open_standard_streams();
  keep_freed_memory();
  std::set_terminate(end_in_words);
  Terminal terminal(info.name);
  try {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return run_checked(words, info, terminal, standard_output, describe, run);
  } catch (...) {
    return explain(terminal);
  }
}

}  // namespace detail
}  // namespace pnn::cli
