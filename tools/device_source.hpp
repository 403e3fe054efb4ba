// Where a command line's devices come from: a file of virtual chips, or exec:COMMAND, a driver of a bench.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/driver.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/records.hpp"
#include "tools/common.hpp"

namespace pnn::tools {

/// What an option that takes a device says of it.
inline std::string device_help(const std::string& what) {
  return what +
         ": a file (pnn-fabricate), or exec:COMMAND, a driver of a bench (\"exec:pnn-device chips.h5\" is "
         "one of virtual chips)";
}

inline void describe_driver(Options& o, device::DriverSettings& settings) {
  o.group("Bench");
  settings.describe(o);
}

class DeviceSource {
 public:
  /// Opens what `where` names, registers it as the parent of that role, and finds out which hardware it is.
  /// `expected`: the network that it has to be of, with the design of its chip; a driver that knows neither
  /// of its own takes these. Throws UsageError where nobody knows the network, InputError where it is another
  /// one.
  DeviceSource(const std::string& where, const device::DriverSettings& settings, const std::string& role,
               const network::NetworkSpec& expected, const platform::Process& design, cli::Context& context)
      : settings_(settings),
        tally_(std::make_unique<device::GuardTally>()),
        stop_([&progress = context.progress()] { return progress.stop_requested(); }) {
    if (device::is_driver(where)) {
      start(where, role, expected, design, context);
    } else {
      file_ = io::read_device(where);
      context.parent(role, file_->filetype, file_->hash, file_->header);
      network_ = file_->value.network;
      process_ = file_->value.set.process;
      for (std::size_t k = 0; k < file_->value.set.count; ++k) numbers_.push_back(k);
    }
    if (!expected.empty() && !(network_ == expected)) {
      throw InputError(where + ": made for another network (" + network_.to_string() + ") than " +
                       expected.to_string());
    }
  }

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
  [[nodiscard]] std::unique_ptr<device::Device> open(std::size_t number) const {
    if (driver_) return driver_->open(number, tools::resolve(network_, process_).plans());
    return device::guarded(device::make_virtual_device(file_->value.set, number), settings_.guard,
                           tally_.get(), stop_);
  }

  /// Tells what the guard and the driver had to do.
  void account(cli::Context& context) const {
    const std::uint64_t clipped = tally_->clipped + (driver_ ? driver_->clipped() : 0);
    if (clipped > 0)
      context.warn("--limits: " + std::to_string(clipped) + " controls were held at an end of their range");
    if (driver_ && driver_->retries() > 0) context.account("questions asked again", driver_->retries());
  }

 private:
  void start(const std::string& where, const std::string& role, const network::NetworkSpec& expected,
             const platform::Process& design, cli::Context& context) {
    driver_ = std::make_unique<device::Driver>(
        device::driver_command(where), settings_,
        device::DriverHooks{stop_, [&context](const std::string& line) { context.warn(line); }});
    const device::Offer& offer = driver_->offer();
    if (offer.hash.empty()) {
      Provenance bench;
      bench.creator = offer.name;
      bench.command = "instruments " + join(offer.instruments, ", ");
      context.parent(role, offer.filetype, io::text_hash(device::identity_of(offer)), bench);
    } else {
      context.parent(role, offer.filetype, offer.hash, offer.origin);
    }
    process_ = design;
    for (const auto& [name, value] : offer.process) platform::set_process_value(process_, name + "=" + value);
    // of a file of chips the network is known to the letter; a bench is the hardware of any that fits it
    const bool bench = offer.hash.empty() && !expected.empty();
    network_ = bench || offer.network.empty() ? expected : network::NetworkSpec{offer.inputs, offer.network};
    if (network_.empty())
      throw UsageError(where +
                       ": the driver does not say which network its layers belong to; name a model of it "
                       "with --design (pnn-fit --model nominal --inputs … --layer … makes one)");
    network_ = tools::resolve(network_, process_).spec;
    numbers_ = offer.devices;
    const std::vector<std::string> wrong = device::misfits(offer, tools::resolve(network_, process_).plans());
    if (!wrong.empty()) throw InputError(where + ": not the hardware of this network: " + join(wrong, "; "));
  }

  device::DriverSettings settings_;
  std::unique_ptr<device::GuardTally> tally_;
  std::function<bool()> stop_;
  std::optional<io::Read<io::DeviceFile>> file_;
  std::unique_ptr<device::Driver> driver_;
  network::NetworkSpec network_;
  platform::Process process_;
  std::vector<std::size_t> numbers_;
};

}  // namespace pnn::tools
