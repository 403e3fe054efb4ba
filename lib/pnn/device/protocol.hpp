// The driver protocol, for both of its ends: how a bench describes itself, and the form of the messages.
//
// A program asks and a driver answers, one message at a time. A message is a line of JSON; "id" counts the
// questions and is repeated in the answer. A message may have one array of floats (row-major, IEEE 754, 32
// bit, little-endian):
// `"array": {"shape": [10, 784], "base64": "…"}`, or, if both sides support it,
// `"array": {"shape": [10, 784], "raw": 31360}`, followed by that many bytes after the line's end.
//
//   question                                                    answer
//   {"id":1,"do":"hello","versions":[1,1],"arrays":["raw","base64"],"device":0}
//                                                               an Offer (below)
//   {"id":2,"do":"set","layer":0,"array":…}                     {"id":2}
//   {"id":3,"do":"run","layer":0,"array":…}                     {"id":3,"array":…}
//   {"id":4,"do":"read","sensor":"temperature"}                 {"id":4,"value":22.03}
//   {"id":5,"do":"impose","conditions":{"temperature_c":23}}    {"id":5}
//   {"id":6,"do":"wait","seconds":0.5}                          {"id":6}
//   {"id":7,"do":"safe"}                                        {"id":7}
//   {"id":8,"do":"bye"}                                         {"id":8}, and the driver ends
//
// hello: "device" is missing in a first hello, which only asks which devices there are. set: the array holds
// the controls of the layer. run: inputs [batch, in], outputs [batch, out], where a row of N complex
// amplitudes is N real parts, then N imaginary parts; to a driver with a virtual clock it may also say
// "first":512, the number of the first sample, which then addresses the read-out noise instead of the time of
// the call. impose: only conditions that the driver offers. wait: only to a driver
// with a virtual clock.
//
// Instead of an answer a driver may say `"error": "…"`, a text. With `"kind": "usage"` asking again is
// useless; with any other kind, or none, the question is asked again. An answer is at most 1 MiB besides its
// array (8 MiB for hello), and nests at most thirty brackets. Counts are whole numbers from 0, numbers are
// finite, and a reading is at most 1e30. The range of a control contains more than one 32-bit float, and
// controls are sent within it.
//
// A driver brings every control to its safe value before it answers hello, safe and bye, at the end of its
// input, and on SIGTERM. After bye, or after a violation of the protocol, its input ends; two seconds later
// what is left of it receives SIGTERM, and --device-grace (10 s) later SIGKILL. SIGTERM may arrive while the
// driver is already on its way to the safe values; it then continues. No other driver is started, and no tool
// ends, before every program that the driver started has ended, including those in other process groups.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pnn/core/provenance.hpp"
#include "pnn/device/device.hpp"

namespace pnn::device {

constexpr int oldest_protocol = 1, newest_protocol = 1;

/// One layer as a driver describes it.
struct LayerOffer {
  std::string name;  ///< name of the layer
  std::string
      unit;  ///< unit of its controls: that of the port ("mA", "rad", "1"), or one that converts to it
  Index inputs = 0, outputs = 0, controls = 0;
  double lower = 0, upper = 0;  ///< range of a control
  double safe = 0;              ///< safe value of every control, within the range
};

/// How a driver describes itself and the hardware that it drives.
struct Offer {
  int version = newest_protocol;
  std::string name;                      ///< program and version
  std::vector<std::string> instruments;  ///< as they identify themselves, including serial numbers
  std::vector<std::size_t> devices;      ///< numbers of the devices that it can drive (one at a time)
  std::vector<LayerOffer> layers;
  std::vector<std::string>
      sensors;  ///< sensors that can be read; without "temperature" (°C) that of curves is assumed
  std::vector<std::string> conditions;  ///< conditions that can be imposed (condition_keys)
  bool clock = false;                   ///< whether the clock is virtual: wait and impose move it at once
  bool states = true;  ///< whether the outputs of every layer can be read, or only those of the last
  /// The network that the layers belong to, in the form of --inputs and --layer; empty if the driver does not
  /// know it.
  std::string inputs;
  std::vector<std::string> network;
  std::map<std::string, std::string>
      process;  ///< design values that the driver knows: name → value as --set takes it
  std::string filetype = "driver", hash;  ///< of the file that it serves; "driver" and empty for a bench
  Provenance origin;                      ///< header of that file
};

/// A text that identifies this driver and its instruments, by which a file recognises the bench that it
/// belongs to.
std::string identity_of(const Offer& offer);

/// The names of the conditions in `impose`: all members of Conditions except the clock and the number of the
/// sample.
const std::vector<std::string>& condition_keys();

/// Describes layers with these ports.
std::vector<LayerOffer> layer_offers(const std::vector<LayerPort>& ports);

/// How controls of a layer, in the unit of its port, become those of a driver, in the unit that it offers.
/// Both functions grow with their argument; they are empty where the units are the same.
struct ControlConversion {
  std::function<double(double)> to_driver, from_driver;
};

/// All differences between an offer and the hardware of these plans, each as a clause of a sentence; empty if
/// it fits. `conversions` has one for each layer, or none at all.
std::vector<std::string> misfits(const Offer& offer, const std::vector<platform::AnyPlan>& plans,
                                 const std::vector<ControlConversion>& conversions);

}  // namespace pnn::device
