#include "pnn/platforms/pcm/age.hpp"

#include <cmath>

namespace pnn::platforms::pcm {

SystemParameter age_parameter() {
  SystemParameter parameter;
  parameter.name = "age";
  parameter.unit = "s";
  parameter.description = "time since cells were programmed, over which their amorphous part drifts";
  parameter.min = 0;
  parameter.max = 1e10;
  parameter.hint = "in s: a day is 86400, a year 3.2e7";
  parameter.into_system = [](double seconds) { return std::log10(1 + seconds); };
  parameter.out_of_system = [](double decades) { return std::pow(10.0, decades) - 1; };
  return parameter;
}

const SystemParameter& age() {
  static const SystemParameter& registered = system_parameter("age");
  return registered;
}

}  // namespace pnn::platforms::pcm
