// Unfinished work: where it is kept until its output is whole, where it is found again, and whether it, or a
// shard, belongs to the present work.
#pragma once

#include <exception>
#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/provenance.hpp"
#include "pnn/core/version.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {

/// Where a command keeps what is unfinished, and from where it goes on.
struct UnfinishedSettings {
  std::string resume, checkpoint;  ///< files; empty: from the beginning, and beside the output

  /// Declares --resume FILE and --checkpoint FILE. Outputs record neither, nor the number of interruptions.
  void describe(Options& o);
};

/// Declares --save-every S.
void describe_save_every(Options& o, double& seconds);

/// The state of work whose output is not whole yet. It lies in OUTPUT.partial, or where --checkpoint says,
/// and the name of the output appears when the work is done.
class UnfinishedFile {
 public:
  /// `output` is empty or "-" where the work has no file; then nothing is kept without --checkpoint. Checks
  /// that the file can be written. Tells where nothing of --resume OUTPUT was begun, and where the state of
  /// an earlier run will be replaced. Throws UsageError for --checkpoint -.
  UnfinishedFile(const UnfinishedSettings& settings, const std::string& output, cli::Context& context);

  /// The file to go on from: the state of the output that --resume names, or the file of that name itself (a
  /// state, an output of an earlier version, a finished shard); empty: from the beginning.
  [[nodiscard]] const std::string& before() const { return before_; }
  /// Calls write(path) where a state is kept.
  template <class Write>
  void save(const Write& write) {
    begun_ = true;
    if (place_.empty()) return;
    write(place_);
    last_ = place_;
  }
  /// Removes the state; call it when the output is whole.
  void remove(cli::Context& context) const;
  /// The end of a sentence that tells where the finished part of the work is, if there is any, and how to
  /// continue.
  [[nodiscard]] std::string where() const;
  /// Throws the error that ended the work again, with the end of its sentence where something is kept.
  [[noreturn]] void rethrow(const std::exception_ptr& failure) const;

 private:
  std::string output_, place_, beside_, before_, last_;
  bool begun_ = false;
};

/// Declares --unfinished.
void describe_unfinished(Options& o, bool& taken);
/// Throws InputError, saying how to finish it, if the file is an unfinished training, measurement or sweep.
void refuse_unfinished(const std::string& path);
/// The same for tools with --unfinished, unless these are `taken`.
void refuse_unfinished(const std::string& path, bool taken);
/// Trained parameters as an input. Throws InputError for those of an unfinished training, unless they are
/// `taken`.
io::Read<train::Params> read_trained(const std::string& path, bool taken);

/// Throws UsageError, with the options that differ, if `path` (with the header `before`) was begun with other
/// options than `now`, and InputError if with other or more input files.
void check_same_work(const Provenance& before, const Provenance& now, const std::string& path);

/// Throws InputError if `path` (with the header `other`) is not a shard of the run of `first_path`: if tool
/// and version, settings, seed or inputs differ. (A header does not tell which shard it is.)
void check_same_run(const Provenance& first, const Provenance& other, const std::string& first_path,
                    const std::string& path);
/// Throws InputError if two shards of a run are of different versions of the format: the numbers of two
/// versions of the tools may differ.
void check_same_format(const FormatVersion& first, const FormatVersion& other, const std::string& first_path,
                       const std::string& path);

}  // namespace pnn::app
