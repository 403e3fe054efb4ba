// Virtual chips: fabrication, and a device that hides what was fabricated.
#pragma once

#include <memory>

#include "pnn/device/device.hpp"
#include "pnn/platform/bank.hpp"

namespace pnn::device {

/// The hidden values of one chip (or of one spatial bank), a row a device.
struct ChipTruth {
  std::string key;                  ///< platform::BankPlan::chip_key()
  std::vector<std::string> layers;  ///< physical layers that run on it
  std::uint16_t stream = 0;         ///< number of the chip in its set: addresses its draws
  Array<double> delta_nm, eta_nm_per_mw, resistance_ohm, beta_per_ma2, r, a;  ///< [device, ring]
};

/// M devices of one network and process.
struct DeviceSet {
  std::vector<platform::BankPlan> plans;  ///< in network order
  platform::MrrProcess process;
  std::size_t count = 1;
  std::uint64_t seed = 1;  ///< also addresses read-out noise, jitter and walk
  std::vector<ChipTruth> chips;
};

/// Draws `count` devices. Device k of a set does not depend on `count`.
DeviceSet fabricate(std::vector<platform::BankPlan> plans, const platform::MrrProcess& process,
                    std::size_t count, std::uint64_t seed);

/// Device `index` of the set, with everything real in it: all crosstalk, DAC rounding, temperature, noise.
std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index);

}  // namespace pnn::device
