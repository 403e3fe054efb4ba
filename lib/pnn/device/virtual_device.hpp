// Virtual chips: fabrication, and a device that hides what was fabricated.
#pragma once

#include <memory>

#include "pnn/device/device.hpp"
#include "pnn/platform/truth.hpp"

namespace pnn::device {

/// The hidden values of one chip (of one spatial bank, of one mesh), a row a device.
struct ChipTruth {
  std::string key;                    ///< platform::LayerPlan::chip_key()
  std::vector<std::string> layers;    ///< physical layers that run on it
  std::uint16_t stream = 0;           ///< number of the chip in its set: addresses its draws
  std::vector<Array<double>> fields;  ///< [device, element] each, in the order of platform::truth_fields
  /// Those of one device.
  [[nodiscard]] platform::Truth of(std::size_t device) const;
};

/// M devices of one network and process.
struct DeviceSet {
  std::vector<platform::LayerPlan> plans;  ///< in network order
  platform::Process process;
  std::size_t count = 1;
  std::uint64_t seed = 1;  ///< also addresses read-out noise, jitter and walk
  std::vector<ChipTruth> chips;
};

/// Draws `count` devices. Device k of a set does not depend on `count`.
DeviceSet fabricate(std::vector<platform::LayerPlan> plans, const platform::Process& process,
                    std::size_t count, std::uint64_t seed);

/// Device `index` of the set, with everything real in it: all crosstalk, DAC rounding, temperature, noise.
std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index);
/// That device as another process would have made it: drawn from the same addresses, so that every deviation
/// is the same standard normal number times another spread; read-out noise and temperature keep their
/// addresses too. With the set's own process it is the device of the set, to the bit. `process` has passed
/// check_process, and has the chip of the set (mrr.chip.rows, mrr.chip.cols), on which its layers are laid
/// out.
std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index,
                                            const platform::Process& process);

}  // namespace pnn::device
