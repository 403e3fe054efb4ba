// Virtual devices: sampling them from a fabrication process, and running them without revealing their ground
// truth.
#pragma once

#include <memory>

#include "pnn/core/random.hpp"
#include "pnn/device/device.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platform/truth.hpp"

namespace pnn::device {

/// The ground truth of one chip, one row for each device.
struct ChipTruth {
  std::string key;                  ///< platform::LayerPlan::chip_key()
  std::vector<std::string> layers;  ///< names of the physical layers that run on this chip
  std::uint16_t stream = 0;         ///< number of the chip in its device: addresses its random samples
  std::vector<Array<double>>
      fields;  ///< [device, element] each, in the order of platform::Platform::truth_fields()
  /// The values of one device.
  [[nodiscard]] platform::Truth of(std::size_t device) const;
};

/// `count` devices for one network, sampled from one fabrication process.
struct DeviceSet {
  std::vector<platform::AnyPlan> plans;  ///< in network order
  platform::Process process;
  std::size_t count = 1;
  std::uint64_t seed = 1;  ///< of the samples; also addresses read-out noise, jitter and temperature walk
  std::vector<ChipTruth> chips;
  /// Which random numbers the chips are made of. Files hold those of fabrication alone.
  Purpose purpose = Purpose::fabrication;
};

/// Samples `count` devices from the process variation. Device k does not depend on `count`. Devices of one
/// purpose are never those of another, whatever the seeds: no random number has both addresses.
DeviceSet fabricate(std::vector<platform::AnyPlan> plans, const platform::Process& process, std::size_t count,
                    std::uint64_t seed, Purpose purpose = Purpose::fabrication);

/// Device number `index` of the set, with all its imperfections: crosstalk, DAC rounding, temperature, noise.
std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index);
/// The same device as another fabrication process would have made it. Its random numbers have the same
/// addresses, so that every deviation is the same standard normal number times another spread; read-out noise
/// and temperature keep their addresses too. With the set's own process it is the device of the set, to the
/// bit. `process` must have passed check_process, and its layers must be planned as those of the set are.
std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index,
                                            const platform::Process& process);

}  // namespace pnn::device
