// Processes that work on one search.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <tuple>

#include "pnn/app/tuning.hpp"
#include "pnn/app/tuning_folder.hpp"
#include "pnn/app/workers.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::app {
namespace {

bool same_work(const Provenance& a, const Provenance& b) {
  return a.creator == b.creator && a.command == b.command && a.seed == b.seed &&
         std::equal(a.parents.begin(), a.parents.end(), b.parents.begin(), b.parents.end(),
                    [](const Parent& x, const Parent& y) { return x.hash == y.hash; });
}

/// The output of this search, if another process has written it. The file is read when it has changed.
class Finished {
 public:
  Finished(std::string path, const Provenance& header) : path_(std::move(path)), header_(header) {}
  const std::optional<study::Tuning>& look() {
    struct stat now {};
    if (stat(path_.c_str(), &now) != 0) return found_;
    const auto seen = std::tuple(now.st_ino, now.st_mtim.tv_sec, now.st_mtim.tv_nsec);
    if (seen == seen_) return found_;
    seen_ = seen;
    try {
      if (io::filetype_of(path_) != "tuning") return found_;
      const io::Read<study::Tuning> read = io::read_tuning(path_);
      if (same_work(read.header, header_)) found_ = read.value;
    } catch (const InputError&) {  // an older file, which is replaced in the end
    }
    return found_;
  }

 private:
  std::string path_;
  const Provenance& header_;
  std::tuple<ino_t, time_t, long> seen_{};
  std::optional<study::Tuning> found_;
};

/// Shows how much of a search is done while one of its trainings is under way.
class TrainingProgress final : public Progress {
 public:
  TrainingProgress(Progress& outer, std::string what, std::size_t done, std::size_t all)
      : outer_(outer), what_(std::move(what)), done_(done), all_(all) {}
  void update(std::uint64_t done, std::uint64_t total, std::string_view what,
              std::string_view note) override {
    outer_.update(done_, all_, "trainings",
                  what_ + ": " + std::to_string(done) + "/" + std::to_string(total) + " " +
                      std::string(what) + ", " + std::string(note));
  }
  [[nodiscard]] bool stop_requested() const override { return outer_.stop_requested(); }

 private:
  Progress& outer_;
  std::string what_;
  std::size_t done_, all_;
};

std::string told(const study::Tuning& record, const study::TuningTrial& trial) {
  std::vector<std::string> words;
  for (std::size_t k = 0; k < record.options.size(); ++k)
    words.push_back(record.options[k] + " " + trial.values[k]);
  return join(words, ", ");
}

class Work {
 public:
  Work(const Search& search, const SearchSettings& settings, const SearchOutputs& outputs,
       cli::Context& context)
      : search_(search),
        settings_(settings),
        outputs_(outputs),
        context_(context),
        finished_(outputs.tuning, outputs.header),
        record_(search.empty_record()),
        all_(search.schedule().trainings()) {}

  study::Tuning run() {
    if (const auto& there = finished_.look()) {
      context_.warn(outputs_.tuning + ": holds this search already, finished; it is left as it is");
      write_params(*there, nullptr);
      return *there;
    }
    const TuningFolder folder(outputs_.tuning, outputs_.header);
    const std::string no_locks = folder.without_locks();
    if (!no_locks.empty()) context_.warn(no_locks);
    const int jobs = no_locks.empty() ? settings_.jobs : 1, share = std::max(1, threads() / jobs);
    if (jobs > 1) set_threads(share);
    Workers workers(jobs - 1, share);
    if (work(folder, workers)) {
      write_params(record_, &folder);
      io::write_tuning(outputs_.tuning, record_, outputs_.header);
      if (!settings_.keep) folder.remove();
    } else {
      record_ = *finished_.look();
      write_params(record_, nullptr);
    }
    workers.finish(context_);
    return record_;
  }

