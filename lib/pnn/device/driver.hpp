// Devices behind a driver: a separate program that speaks the driver protocol (protocol.hpp). It controls the
// instruments of a bench, or it is pnn-device, which serves virtual devices.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/device/device.hpp"
#include "pnn/device/guard.hpp"
#include "pnn/device/protocol.hpp"

namespace pnn::device {

/// How patient this program is with a driver, and what the device's owner allows.
struct DriverSettings {
  double timeout_s = 30;  ///< time for one answer
  int retries = 2;        ///< further attempts at one question after the first
  double grace_s = 10;    ///< time from SIGTERM to SIGKILL, and for the last answers
  GuardSettings guard;
  void describe(Options& options);  ///< --device-timeout, -retries, -grace, --limits, --slew
};

/// Whether `device` has the form "exec:COMMAND", and that command.
bool is_driver(const std::string& device);
std::string driver_command(const std::string& device);

/// Callbacks to the program that uses a driver.
struct DriverHooks {
  std::function<bool()>
      stop_requested;  ///< once it returns true, an answer is awaited two more seconds at most
  std::function<void(const std::string&)> notice;  ///< receives one line for each fault that is retried
};

class Connection;

/// A running driver. Its devices are opened one at a time.
///
/// A question is asked again if the answer is an error, has numbers of another shape, or has numbers that are
/// no readings (numbers.hpp). A driver that is gone, late, or violates the protocol is ended and, when
/// nothing of it is left, started anew. It then receives the conditions and the controls that it had (in
/// steps of the guard's slew from its safe values), the settling time after the last change is waited for
/// again, and the question is repeated. A virtual clock is set back to the call that failed, so that the
/// answers are those of a run without faults. After the last attempt the device throws DeviceError;
/// Interrupted if the program wants to stop; RunError if a driver cannot be ended, or if different hardware
/// answers after the restart.
///
/// When a device is destroyed it is sent to its safe values, in steps if there is a slew limit. A driver that
/// does not answer any more is ended instead; on SIGTERM it makes its device safe itself.
class Driver {
 public:
  /// Starts `command` and asks what hardware it drives. Throws UsageError if there is no such program, if it
  /// never answers as a driver does, or if it speaks another version of the protocol.
  Driver(std::string command, DriverSettings settings, DriverHooks hooks = {});
  /// Sends the device to its safe values and ends the driver.
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// The hardware that the driver said it drives.
  [[nodiscard]] const Offer& offer() const;
  /// Number of questions that have been asked again so far.
  [[nodiscard]] std::uint64_t retries() const;
  /// Number of controls that were commanded outside the limits and therefore clipped.
  [[nodiscard]] std::uint64_t clipped() const { return tally_.clipped; }

  /// Opens the device of this number behind a guard, with all controls at their safe values. If the driver
  /// has a single device, 0 means that one whatever its number is. The device that was opened before must
  /// have been destroyed. Throws UsageError if the driver has no such device, and InputError, naming all
  /// differences, if its layers are not those of `plans`, the hardware that a network needs. `conversions`:
  /// of the controls of each layer, for a driver with units of its own; its ranges hold in its own unit.
  std::unique_ptr<Device> open(std::size_t number, std::vector<platform::AnyPlan> plans,
                               std::vector<ControlConversion> conversions = {});

 private:
  GuardTally tally_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace pnn::device
