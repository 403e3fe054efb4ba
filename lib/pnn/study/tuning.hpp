// The record of a search for settings: every training, what it cost, and how good it was on validation chips.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pnn/network/task.hpp"
#include "pnn/study/result.hpp"

namespace pnn::study {

/// One training of a search, and what it was judged by. Numbers that are not known, of a training that
/// diverged or a network that overflowed, are NaN.
struct TuningTrial {
  std::uint64_t point = 0;  ///< which settings: 0 are those of the command line
  std::uint64_t rung = 0;   ///< how long: the last one is as long as a training of the command line
  std::uint64_t seed = 1;   ///< of the training
  double length = 1;        ///< its part of that whole length
  double gradients = 0;     ///< gradient evaluations that were spent; a loss evaluation counts a third
  double criterion = std::numeric_limits<double>::quiet_NaN();  ///< the larger the better
  double mean = std::numeric_limits<double>::quiet_NaN();       ///< over chips and conditions
  double designed = std::numeric_limits<double>::quiet_NaN();   ///< as the training itself sees validation
  std::vector<std::string> values = {};  ///< of each option that is searched, in their order
  std::vector<double> chips = {};        ///< [chip] mean over conditions
};

/// A search. The numbers of its trials are scores of the task (network/task.hpp), or losses with their sign
/// turned where the loss is the score.
struct Tuning {
  std::string network, dataset;  ///< a description in one line each
  network::Task task = network::Task::classify;
  std::string criterion;             ///< "quantile=5"
  std::vector<std::string> options;  ///< names of what is searched
  std::vector<std::string> ranges;   ///< of each, as the command line says it: "0.001:0.03:log"
  std::vector<Axis> axes;            ///< conditions under which every chip was evaluated, may be none
  std::size_t chips = 0, images = 0;
  std::vector<TuningTrial> trials;  ///< in the order of rung, point and seed
};

/// What is known of one point: its trainings of the greatest length.
struct Standing {
  std::uint64_t point = 0, rung = 0;
  double length = 1;
  std::size_t trainings = 0;  ///< with different seeds
  double criterion = 0;       ///< mean over them; NaN if one has none
  double error = 0;           ///< standard error of that mean; NaN of one training
  double mean = 0, designed = 0;
  std::size_t best = 0;  ///< number of the best of them in the record
};

/// All points, the best first: those that were trained longest, then those with most seeds, then by the
/// criterion, the mean and the number of the point.
std::vector<Standing> standings(const Tuning& tuning);

/// The gradient evaluations of all trainings.
double gradients_of(const Tuning& tuning);

}  // namespace pnn::study
