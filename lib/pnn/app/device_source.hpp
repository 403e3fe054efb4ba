// The devices of a command line: from a file of virtual devices, or behind exec:COMMAND, the driver of a
// bench.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/device/driver.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {

/// The help of an option that takes a device: `what` it is for, and the two forms of its value.
std::string device_help(const std::string& what);

/// Declares the options of a bench, under a heading of their own. `where` is what names the device, empty if
/// nothing does: those of a driver act on nothing without one.
void describe_driver(Options& o, device::DriverSettings& settings, const std::string& where);

/// The devices that one option of the command line names.
class DeviceSource {
 public:
  /// Opens what `where` names, registers it as the parent of this role, and determines which hardware it is.
  /// `expected`: the network that it must have, with the `design` of its chips; a driver that does not tell
  /// its own uses these. Throws UsageError if the network is unknown, InputError if it is another one.
  DeviceSource(const std::string& where, const device::DriverSettings& settings, const std::string& role,
               const network::NetworkSpec& expected, const platform::Process& design, cli::Context& context);

  [[nodiscard]] const network::NetworkSpec& network() const { return network_; }
  [[nodiscard]] const platform::Process& process() const { return process_; }
  /// Numbers of the devices.
  [[nodiscard]] const std::vector<std::size_t>& numbers() const { return numbers_; }
  /// The virtual devices of a file; null for a driver.
  [[nodiscard]] const device::DeviceSet* set() const { return file_ ? &file_->value.set : nullptr; }
  /// Whether the outputs of every layer can be read.
  [[nodiscard]] bool reads_states() const { return !driver_ || driver_->offer().states; }
  /// Whether any condition can be imposed.
  [[nodiscard]] bool takes_conditions() const { return !driver_ || !driver_->offer().conditions.empty(); }
  [[nodiscard]] const device::GuardSettings& guard() const { return settings_.guard; }
  [[nodiscard]] device::GuardTally* tally() const { return tally_.get(); }

  /// Opens a device behind its guard. A driver can have one device open at a time.
  [[nodiscard]] std::unique_ptr<device::Device> open(std::size_t number) const;

  /// Reports clipped controls and repeated questions.
  void account(cli::Context& context) const;

 private:
  void start(const std::string& where, const std::string& role, const network::NetworkSpec& expected,
             const platform::Process& design, cli::Context& context);

  device::DriverSettings settings_;
  std::unique_ptr<device::GuardTally> tally_;
  std::function<bool()> stop_;
  std::optional<io::Read<io::DeviceFile>> file_;
  std::unique_ptr<device::Driver> driver_;
  network::NetworkSpec network_;
  platform::Process process_;
  std::vector<std::size_t> numbers_;
  std::vector<device::ControlConversion> conversions_;  ///< of a driver with units of its own
};

}  // namespace pnn::app
