// What all tools have in common: parsing, --help, --config, --preset, --print-config, progress, signals,
// tables and JSON, provenance, and the mapping from exceptions to exit statuses.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/core/provenance.hpp"

namespace pnn::cli {

/// The texts that a tool says of itself: its help, and the comment at the beginning of its source.
struct ToolInfo {
  std::string name = {};     ///< "pnn-fit"
  std::string summary = {};  ///< one sentence
  std::string reads = {};    ///< "curves"
  std::string writes = {};   ///< "model"
  /// A few paragraphs of what a user should know, with empty lines between them; lines within a paragraph are
  /// broken anew, lines that are indented stay as they are. May be empty.
  std::string details = {};
  std::string example = {};   ///< a command that runs, with one line of explanation
  std::string see_also = {};  ///< related tools and pages, with what each is for
};

/// The result that a tool prints: small tables for people, and the same content as JSON for programs.
class Report {
 public:
  /// Titles of the table's columns. Cells are texts, already formatted.
  void columns(std::vector<std::string> titles) { tables_.back().titles = std::move(titles); }
  void row(std::vector<std::string> cells) { tables_.back().rows.push_back(std::move(cells)); }
  /// A line above the table; not part of the JSON.
  void headline(std::string text) { tables_.back().headlines.push_back(std::move(text)); }
  /// What follows goes to a further table, below an empty line.
  void next_table() { tables_.emplace_back(); }
  /// Adds a member to the JSON object; members keep their order.
  void value(const std::string& key, double number);
  void value(const std::string& key, std::int64_t number);
  void value(const std::string& key, const std::string& text);
  void value(const std::string& key, const char* text) { value(key, std::string(text)); }
  void value(const std::string& key, const std::vector<double>& numbers);
  void value(const std::string& key, const std::vector<std::string>& texts);
  /// Adds a member that is given as JSON text, which is checked.
  void json(const std::string& key, const std::string& json_text);
  [[nodiscard]] std::string text() const;         ///< headlines and tables
  [[nodiscard]] std::string json_object() const;  ///< one JSON object

 private:
  struct Table {
    std::vector<std::string> titles, headlines;
    std::vector<std::vector<std::string>> rows;
    [[nodiscard]] std::string text() const;
  };
  std::vector<Table> tables_ = std::vector<Table>(1);
  std::vector<std::pair<std::string, std::string>> members_;
};

/// What a tool's run() receives besides its options.
class Context {
 public:
  virtual ~Context() = default;
  [[nodiscard]] virtual std::uint64_t seed() const = 0;
  /// Whether somebody, or a preset, wants the value of an option (Option::asked).
  [[nodiscard]] virtual bool asked(const std::string& option) const = 0;
  /// Whether somebody does, and not a preset alone.
  [[nodiscard]] virtual bool decided(const std::string& option) const = 0;
  [[nodiscard]] virtual Progress& progress() = 0;
  /// The header for the output file. Call parent() for every input first, so that it lists them.
  [[nodiscard]] virtual Provenance provenance() const = 0;
  /// Registers an input that was read: its role, and its file's type, content hash and header.
  virtual void parent(const std::string& role, const std::string& filetype, const std::string& hash,
                      const Provenance& header) = 0;
  /// The report that is printed to standard output at the end, as a table or, with --json, as one object.
  [[nodiscard]] virtual Report& report() = 0;
  /// Prints a warning on standard error, prefixed with the tool's name.
  virtual void warn(const std::string& message) = 0;
  /// Adds a named count to the closing line on standard error ("device calls", 31232).
  virtual void account(const std::string& what, std::uint64_t number) = 0;
  /// Checks before long work that an output path can be written: its folder exists and is writable, and it is
  /// no terminal, no special file and none of the inputs or --config. Throws UsageError or RunError
  /// otherwise. Options of role output were checked before run() began; this is for other paths. The closing
  /// line names the checked paths that were written.
  virtual void check_output(const std::string& path) = 0;
  /// Time since the program started, in s.
  [[nodiscard]] virtual double elapsed_seconds() const = 0;
};

/// Runs a tool: parses the command line into a Settings, which declares its options in `void
/// describe(Options&)` (the common options of pnn/cli/common.hpp are added), and calls `run`. Returns the
/// exit status: 0 done; 2 UsageError or InputError; 1 RunError, no memory, or an error of the system; 75
/// Interrupted; 70 any other exception, which is a bug. The report is printed only on success: to standard
/// output, or to standard error if an output is "-".
template <class Settings>
int run_tool(int argc, char** argv, const ToolInfo& info, void (*run)(Settings&, Context&));

namespace detail {
int run_tool(int argc, char** argv, const ToolInfo& info, const std::function<void(Options&)>& describe,
             const std::function<void(Context&)>& run);
}

template <class Settings>
int run_tool(int argc, char** argv, const ToolInfo& info, void (*run)(Settings&, Context&)) {
  auto settings = std::make_shared<Settings>();
  return detail::run_tool(
      argc, argv, info, [settings](Options& options) { settings->describe(options); },
      [settings, run](Context& context) { run(*settings, context); });
}

}  // namespace pnn::cli
