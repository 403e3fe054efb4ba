#include "pnn/device/driver.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/connection.hpp"
#include "pnn/device/driven_device.hpp"

namespace pnn::device {

constexpr std::string_view driver_prefix = "exec:";

bool is_driver(const std::string& device) {
  return device.starts_with(driver_prefix);
}

std::string driver_command(const std::string& device) {
  require(is_driver(device), "a driver is named by its command");
  return device.substr(driver_prefix.size());
}

void DriverSettings::describe(Options& o) {
  o.number("device-timeout", timeout_s, "S", "time that a driver has for an answer (s)", Limits::positive())
      .role = Option::Role::transport;
  o.integer(
       "device-retries", retries, "N",
       "how often a driver is asked again that fails, answers nonsense or does not answer; it is started "
       "anew where that is needed",
       Limits::between(0, 1000))
      .role = Option::Role::transport;
  o.number("device-grace", grace_s, "S",
           "time that a driver has to bring its device to the safe state: for its answer to bye, and from "
           "SIGTERM to SIGKILL where it does not end (s)",
           Limits::positive())
      .role = Option::Role::transport;
  guard.describe(o);
}

Driver::Driver(std::string command, DriverSettings settings, DriverHooks hooks)
    : connection_(std::make_unique<Connection>(std::move(command), std::move(settings), std::move(hooks))) {}

Driver::~Driver() = default;

const Offer& Driver::offer() const {
  return connection_->offer();
}

std::uint64_t Driver::retries() const {
  return connection_->retries();
}

std::unique_ptr<Device> Driver::open(std::size_t number, std::vector<platform::AnyPlan> plans,
                                     std::vector<ControlConversion> conversions) {
  const std::vector<std::size_t> devices = offer().devices;
  if (number == 0 && devices.size() == 1) number = devices.front();
  if (std::find(devices.begin(), devices.end(), number) == devices.end()) {
    throw UsageError("--index: the driver has " + std::to_string(devices.size()) + " device(s), from " +
                     std::to_string(devices.front()) + " to " + std::to_string(devices.back()) + "; found " +
                     std::to_string(number));
  }
  if (const std::vector<std::string> wrong = misfits(offer(), plans, conversions); !wrong.empty())
    throw InputError("the driver " + offer().name +
                     " is not the hardware of this network: " + join(wrong, "; "));
  return open_driven(*connection_, number, std::move(plans), std::move(conversions), tally_);
}

}  // namespace pnn::device
