// The driver protocol, once for both of its ends: what a bench says of itself, and the form of messages.
//
// A program asks, a driver answers, one message at a time: a line of JSON, "id" counting the questions and
// repeated in the answer. A message may have one array of floats (row-major, IEEE 754, 32 bit,
// little-endian):
// `"array": {"shape": [10, 784], "base64": "…"}`, or, where both sides know the form,
// `"array": {"shape": [10, 784], "raw": 31360}` and so many bytes behind the line's end.
//
//   {"id":1,"do":"hello","versions":[1,1],"arrays":["raw","base64"],"device":0}   an Offer; "device" is
//   missing
//                                                               in a first question of what there is
//   {"id":2,"do":"set","layer":0,"array":…}                     {"id":2}          [controls]
//   {"id":3,"do":"run","layer":0,"array":…}                     {"id":3,"array":…}   [batch, in] → [batch,
//   out]
//                                                               of a virtual clock also "first":512, the
//                                                               number of the first sample: its noise
//                                                               belongs to that, not to the time of the call
//   {"id":4,"do":"read","sensor":"temperature"}                 {"id":4,"value":22.03}
//   {"id":5,"do":"impose","conditions":{"temperature_c":23}}    {"id":5}          where they are offered
//   {"id":6,"do":"wait","seconds":0.5}                          {"id":6}          of a virtual clock alone
//   {"id":7,"do":"safe"}                                        {"id":7}
//   {"id":8,"do":"bye"}                                         {"id":8}, and the driver ends
//
// Instead of its answer a driver says `"error": "…"`, a text, with `"kind": "usage"` where asking again is no
// use; any other kind, or none, is asked again. An answer is at most 1 MiB beside its array (8 MiB for
// hello), and nests at most thirty brackets deep. Counts are whole numbers from 0, numbers are finite; a
// reading is at most 1e30. The range of a control holds more than one number of 32 bits, and controls are
// sent within it.
//
// After hello, safe and bye, at the end of its input and on SIGTERM, a driver has every control at its safe
// value. After bye, or where it does not keep to this, its input ends; two seconds later what is left of it
// gets SIGTERM, and --device-grace (10 s) later SIGKILL. SIGTERM may come while it is already on its way to
// the safe values, which it then goes on with. No other driver is started, and no tool ends, before every
// process is gone that it started, those in other process groups included.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pnn/core/provenance.hpp"
#include "pnn/device/device.hpp"

namespace pnn::device {

constexpr int oldest_protocol = 1, newest_protocol = 1;

/// One layer as a driver offers it.
struct LayerOffer {
  std::string name;  ///< "mrr1"
  std::string unit;  ///< of its controls: "mA", "rad", "1"
  Index inputs = 0, outputs = 0, controls = 0;
  double lower = 0, upper = 0;  ///< range of a control
  double safe = 0;              ///< of every control, within the range
};

/// What a driver says of itself and of what it drives.
struct Offer {
  int version = newest_protocol;
  std::string name;                      ///< program and version
  std::vector<std::string> instruments;  ///< as they name themselves, serial numbers included
  std::vector<std::size_t> devices;      ///< numbers of the devices that it can drive, one at a time
  std::vector<LayerOffer> layers;
  std::vector<std::string> sensors;  ///< that can be read; "temperature" (°C) is asked for where it is there
  std::vector<std::string> conditions;  ///< that can be imposed: see condition_keys
  bool clock = false;                   ///< virtual: wait and impose move it, and nobody has to sit it out
  bool states = true;  ///< whether the outputs of every layer are read; else of the last alone
  /// The network that the layers are part of, as --inputs and --layer say it; empty if the driver does not
  /// know.
  std::string inputs;
  std::vector<std::string> network;
  std::map<std::string, std::string> process;  ///< design values that it knows: "mrr.kappa" → "0.07"
  std::string filetype = "driver", hash;       ///< of the file that it serves; "driver" and empty on a bench
  Provenance origin;                           ///< header of that file
};

/// What tells this driver and its instruments from others: by it a file knows a bench again.
std::string identity_of(const Offer& offer);

/// Names under which `impose` takes what Conditions hold, apart from the clock and the draws.
const std::vector<std::string>& condition_keys();

/// The layers of an offer for these ports.
std::vector<LayerOffer> layer_offers(const std::vector<LayerPort>& ports);

/// Everything in which an offer is not the hardware of these plans, as clauses of a sentence.
std::vector<std::string> misfits(const Offer& offer, const std::vector<platform::LayerPlan>& plans);

}  // namespace pnn::device
