// Which settings of a training a search tries: ranges or lists of values for options, and points in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/train/settings.hpp"

namespace pnn::study {

/// What a search varies: an option of trainings with its range, or with the values that it may have.
struct Searched {
  enum class Kind { number, integer, value };
  std::string name;   ///< "lr"
  std::string range;  ///< "0.001:0.03:log", "bp,sat"
  Kind kind = Kind::number;
  double low = 0, high = 0;  ///< ends of a range, which both belong to it
  bool logarithmic = false;
  std::vector<std::string> values = {};  ///< of a list

  /// The value at a number in [0, 1), as the option reads it: of a range with four digits, of a logarithmic
  /// one uniform in the logarithm, of a list one of its values, each as often.
  [[nodiscard]] std::string at(double uniform) const;
};

/// Parses "NAME=LOW:HIGH", "NAME=LOW:HIGH:log" or "NAME=a,b,c". Throws UsageError, naming the nearest option,
/// for what is no option of trainings, cannot be searched (how long a training is, what it is called, what it
/// learns, lists and texts), or takes other values.
Searched parse_searched(const std::string& text);
/// The same of several, each another option.
std::vector<Searched> parse_search(const std::vector<std::string>& texts);

/// One value for each option that is searched; none: those of the command line.
using SearchPoint = std::vector<std::string>;
/// `count` points, the first of them those of the command line. The others are the first of Sobol's sequence
/// (I. M. Sobol, USSR Comput. Math. Math. Phys. 7, 86, 1967, with the direction numbers of Boost.Random),
/// whose bits an addressed random number of each option inverts (digital shift): of 2^m of them, and of 2^m
/// that follow a multiple of 2^m, each 2^m-th part of every range has one, and a search of more points, or
/// the next bracket, fills the gaps.
std::vector<SearchPoint> search_points(const std::vector<Searched>& searched, std::size_t count,
                                       std::uint64_t seed);

/// The settings of a point. An option that acts on nothing beside the others of its point (a radius of a
/// method without an ascent) keeps the value of `base`, and `point` then says that one. Throws UsageError
/// where settings contradict each other.
train::TrainSettings settings_at(const train::TrainSettings& base, const std::vector<Searched>& searched,
                                 SearchPoint& point);

/// The options whose values differ from the defaults, as a command line gives them.
std::vector<std::string> command_words(const train::TrainSettings& settings);

}  // namespace pnn::study