 private:
  /// Until all trainings are known, and it is on this process to write them: true. False if another process
  /// has done so meanwhile.
  bool work(const TuningFolder& folder, Workers& workers) {
    using namespace std::chrono_literals;
    const std::uint64_t seed = search_.seed_of({});
    for (;;) {
      const std::vector<study::Task> tasks = study::next_tasks(search_.schedule(), record_.trials, seed);
      std::size_t others = 0, changes = 0;
      if (tasks.empty()) {
        const study::Task ending{std::uint64_t{1} << 40, 0, 0};  // claimed until this process ends
        const bool mine = folder.claim(ending);
        if (finished_.look()) return false;
        if (mine) return sort_trials(), true;
        if (context_.progress().stop_requested()) stop();
        others = 1;
      }
      for (const study::Task& task : tasks) {
        if (context_.progress().stop_requested()) stop();
        if (finished_.look()) return false;
        if (folder.has(task)) {
          take(folder, task);
          ++changes;
        } else if (!folder.claim(task)) {
          ++others;
        } else {
          // between the two questions another may have finished it, or all of them
          if (!folder.has(task) && !finished_.look()) train(folder, task);
          folder.release(task);
          ++changes;
        }
      }
      workers.look(context_);
      if (changes > 0) continue;
      context_.progress().update(record_.trials.size(), all_, "trainings",
                                 "waiting for " + std::to_string(others) + " of other processes");
      std::this_thread::sleep_for(100ms);
    }
  }

  void take(const TuningFolder& folder, const study::Task& task) {
    try {
      record_.trials.push_back(folder.read(task).trials.front());
    } catch (const InputError&) {  // unless a process that finished the search has just removed it
      if (!finished_.look()) throw;
    }
  }

  void train(const TuningFolder& folder, const study::Task& task) {
    study::Tuning one = search_.empty_record();
    const std::optional<train::Params> before = folder.unfinished(task);
    TrainingProgress progress(
        context_.progress(),
        "setting " + std::to_string(task.point) + " at rung " + std::to_string(task.rung + 1),
        record_.trials.size(), all_);
    Search::Trained trained;
    try {
      trained = search_.train(task, before ? &*before : nullptr, progress,
                              [&](const train::Params& state) { folder.save(task, state); });
    } catch (const Interrupted&) {
      stop();
    }
    one.trials = {trained.trial};
    const bool whole = task.rung == search_.schedule().last_rung();
    folder.write(task, one, whole && trained.params ? &*trained.params : nullptr);
    context_.progress().say("rung " + std::to_string(task.rung + 1) + ", " + told(one, trained.trial) + ": " +
                            format_short(trained.trial.criterion, 4));
  }

  [[noreturn]] void stop() const {
    throw Interrupted("interrupted; finished trainings are in " + outputs_.tuning +
                      ".trials, and the same command goes on from there");
  }

  void sort_trials() {
    std::sort(record_.trials.begin(), record_.trials.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.rung, a.point, a.seed) < std::tuple(b.rung, b.point, b.seed);
    });
  }

  /// The parameters of the best training: from the folder, or trained again where another process has removed
  /// it. Those that another process has written stay.
  void write_params(const study::Tuning& tuning, const TuningFolder* folder) const {
    std::error_code absent;
    if (outputs_.params.empty()) return;
    if (folder == nullptr && std::filesystem::exists(outputs_.params, absent) &&
        io::filetype_of(outputs_.params) == "params" &&
        same_work(io::read_params(outputs_.params).header, outputs_.header))
      return;
    const study::TuningTrial& best = tuning.trials[study::standings(tuning).front().best];
    const study::Task task{best.point, best.rung, best.seed - search_.seed_of({})};
    std::optional<train::Params> params;
    if (folder != nullptr) params = folder->kept(task);
    if (!params) {
      TrainingProgress progress(context_.progress(), "the best again", all_, all_);
      params = search_.train(task, nullptr, progress, [](const train::Params&) {}).params;
    }
    if (!params)
      throw RunError(
          "every training diverged, so that there are no parameters to write; search lower rates or radii");
    io::write_params(outputs_.params, *params, outputs_.header);
  }

  const Search& search_;
  const SearchSettings& settings_;
  const SearchOutputs& outputs_;
  cli::Context& context_;
  Finished finished_;
  study::Tuning record_;
  std::size_t all_;
};

}  // namespace

study::Tuning run_search(const Search& search, const SearchSettings& settings, const SearchOutputs& outputs,
                         cli::Context& context) {
  return Work(search, settings, outputs, context).run();
}

}  // namespace pnn::app
