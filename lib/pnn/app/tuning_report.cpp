// What is said of a search for settings.
#include <algorithm>
#include <cmath>

#include "pnn/app/tuning.hpp"
#include "pnn/core/text.hpp"

namespace pnn::app {
namespace {

/// As a shell reads it back.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.,:=/+@%").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// A score as the task's tables show it; a loss with the sign that it has there.
std::string shown(double value, const network::TaskTraits& traits) {
  if (std::isnan(value)) return "diverged";
  return traits.metric.text(traits.scored ? value : -value);
}

}  // namespace

void report_schedule(const study::Schedule& schedule, cli::Context& context) {
  for (std::size_t k = 0; k < schedule.brackets.size(); ++k) {
    std::string line = schedule.brackets.size() > 1 ? "bracket " + std::to_string(k + 1) + ": " : "";
    for (const study::Rung& rung : schedule.brackets[k].rungs) {
      const int part = int(std::lround(1 / schedule.length(rung.number)));
      const bool first = rung.number == schedule.brackets[k].rungs.front().number;
      line += (first ? "" : ", then ") + std::to_string(rung.trainings) + (first ? " trainings" : "") +
              (part == 1 ? " of the whole length" : " of 1/" + std::to_string(part));
    }
    context.report().headline(line);
  }
  context.report().headline(std::to_string(schedule.finalists()) + " finalists, each with " +
                            std::to_string(schedule.settings.final_seeds) + " seeds");
}

void report_search(const Search& search, const study::Tuning& tuning, const std::string& files,
                   cli::Context& context) {
  const network::TaskTraits& traits = network::traits_of(tuning.task);
  const std::vector<study::Standing> all = study::standings(tuning);
  cli::Report& report = context.report();
  report.headline(std::to_string(all.size()) + " settings in " + std::to_string(tuning.trials.size()) +
                  " trainings, " + format_short(study::gradients_of(tuning), 8) + " gradients; chosen by " +
                  search.criterion().title() + ", " + traits.metric.title + " of " +
                  std::to_string(tuning.chips) + " validation chips on " + std::to_string(tuning.images) +
                  " validation samples");
  std::vector<std::string> titles{"setting"};
  titles.insert(titles.end(), tuning.options.begin(), tuning.options.end());
  titles.insert(titles.end(), {"length", "trainings", search.criterion().title(), "mean", "as designed"});
  report.columns(titles);
  constexpr std::size_t shown_settings = 10;
  std::vector<double> points, criteria, errors, means;
  std::vector<std::string> settings;
  for (std::size_t k = 0; k < std::min(all.size(), shown_settings); ++k) {
    const study::Standing& s = all[k];
    const std::vector<std::string>& values = tuning.trials[s.best].values;
    std::vector<std::string> row{s.point == 0 ? "0 (given)" : std::to_string(s.point)};
    row.insert(row.end(), values.begin(), values.end());
    const std::string spread = std::isnan(s.error) ? "" : " ± " + traits.metric.text(s.error);
    row.insert(row.end(),
               {s.length == 1 ? "1" : "1/" + format_short(1 / s.length, 4), std::to_string(s.trainings),
                shown(s.criterion, traits) + spread, shown(s.mean, traits), shown(s.designed, traits)});
    report.row(row);
    points.push_back(double(s.point));
    criteria.push_back(s.criterion), errors.push_back(s.error), means.push_back(s.mean);
    std::vector<std::string> words;
    for (std::size_t option = 0; option < values.size(); ++option)
      words.push_back(tuning.options[option] + "=" + values[option]);
    settings.push_back(join(words, " "));
  }
  const study::TuningTrial& best = tuning.trials[all.front().best];
  std::string command = files;
  for (const std::string& word : study::command_words(search.settings(best.point)))
    command += " " + quoted(word);
  command += " --seed " + std::to_string(best.seed) + " -o best.h5";
  report.headline("the best again: " + command);
  report.value("criterion", tuning.criterion);
  report.value("trainings", std::int64_t(tuning.trials.size()));
  report.value("gradients", study::gradients_of(tuning));
  report.value("settings", settings);
  report.value("setting", points);
  report.value("criteria", criteria);
  report.value("standard_errors", errors);
  report.value("means", means);
  report.value("best_seed", std::int64_t(best.seed));
  report.value("command", command);
  context.account("gradients", std::uint64_t(std::llround(study::gradients_of(tuning))));
}

}  // namespace pnn::app
