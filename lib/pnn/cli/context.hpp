// The Context that run_tool passes to a tool: seed, provenance, counts for the closing line, and checks of
// output paths.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pnn/cli/terminal.hpp"
#include "pnn/cli/tool.hpp"

namespace pnn::cli {

/// Whether the program was started with a standard output.
enum class StandardOutput { open, closed };

class ToolContext final : public Context {
 public:
  /// Construct it after all settings are applied; `options` and `terminal` must outlive it.
  ToolContext(const ToolInfo& info, const Options& options, std::uint64_t seed, Terminal& terminal,
              StandardOutput standard_output = StandardOutput::open);

  [[nodiscard]] std::uint64_t seed() const override { return header_.seed; }
  [[nodiscard]] bool asked(const std::string& option) const override;
  [[nodiscard]] bool decided(const std::string& option) const override;
  [[nodiscard]] Progress& progress() override { return terminal_; }
  /// With the settings as they are now, among them those that an input decided.
  [[nodiscard]] Provenance provenance() const override;
  void parent(const std::string& role, const std::string& filetype, const std::string& hash,
              const Provenance& header) override;
  [[nodiscard]] Report& report() override { return report_; }
  void warn(const std::string& message) override { terminal_.message("warning: " + message); }
  void account(const std::string& what, std::uint64_t number) override;
  void check_output(const std::string& path) override;
  [[nodiscard]] double elapsed_seconds() const override { return terminal_.elapsed_seconds(); }

  /// "wrote params.h5 in 41 s, peak 210 MB, 0 device calls"; empty if nothing was written or counted.
  [[nodiscard]] std::string closing_line() const;

 private:
  /// What existed at an output's path before the work. If it differs afterwards, the output was written.
  struct Output {
    std::string path;
    bool existed = false;
    ino_t inode = 0;
    std::int64_t modified_ns = 0;
  };
  static Output look(const std::string& path);

  const Options& options_;
  Terminal& terminal_;
  StandardOutput standard_output_;
  Provenance header_;
  Report report_;
  std::vector<std::pair<std::string, std::uint64_t>> accounts_;
  std::vector<Output> outputs_;
};

/// The largest resident memory of this program so far.
std::uint64_t peak_memory_bytes();
/// The processor time of this program so far, over all of its threads, in s.
double processor_seconds();
/// "210 MB", "1.53 GB".
std::string format_memory(std::uint64_t bytes);

}  // namespace pnn::cli
