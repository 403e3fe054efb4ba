#include "pnn/study/halving.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "pnn/core/errors.hpp"

namespace pnn::study {
namespace {

std::size_t handed_on(std::size_t trainings, const HalvingSettings& settings) {
  const std::size_t third = trainings / std::size_t(halving_factor);
  return std::max(third, std::min(trainings, std::size_t(settings.finalists)));
}

/// NaN is worse than every number.
double rank(double value) {
  return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
}

bool better(const TuningTrial& a, const TuningTrial& b) {
  return std::tuple(-rank(a.criterion), -rank(a.mean), a.point) <
         std::tuple(-rank(b.criterion), -rank(b.mean), b.point);
}

using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // point, rung, number of the seed
using Known = std::map<Key, const TuningTrial*>;

/// The best of these points by their first training at a rung.
std::vector<std::uint64_t> best_of(std::vector<std::uint64_t> points, std::size_t rung, std::size_t count,
                                   const Known& known) {
  std::sort(points.begin(), points.end(), [&](std::uint64_t a, std::uint64_t b) {
    return better(*known.at({a, rung, 0}), *known.at({b, rung, 0}));
  });
  points.resize(std::min(points.size(), count));
  std::sort(points.begin(), points.end());
  return points;
}

}  // namespace

double Schedule::length(std::size_t rung) const {
  return 1 / std::pow(double(halving_factor), double(last_rung() - rung));
}

std::size_t Schedule::points() const {
  std::size_t all = 0;
  for (const Bracket& bracket : brackets) all += bracket.points;
  return all;
}

std::size_t Schedule::finalists() const {
  std::size_t last = 0;
  for (const Bracket& bracket : brackets) last += bracket.rungs.back().trainings;
  return std::min(last, std::size_t(settings.finalists));
}

std::size_t Schedule::trainings() const {
  std::size_t all = finalists() * std::size_t(settings.final_seeds - 1);
  for (const Bracket& bracket : brackets)
    for (const Rung& rung : bracket.rungs) all += rung.trainings;
  return all;
}

Schedule make_schedule(const HalvingSettings& settings) {
  if (settings.brackets > settings.rungs)
    throw UsageError("--brackets: expected at most as many as --rungs (" + std::to_string(settings.rungs) +
                     "), found " + std::to_string(settings.brackets));
  const int brackets = settings.brackets > 0 ? settings.brackets : settings.rungs;
  Schedule schedule{settings, {}};
  std::size_t first = 0;
  const double rungs = settings.rungs;
  for (int k = 0; k < brackets; ++k) {
    // whole numbers but for the quotient: a ratio that is whole must not be rounded up
    const double shrink = std::pow(double(halving_factor), k) * (rungs - k);
    Bracket bracket;
    bracket.first = first;
    bracket.points = std::size_t(std::ceil(double(settings.points) * rungs / shrink));
    std::size_t trainings = bracket.points;
    for (int rung = k; rung < settings.rungs; ++rung) {
      bracket.rungs.push_back({std::size_t(rung), trainings});
      trainings = handed_on(trainings, settings);
    }
    first += bracket.points;
    schedule.brackets.push_back(std::move(bracket));
  }
  return schedule;
}

std::vector<Task> next_tasks(const Schedule& schedule, std::span<const TuningTrial> done,
                             std::uint64_t first_seed) {
  Known known;
  for (const TuningTrial& trial : done) known[{trial.point, trial.rung, trial.seed - first_seed}] = &trial;
  std::vector<Task> tasks;
  const auto ask = [&](const std::vector<std::uint64_t>& points, std::size_t rung, std::uint64_t seed) {
    const std::size_t before = tasks.size();
    for (const std::uint64_t point : points)
      if (!known.contains({point, rung, seed})) tasks.push_back({point, rung, seed});
    return tasks.size() == before;
  };
  std::vector<std::uint64_t> finalists;
  bool complete = true;
  for (const Bracket& bracket : schedule.brackets) {
    std::vector<std::uint64_t> points(bracket.points);
    std::iota(points.begin(), points.end(), bracket.first);
    bool whole = true;
    for (const Rung& rung : bracket.rungs) {
      if (rung.number != bracket.rungs.front().number)
        points = best_of(std::move(points), rung.number - 1, rung.trainings, known);
      whole = ask(points, rung.number, 0);
      if (!whole) break;
    }
    complete = complete && whole;
    finalists.insert(finalists.end(), points.begin(), points.end());
  }
  if (!complete) return tasks;
  finalists = best_of(std::move(finalists), schedule.last_rung(), schedule.finalists(), known);
  for (int seed = 1; seed < schedule.settings.final_seeds; ++seed)
    ask(finalists, schedule.last_rung(), std::uint64_t(seed));
  return tasks;
}

double most_gradients(const Schedule& schedule, const std::function<double(std::size_t, std::size_t)>& cost) {
  const auto largest = [&](std::size_t first, std::size_t points, std::size_t rung, std::size_t count) {
    std::vector<double> costs;
    for (std::size_t point = first; point < first + points; ++point) costs.push_back(cost(point, rung));
    std::sort(costs.begin(), costs.end(), std::greater<>());
    costs.resize(std::min(costs.size(), count));
    double sum = 0;
    for (const double each : costs) sum += each;
    return sum;
  };
  double all = largest(0, schedule.points(), schedule.last_rung(), schedule.finalists()) *
               double(schedule.settings.final_seeds - 1);
  for (const Bracket& bracket : schedule.brackets)
    for (const Rung& rung : bracket.rungs)
      all += largest(bracket.first, bracket.points, rung.number, rung.trainings);
  return all;
}

int points_within(double budget, const std::function<double(int)>& cost) {
  constexpr int most = 100'000;
  if (cost(1) > budget) return 0;
  int fits = 1, beyond = 2;
  while (beyond <= most && cost(beyond) <= budget) fits = beyond, beyond *= 2;
  while (beyond - fits > 1) {
    const int middle = fits + (beyond - fits) / 2;
    (cost(middle) <= budget ? fits : beyond) = middle;
  }
  return fits;
}

std::vector<Standing> standings(const Tuning& tuning) {
  std::map<std::uint64_t, std::vector<std::size_t>> of_point;
  for (std::size_t k = 0; k < tuning.trials.size(); ++k) of_point[tuning.trials[k].point].push_back(k);
  std::vector<Standing> all;
  for (const auto& [point, numbers] : of_point) {
    Standing s;
    s.point = point;
    for (const std::size_t k : numbers) s.rung = std::max(s.rung, tuning.trials[k].rung);
    std::vector<double> values;
    for (const std::size_t k : numbers) {
      const TuningTrial& trial = tuning.trials[k];
      if (trial.rung != s.rung) continue;
      if (values.empty() || better(trial, tuning.trials[s.best])) s.best = k;
      values.push_back(trial.criterion);
      s.mean += trial.mean, s.designed += trial.designed;
    }
    const auto count = double(values.size());
    s.trainings = values.size();
    s.length = tuning.trials[s.best].length;
    for (const double value : values) s.criterion += value / count;
    s.mean /= count, s.designed /= count;
    double squares = 0;
    for (const double value : values) squares += (value - s.criterion) * (value - s.criterion);
    s.error = count > 1 ? std::sqrt(squares / (count - 1) / count) : std::nan("");
    all.push_back(s);
  }
  std::sort(all.begin(), all.end(), [](const Standing& a, const Standing& b) {
    return std::tuple(-std::int64_t(a.rung), -std::int64_t(a.trainings), -rank(a.criterion), -rank(a.mean),
                      a.point) < std::tuple(-std::int64_t(b.rung), -std::int64_t(b.trainings),
                                            -rank(b.criterion), -rank(b.mean), b.point);
  });
  return all;
}

double gradients_of(const Tuning& tuning) {
  double all = 0;
  for (const TuningTrial& trial : tuning.trials) all += trial.gradients;
  return all;
}

}  // namespace pnn::study
