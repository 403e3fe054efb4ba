// Successive halving: many settings are trained a little, the better third of them three times as long, and
// so on until few are trained to the end (Jamieson and Talwalkar, AISTATS 2016), perhaps in several brackets
// that begin with fewer settings and longer trainings (Hyperband: Li, Jamieson, DeSalvo, Rostamizadeh and
// Talwalkar, Journal of Machine Learning Research 18, 185, 2018, algorithm 1). Every training starts from the
// beginning, since schedules depend on its length.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "pnn/study/tuning.hpp"

namespace pnn::study {

/// η of the sources: the factor between the lengths of two rungs, and between the numbers of their trainings.
inline constexpr int halving_factor = 3;

/// How a search is laid out.
struct HalvingSettings {
  int points = 27;      ///< settings in the first bracket, among them those of the command line
  int rungs = 3;        ///< lengths; the last is the whole one
  int brackets = 0;     ///< 0: as many as rungs, as in Hyperband; the k-th leaves out the k shortest lengths
  int finalists = 3;    ///< settings that are trained with several seeds; no rung keeps fewer
  int final_seeds = 3;  ///< these seeds, together with that of the search
};

/// Trainings of one length in a bracket.
struct Rung {
  std::size_t number = 0;  ///< from 0, the shortest of the search
  std::size_t trainings = 0;
};
struct Bracket {
  std::size_t first = 0, points = 0;  ///< numbers first … first + points − 1
  std::vector<Rung> rungs;
};
struct Schedule {
  HalvingSettings settings;
  std::vector<Bracket> brackets;
  /// The part of a whole training at a rung: 3^(rung − last).
  [[nodiscard]] double length(std::size_t rung) const;
  [[nodiscard]] std::size_t last_rung() const { return std::size_t(settings.rungs) - 1; }
  [[nodiscard]] std::size_t points() const;  ///< of all brackets
  [[nodiscard]] std::size_t finalists() const;
  [[nodiscard]] std::size_t trainings() const;  ///< of all rungs, and with the further seeds
};

/// Bracket k of B has ⌈N/3^k · R/(R − k)⌉ points, R rungs and N points in bracket 0, as in Hyperband, whose
/// numbers are those of N = 3^(R − 1): brackets then cost about the same. A rung of n trainings hands on
/// ⌊n/3⌋, but no fewer than the finalists. Throws UsageError where numbers contradict each other.
Schedule make_schedule(const HalvingSettings& settings);

/// One training: its settings, its length and the number of its seed, from 0.
struct Task {
  std::uint64_t point = 0, rung = 0, seed = 0;
  bool operator==(const Task&) const = default;
};
/// What can be trained now, given what has been (in any order; `seed` of a trial minus `first_seed` is the
/// number of its seed): all that is missing of the first unfinished rung of every bracket, or, behind the
/// last rungs of all of them, of the finals. Empty when the search is complete.
std::vector<Task> next_tasks(const Schedule& schedule, std::span<const TuningTrial> done,
                             std::uint64_t first_seed);

/// The gradients of a search, at most: each rung is charged with the most expensive of its bracket's points.
/// `cost(point, rung)` are those of one training.
double most_gradients(const Schedule& schedule, const std::function<double(std::size_t, std::size_t)>& cost);

/// The largest number of points for which `cost(points)`, which must not fall, is within `budget`; 0 if even
/// one is too expensive.
int points_within(double budget, const std::function<double(int)>& cost);

}  // namespace pnn::study
