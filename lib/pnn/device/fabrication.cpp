// Samples the ground truth of virtual devices from the process variation.
#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/virtual_device.hpp"

namespace pnn::device {

namespace {

ChipTruth fabricate_chip(const platform::LayerPlan& plan, const platform::Process& process, std::size_t count,
                         std::uint64_t seed, Purpose purpose, std::uint16_t stream) {
  ChipTruth chip;
  chip.key = plan.chip_key();
  chip.stream = stream;
  // devices that readers would refuse are not made
  constexpr std::size_t largest = std::size_t{64} << 30, bytes = sizeof(double);
  for (const std::size_t size : plan.truth_sizes()) {
    if (size > 0 && count > largest / bytes / size)
      throw UsageError("--count " + std::to_string(count) + ": at " + std::to_string(size) +
                       " hidden values of " + chip.key + " each, more than 64 GiB; at most " +
                       std::to_string(largest / bytes / size) + " go into one file");
  }
  std::size_t numbers = 0;
  for (const std::size_t size : plan.truth_sizes()) numbers += count * size;
  require_memory(numbers * bytes, "the hidden values of " + chip.key);
  // filled while the devices are sampled: clearing gigabytes first takes long and does not notice signals
  for (const std::size_t size : plan.truth_sizes()) {
    Array<double>& field = chip.fields.emplace_back();
    field.shape = {count, size};
    field.data.reserve(count * size);
  }
  for (std::size_t k = 0; k < count; ++k) {
    stop_if_asked();
    const platform::Truth drawn = plan.draw_truth(process, {seed, int(purpose), stream, std::uint32_t(k), 0});
    for (std::size_t field = 0; field < drawn.size(); ++field) {
      require(drawn[field].size() == chip.fields[field].shape[1],
              "fabricate: hidden values as many as named");
      std::vector<double>& data = chip.fields[field].data;
      data.insert(data.end(), drawn[field].begin(), drawn[field].end());
    }
  }
  return chip;
}

}  // namespace

platform::Truth ChipTruth::of(std::size_t device) const {
  platform::Truth truth;
  for (const Array<double>& field : fields) {
    const auto row = field.slice(device);
    truth.emplace_back(row.begin(), row.end());
  }
  return truth;
}

DeviceSet fabricate(std::vector<platform::AnyPlan> plans, const platform::Process& process, std::size_t count,
                    std::uint64_t seed, Purpose purpose) {
  const std::vector<std::string> wrong = check_process(process);
  if (!wrong.empty()) throw UsageError("process: " + join(wrong, "; "));
  const std::vector<std::string> unfit = platform::check_layers(plans, process);
  if (!unfit.empty()) throw UsageError(join(unfit, "; "));
  if (count < 1) throw UsageError("expected at least one device to fabricate");
  DeviceSet set;
  set.plans = std::move(plans);
  set.process = process;
  set.count = count;
  set.seed = seed;
  set.purpose = purpose;
  for (const platform::LayerPlan& plan : set.plans) {
    const auto known = std::find_if(set.chips.begin(), set.chips.end(),
                                    [&](const ChipTruth& chip) { return chip.key == plan.chip_key(); });
    if (known != set.chips.end()) {
      known->layers.push_back(plan.name());
      continue;
    }
    set.chips.push_back(fabricate_chip(plan, process, count, seed, purpose, std::uint16_t(set.chips.size())));
    set.chips.back().layers.push_back(plan.name());
  }
  return set;
}

}  // namespace pnn::device
