// A search for training settings, as a command line describes it: what it tries, what it costs, and how
// processes work on it together.
#pragma once

#include <string>
#include <vector>

#include "pnn/app/training_data.hpp"
#include "pnn/app/training_inputs.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/study/halving.hpp"
#include "pnn/study/search_space.hpp"
#include "pnn/study/tune.hpp"

namespace pnn::app {

/// The options of a search beside those of its trainings.
struct SearchSettings {
  std::vector<std::string> search, vary;
  std::string criterion = "mean";
  int chips = 20, images = 0;
  study::HalvingSettings halving;
  double budget = 0;  ///< gradient evaluations of the whole search; 0: the number of points is told
  int jobs = 1;
  bool keep = false;

  void describe(Options& o);
};

/// A search that is ready to begin. It refers to the inputs of its trainings.
class Search {
 public:
  /// Draws points and chips. Throws UsageError where settings contradict each other, an option acts on
  /// nothing, the budget is too small, or the data has no validation samples.
  Search(const SearchSettings& settings, const train::TrainSettings& base, const train::TrainInput& input,
         const network::Dataset& data, const std::vector<WithoutEffect>& without);
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  [[nodiscard]] const study::Schedule& schedule() const { return schedule_; }
  [[nodiscard]] const study::Criterion& criterion() const { return criterion_; }
  [[nodiscard]] double most_gradients() const;
  /// The settings of a point, as a training of the whole length has them.
  [[nodiscard]] const train::TrainSettings& settings(std::uint64_t point) const {
    return points_.at(point).settings;
  }
  [[nodiscard]] std::uint64_t seed_of(const study::Task& task) const { return input_.seed + task.seed; }
  /// The search without its trainings.
  [[nodiscard]] study::Tuning empty_record() const;

  /// A training: its parameters, and the record of what they are worth; of one that diverged no parameters.
  struct Trained {
    study::TuningTrial trial;
    std::optional<train::Params> params;
  };
  /// Trains, from `resume` if it is not null, and judges. Calls `checkpoint` and throws Interrupted when
  /// `progress` asks to stop.
  [[nodiscard]] Trained train(const study::Task& task, const train::Params* resume, Progress& progress,
                              const std::function<void(const train::Params&)>& checkpoint) const;
  /// Estimates the cost of the whole search on this machine, from a bit of a training and of an evaluation.
  [[nodiscard]] Forecast forecast(const Progress& progress) const;

 private:
  struct Point {
    study::SearchPoint values;
    train::TrainSettings settings;
  };
  [[nodiscard]] std::vector<Point> draw(int count) const;
  [[nodiscard]] train::TrainInput input_of(const train::TrainSettings& settings, std::uint64_t seed) const;
  [[nodiscard]] double cost(const Point& point, std::size_t rung, const study::Schedule& schedule) const;
  void check_effects(const std::vector<WithoutEffect>& without) const;
  [[nodiscard]] study::Judgement judgement() const;

  SearchSettings settings_;
  const train::TrainSettings& base_;
  const train::TrainInput& input_;
  const network::Dataset& data_;
  std::vector<study::Searched> searched_;
  study::Criterion criterion_;
  std::vector<study::Axis> axes_;
  study::Schedule schedule_;
  std::vector<Point> points_;
  device::DeviceSet chips_;
};

/// What a search writes, and where it is written.
struct SearchOutputs {
  std::string tuning, params;
  Provenance header;
};
/// Works on a search together with every other process of the same command, until all trainings are done, and
/// writes what they make, or leaves what another process has written of the same. Throws Interrupted when
/// asked to stop.
study::Tuning run_search(const Search& search, const SearchSettings& settings, const SearchOutputs& outputs,
                         cli::Context& context);

/// The ten best settings as a table, all that a program wants to know as JSON, and the command of pnn-train
/// that repeats the best training: `files` are named in it.
void report_search(const Search& search, const study::Tuning& tuning, const std::string& files,
                   cli::Context& context);
/// One line for each rung.
void report_schedule(const study::Schedule& schedule, cli::Context& context);

}  // namespace pnn::app
