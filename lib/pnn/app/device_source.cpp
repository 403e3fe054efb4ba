#include "pnn/app/device_source.hpp"

#include "pnn/app/process_settings.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/study/control_units.hpp"

namespace pnn::app {

std::string device_help(const std::string& what) {
  return what +
         ": a file (pnn-fabricate), or exec:COMMAND, a driver of a bench (\"exec:pnn-device chips.h5\" is "
         "one of virtual chips)";
}

void describe_driver(Options& o, device::DriverSettings& settings, const std::string& where) {
  o.group("Bench");
  settings.describe(o);
  for (const char* name : {"device-timeout", "device-retries", "device-grace"}) {
    o.find(name)->idle = [&where] {
      return device::is_driver(where) ? "" : "it is about a driver, and the device is none (exec:COMMAND)";
    };
  }
  o.find("slew")->idle = [&where] { return where.empty() ? "it is about a device, and none is named" : ""; };
}

DeviceSource::DeviceSource(const std::string& where, const device::DriverSettings& settings,
                           const std::string& role, const network::NetworkSpec& expected,
                           const platform::Process& design, cli::Context& context)
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

std::unique_ptr<device::Device> DeviceSource::open(std::size_t number) const {
  if (driver_) return driver_->open(number, network::resolve(network_, process_).plans(), conversions_);
  return device::guarded(device::make_virtual_device(file_->value.set, number), settings_.guard, tally_.get(),
                         stop_);
}

void DeviceSource::account(cli::Context& context) const {
  const std::uint64_t clipped = tally_->clipped + (driver_ ? driver_->clipped() : 0);
  if (clipped > 0)
    context.warn("--limits: " + std::to_string(clipped) + " controls were held at an end of their range");
  if (driver_ && driver_->retries() > 0) context.account("questions asked again", driver_->retries());
}

void DeviceSource::start(const std::string& where, const std::string& role,
                         const network::NetworkSpec& expected, const platform::Process& design,
                         cli::Context& context) {
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
  network_ = network::resolve(network_, process_).spec;
  numbers_ = offer.devices;
  const std::vector<platform::AnyPlan> plans = network::resolve(network_, process_).plans();
  std::vector<std::string> notes;
  conversions_ = study::control_conversions(offer, plans, process_, notes);
  for (const std::string& note : notes) context.progress().say(where + ": " + note);
  const std::vector<std::string> wrong = device::misfits(offer, plans, conversions_);
  if (!wrong.empty()) throw InputError(where + ": not the hardware of this network: " + join(wrong, "; "));
}

}  // namespace pnn::app
