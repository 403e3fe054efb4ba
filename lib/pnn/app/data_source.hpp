// Where the samples of a data set come from, as options of a command line.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/io/import.hpp"

namespace pnn::app {

/// A source of samples and how it is read.
struct DataSource {
  std::string source, file, test, folder;
  std::vector<std::string> arrays;  ///< "ROLE=NAME"
  bool regression = false;          ///< labels are values of quantities
  io::TargetScale target_scale = io::TargetScale::standard;
  io::IdxPaths idx;
  io::TableSettings table;
  io::ArraySettings array;

  /// Declares the options; those of other sources than the chosen one are refused.
  void describe(Options& options);
  /// Reads the samples, registers their files as parents, and says all notes. `output` is checked not to be
  /// one of the files that were found in a folder.
  io::RawData read(const io::ImportSettings& settings, const std::string& output, cli::Context& context);

 private:
  io::RawData read_table(const io::ImportSettings& settings, cli::Context& context);
  io::RawData read_pair(std::vector<std::string> classes, const std::string& name, cli::Context& context);
};

}  // namespace pnn::app
