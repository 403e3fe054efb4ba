// Runs a tool as a process of its own: a fork of the test, with its three streams where the test wants them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"

namespace pnn::test {

/// Settings of a tool that exists only here.
struct ToolSettings {
  std::string curves, data, inputs, output, method = "bp", label;
  std::vector<std::string> layers, assignments;
  std::vector<double> temperatures;
  int epochs = 10;
  double lr = 1e-3;
  bool crosstalk = false;
  void describe(Options& options);
};

struct Outcome {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out, err;
};

struct Streams {
  bool terminal_in = false, terminal_out = false, terminal_err = false;
  std::string out_path;                    ///< "" a file that is read back
  std::function<void(int pid)> meanwhile;  ///< runs in the test while the tool runs
};

using Run = std::function<void(ToolSettings&, cli::Context&)>;

/// `pnn-test WORDS`, whose run() is `run`.
Outcome drive(const std::vector<std::string>& words, const Run& run, const Streams& streams = {});
/// The same with a run() that prints the settings that reached it.
Outcome drive(const std::vector<std::string>& words);

}  // namespace pnn::test
