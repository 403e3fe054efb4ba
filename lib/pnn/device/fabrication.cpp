// Drawing the hidden values of virtual chips.
#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/virtual_device.hpp"

namespace pnn::device {

namespace {

ChipTruth fabricate_chip(const platform::BankPlan& plan, const platform::MrrProcess& process,
                         std::size_t count, std::uint64_t seed, std::uint16_t stream) {
  ChipTruth chip;
  chip.key = plan.chip_key();
  chip.stream = stream;
  const auto rings = std::size_t(plan.rings());
  for (auto* values :
       {&chip.delta_nm, &chip.eta_nm_per_mw, &chip.resistance_ohm, &chip.beta_per_ma2, &chip.r, &chip.a}) {
    *values = Array<double>({count, rings});
  }
  for (std::size_t k = 0; k < count; ++k) {
    const platform::RingParameters drawn = platform::draw_rings(
        process, plan.rings(), seed, int(Purpose::fabrication), stream, std::uint32_t(k), 0);
    const auto keep = [&](Array<double>& to, const std::vector<double>& from) {
      std::copy(from.begin(), from.end(), to.slice(k).begin());
    };
    keep(chip.delta_nm, drawn.delta_nm);
    keep(chip.eta_nm_per_mw, drawn.eta_nm_per_mw);
    keep(chip.resistance_ohm, drawn.resistance_ohm);
    keep(chip.beta_per_ma2, drawn.beta_per_ma2);
    keep(chip.r, drawn.r);
    keep(chip.a, drawn.a);
  }
  return chip;
}

}  // namespace

DeviceSet fabricate(std::vector<platform::BankPlan> plans, const platform::MrrProcess& process,
                    std::size_t count, std::uint64_t seed) {
  const std::vector<std::string> wrong = platform::check_process(process);
  if (!wrong.empty()) throw UsageError("process: " + join(wrong, "; "));
  if (count < 1) throw UsageError("expected at least one device to fabricate");
  DeviceSet set;
  set.plans = std::move(plans);
  set.process = process;
  set.count = count;
  set.seed = seed;
  for (const platform::BankPlan& plan : set.plans) {
    const auto known = std::find_if(set.chips.begin(), set.chips.end(),
                                    [&](const ChipTruth& chip) { return chip.key == plan.chip_key(); });
    if (known != set.chips.end()) {
      known->layers.push_back(plan.name);
      continue;
    }
    set.chips.push_back(fabricate_chip(plan, process, count, seed, std::uint16_t(set.chips.size())));
    set.chips.back().layers.push_back(plan.name);
  }
  return set;
}

}  // namespace pnn::device
