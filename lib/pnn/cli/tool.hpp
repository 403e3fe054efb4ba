// The manners of every tool, once: parsing, --help, --config, --preset, --print-config, progress,
// signals, tables and JSON, provenance, and the way from an exception to an exit status.
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

/// What a tool says of itself: its help, and the comment that its source begins with.
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

/// A small table for a person and the same content for a program.
class Report {
 public:
  /// Columns of the table; cells are text already formatted.
  void columns(std::vector<std::string> titles) { titles_ = std::move(titles); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line above the table (stdout, human form only).
  void headline(std::string text) { headlines_.push_back(std::move(text)); }
  /// Members of the JSON object, in order.
  void value(const std::string& key, double number);
  void value(const std::string& key, std::int64_t number);
  void value(const std::string& key, const std::string& text);
  void value(const std::string& key, const char* text) { value(key, std::string(text)); }
  void value(const std::string& key, const std::vector<double>& numbers);
  void value(const std::string& key, const std::vector<std::string>& texts);
  /// A member given as JSON text (checked).
  void json(const std::string& key, const std::string& json_text);
  [[nodiscard]] std::string text() const;         ///< human form
  [[nodiscard]] std::string json_object() const;  ///< one JSON object

 private:
  std::vector<std::string> titles_, headlines_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::pair<std::string, std::string>> members_;
};

/// What a tool's run() gets besides its options.
class Context {
 public:
  virtual ~Context() = default;
  [[nodiscard]] virtual std::uint64_t seed() const = 0;
  [[nodiscard]] virtual Progress& progress() = 0;
  /// Header for the output; add the inputs that were read with parent().
  [[nodiscard]] virtual Provenance provenance() const = 0;
  /// Registers an input that was read: its role, and from its file: filetype, hash, history.
  virtual void parent(const std::string& role, const std::string& filetype, const std::string& hash,
                      const Provenance& header) = 0;
  /// What goes to standard output at the end, as a table or, with --json, as one object.
  [[nodiscard]] virtual Report& report() = 0;
  /// A warning on standard error, prefixed with the tool's name.
  virtual void warn(const std::string& message) = 0;
  /// A named number for the closing line on standard error ("device calls", 31232).
  virtual void account(const std::string& what, std::uint64_t number) = 0;
  /// Check before long work that this output path can be written (folder exists and is writable, no terminal,
  /// no special file, none of the inputs or --config): UsageError or RunError now instead of in an hour.
  /// Options of role output were checked before run() began; this is for other paths. What changed at a
  /// checked path by the end is named in the closing line.
  virtual void check_output(const std::string& path) = 0;
  /// Since the process began, s.
  [[nodiscard]] virtual double elapsed_seconds() const = 0;
};

/// Runs a tool whose options struct has `void describe(Options&)`; the common options (pnn/cli/common.hpp)
/// come on top. Returns the exit status: 0 done; 2 UsageError or InputError; 1 RunError, no memory, or an
/// error of the system; 75 Interrupted; 70 anything else, which is a bug. The report is printed only at
/// success: to standard output, or to standard error if an output is "-".
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
