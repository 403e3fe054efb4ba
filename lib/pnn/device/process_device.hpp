// A device behind a driver: a program of its own that speaks the driver protocol (protocol.hpp), for a bench
// with instruments, or pnn-device for a virtual chip.
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

struct DriverSettings {
  double timeout_s = 30;  ///< for one answer
  int retries = 2;        ///< of one question, after the first attempt
  double grace_s = 10;    ///< from SIGTERM to SIGKILL, and for its last answers
  GuardSettings guard;
  void describe(Options& options);  ///< --device-timeout, -retries, -grace, --limits, --slew
};

/// Whether a device is named by a command ("exec:COMMAND"), and that command.
bool is_driver(const std::string& device);
std::string driver_command(const std::string& device);

/// What a driver's owner is told and asked meanwhile.
struct DriverHooks {
  std::function<bool()> stop_requested;            ///< an answer is then waited for two more seconds at most
  std::function<void(const std::string&)> notice;  ///< one line for each fault that is retried
};

/// A running driver. Its devices are opened one at a time.
///
/// A question that is answered by an error, by numbers of another shape or by numbers that are no readings
/// (numbers.hpp) is asked again. Where the driver is gone, late, or does not keep to the form, it is ended,
/// and when nothing of it is left, started anew; it then gets the conditions and the controls that it had (in
/// steps of the guard's slew from its safe values), time passes again as after the last change, and the
/// question is repeated. A virtual clock is set back to the call that failed, so that the answers are
/// those of a run without faults. After the last attempt, DeviceError; where the owner wants to stop,
/// Interrupted; RunError where a driver cannot be ended, or another one comes up in its place.
///
/// A device that is given back goes to its safe state, with a slew limit in steps of it, while the driver
/// answers; a driver that does not is ended, which is for it to make safe.
class Driver {
 public:
  /// Starts `command` and asks what it drives. Throws UsageError where there is no such program, where it
  /// never answers as a driver does, or it speaks another version of the protocol.
  Driver(std::string command, DriverSettings settings, DriverHooks hooks = {});
  /// Device to its safe state, driver to its end.
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  [[nodiscard]] const Offer& offer() const;
  /// Questions that were asked again so far.
  [[nodiscard]] std::uint64_t retries() const;
  /// Controls that were asked for beyond the limits.
  [[nodiscard]] std::uint64_t held() const { return tally_.held; }

  /// The device of this number behind a guard, all its controls at their safe values. A driver of a single
  /// device takes 0 for it, whatever its number. The device that was opened before must be gone. Throws
  /// UsageError where the driver has no such device, and InputError, naming all differences, where its layers
  /// are not those of `plans`, the hardware that a network asks for.
  std::unique_ptr<Device> open(std::size_t number, std::vector<platform::LayerPlan> plans);

 private:
  class Connection;
  class ProcessDevice;
  DriverSettings settings_;
  GuardTally tally_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace pnn::device
