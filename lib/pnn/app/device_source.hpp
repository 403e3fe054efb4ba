// Where do the devices of a command line come from: a file of virtual chips, or exec:COMMAND, a driver of a
// bench?
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/device/process_device.hpp"
#include "pnn/io/records.hpp"

namespace pnn::app {

/// The help of an option that takes a device: `what` it is for, and the two forms that it takes.
std::string device_help(const std::string& what);

/// The options of a driver, under a heading of their own.
void describe_driver(Options& o, device::DriverSettings& settings);

/// The devices behind one option of the command line.
class DeviceSource {
 public:
  /// Opens what `where` names, registers it as the parent of that role, and finds out which hardware it is.
  /// `expected`: the network that it has to be of, with the design of its chip; a driver that knows neither
  /// of its own takes these. Throws UsageError where nobody knows the network, InputError where it is another
  /// one.
  DeviceSource(const std::string& where, const device::DriverSettings& settings, const std::string& role,
               const network::NetworkSpec& expected, const platform::Process& design, cli::Context& context);

  [[nodiscard]] const network::NetworkSpec& network() const { return network_; }
  [[nodiscard]] const platform::Process& process() const { return process_; }
  /// Numbers of its devices.
  [[nodiscard]] const std::vector<std::size_t>& numbers() const { return numbers_; }
  /// The virtual chips of a file; null behind a driver.
  [[nodiscard]] const device::DeviceSet* set() const { return file_ ? &file_->value.set : nullptr; }
  /// Whether the outputs of every layer are read.
  [[nodiscard]] bool reads_states() const { return !driver_ || driver_->offer().states; }
  /// Whether conditions can be imposed at all.
  [[nodiscard]] bool takes_conditions() const { return !driver_ || !driver_->offer().conditions.empty(); }
  [[nodiscard]] const device::GuardSettings& guard() const { return settings_.guard; }
  [[nodiscard]] device::GuardTally* tally() const { return tally_.get(); }

  /// A device behind its guard. Behind a driver there is one at a time.
  [[nodiscard]] std::unique_ptr<device::Device> open(std::size_t number) const;

  /// Tells what the guard and the driver had to do.
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
};

}  // namespace pnn::app
