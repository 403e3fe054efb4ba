// The state of a search for settings: a folder beside its output, in which any number of processes leave
// their finished trainings, so that they share the work and nothing is lost when one ends.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pnn/core/provenance.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/study/halving.hpp"
#include "pnn/study/tuning.hpp"
#include "pnn/train/params.hpp"

namespace pnn::app {

class TuningFolder {
 public:
  /// The folder OUTPUT.trials of the search with this header, made where it is missing. Throws UsageError if
  /// it belongs to a search with other options or files, or is no folder of a search; RunError if it cannot
  /// be written.
  TuningFolder(const std::string& output, const Provenance& header);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool has(const study::Task& task) const;
  /// The training of a task that was finished, as a search of its own. Throws InputError.
  [[nodiscard]] study::Tuning read(const study::Task& task) const;
  /// Leaves a finished training: first its parameters, if they are kept, then its record, each whole or not
  /// at all. Removes its unfinished state.
  void write(const study::Task& task, const study::Tuning& record, const train::Params* kept) const;
  [[nodiscard]] std::optional<train::Params> kept(const study::Task& task) const;
  /// The unfinished state of a training.
  void save(const study::Task& task, const train::Params& state) const;
  [[nodiscard]] std::optional<train::Params> unfinished(const study::Task& task) const;

  /// Empty, or a sentence: the file system has no locks, so that one process has to do a search alone.
  [[nodiscard]] std::string without_locks() const;
  /// Whether this process may do a task: nobody else claims it. The claim ends with release(), or with the
  /// process, however it ends. Where the file system has no locks every claim is granted; two processes then
  /// make the same file.
  [[nodiscard]] bool claim(const study::Task& task) const;
  void release(const study::Task& task) const;

  /// Removes what a search leaves in its folder, and the folder if nothing else is in it.
  void remove() const;

 private:
  [[nodiscard]] std::string file(const study::Task& task, const char* ending) const;
  [[nodiscard]] std::optional<train::Params> read_state(const std::string& path) const;

  std::string path_;
  Provenance header_;
  std::unique_ptr<io::Descriptor> claims_;
};

}  // namespace pnn::app
