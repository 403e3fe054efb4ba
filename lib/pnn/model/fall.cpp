#include "pnn/model/fall.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/text.hpp"

namespace pnn::model {

using platform::ChipModel;

Fall::Value Fall::at(double power_mw) const {
  if (shape == FallShape::none) return {};
  if (shape == FallShape::linear) return {1 - per_mw * power_mw, -power_mw};
  const double left = std::exp(-per_mw * power_mw);
  return {left, -power_mw * left};
}

bool demands_fall(const Quality& without, double rms_without, const Quality& with, const Fall& fall,
                  double largest_power_mw, double range) {
  const double part = 1 - fall.at(largest_power_mw).left;
  return stands_out(without, rms_without, range) && std::abs(fall.per_mw) > 5 * fall.sigma &&
         std::abs(part) > 0.01 && part < 0.9 && with.chi_square - 1 < 0.25 * (without.chi_square - 1);
}

bool tells_shapes(double rms, double other_rms, Index samples) {
  return double(samples) * std::abs(std::log(rms / other_rms)) > 4.5;
}

std::string text_of_fall(const Fall& fall, double largest_power_mw) {
  const double part = 1 - fall.at(largest_power_mw).left;
  return std::string("its light ") + (part > 0 ? "falls" : "rises") + " by " +
         format_short(100 * std::abs(fall.per_mw), 2) + " % a mW of its heat (" +
         format_short(100 * std::abs(part), 2) +
         " % over the range): fitted beside the rest, and left out of the model";
}

void prepare_falls(ChipModel& chip) {
  chip.more["fall"] = chip.more["fall_sigma"] = chip.more["fall_linear"] =
      Array<double>({chip.values.dim(0), chip.elements.size()});
}

void store_fall(const Fall& fall, std::size_t at, ChipModel& chip) {
  chip.more.at("fall").data[at] = fall.per_mw;
  chip.more.at("fall_sigma").data[at] = fall.sigma;
  chip.more.at("fall_linear").data[at] = fall.shape == FallShape::linear ? 1 : 0;
}

void finish_falls(ChipModel& chip) {
  const std::vector<double>& falls = chip.more.at("fall").data;
  if (std::any_of(falls.begin(), falls.end(), [](double fall) { return fall != 0; })) return;
  for (const char* name : {"fall", "fall_sigma", "fall_linear"}) chip.more.erase(name);
}

Fall fall_of(const ChipModel& chip, std::size_t device, std::size_t element) {
  const auto falls = chip.more.find("fall"), linear = chip.more.find("fall_linear");
  if (falls == chip.more.end() || linear == chip.more.end()) return {};
  const double per_mw = falls->second.slice(device)[element];
  if (per_mw == 0) return {};
  return {linear->second.slice(device)[element] > 0 ? FallShape::linear : FallShape::exponential, per_mw, 0};
}

}  // namespace pnn::model
