#include "pnn/study/recorder.hpp"

#include <numeric>
#include <utility>

#include "pnn/core/errors.hpp"

namespace pnn::study {

Recorder::Recorder(model::ReadingLog known, std::function<void(const model::ReadingLog&)> save,
                   double save_every_s)
    : log_(std::move(known)), save_(std::move(save)), pace_(save_every_s) {}

std::uint64_t Recorder::calls() const {
  return std::accumulate(log_.calls.begin(), log_.calls.end(), std::uint64_t{0});
}

Recorder::Group Recorder::next_group(std::size_t count) {
  if (log_.group.at(groups_) != count || readings_ + count > log_.mean.size())
    throw InputError("--resume: the readings are those of another measurement");
  Group group;
  for (std::size_t k = 0; k < count; ++k, ++readings_)
    group.readings.push_back({log_.mean[readings_], log_.error[readings_]});
  group.calls = log_.calls[groups_++];
  return group;
}

void Recorder::add(const Group& group) {
  for (const Reading& reading : group.readings) {
    log_.mean.push_back(reading.mean);
    log_.error.push_back(reading.error);
  }
  log_.group.push_back(group.readings.size());
  log_.calls.push_back(group.calls);
  groups_ = log_.group.size();
  readings_ = log_.mean.size();
  if (save_) pace_.keep([&] { save_(log_); });
}

void Recorder::add_temperature(double temperature_c) {
  log_.temperature_c.push_back(temperature_c);
  temperatures_ = log_.temperature_c.size();
}

}  // namespace pnn::study
